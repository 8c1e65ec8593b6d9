/* settings - what reputation/ can be told */
#include "reputation/settings.h"

#include <string.h>

#define SETTING SETTING_ROW
#define SETTING_STRUCT reputation_settings

static const struct setting settings[] = {
#include "reputation/settings.def"
};

const struct setting_table reputation_settings_table = {
    "reputation", settings, sizeof(settings) / sizeof(settings[0])};

int
reputation_settings_check(
    const struct reputation_settings *s, struct error *err)
{
	const char *colon = strchr(s->slow_transport, ':');

	if (s->pause_for > s->pause_max)
		return error_set(err, "pause_for is longer than pause_max");
	if (!colon || colon == s->slow_transport ||
	    strpbrk(s->slow_transport, " \t\r\n"))
		return error_set(err,
		    "slow_transport: \"%s\" isn't TRANSPORT:[NEXTHOP]",
		    s->slow_transport);
	return dnsbl_settings_check(s, err);
}
