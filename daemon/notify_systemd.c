/* notify_systemd - what systemd is told */
#include "daemon/notify_systemd.h"

#include <systemd/sd-daemon.h>

void
notify_systemd_ready(void)
{
	sd_notify(0, "READY=1");
}

void
notify_systemd_status(const char *prefix, const char *text)
{
	sd_notifyf(0, "STATUS=%s%s", prefix, text);
}

void
notify_systemd_reloading(int64_t mono_us)
{
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)mono_us);
}

void
notify_systemd_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

void
notify_systemd_watchdog(void)
{
	sd_notify(0, "WATCHDOG=1");
}

int64_t
notify_systemd_watchdog_us(void)
{
	uint64_t us;

	/* Half of it: sd_watchdog_enabled(3). */
	return sd_watchdog_enabled(0, &us) > 0 ? (int64_t)(us / 2) : 0;
}
