/* notify_systemd - what systemd is told (sd_notify(3)); silent elsewhere */
#ifndef DAEMON_NOTIFY_SYSTEMD_H
#define DAEMON_NOTIFY_SYSTEMD_H

#include <stdint.h>

void notify_systemd_ready(void);
/* One line for `systemctl status`. */
void notify_systemd_status(const char *prefix, const char *text);
void notify_systemd_reloading(int64_t mono_us);
void notify_systemd_stopping(void);
void notify_systemd_watchdog(void);
/* How often to say that we live; 0: nobody watches. */
int64_t notify_systemd_watchdog_us(void);

#endif
