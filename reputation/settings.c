/* settings - what reputation/ can be told */
#include "reputation/settings.h"

#include <string.h>

#include "base/sock.h"

#define SETTING SETTING_ROW
#define SETTING_STRUCT reputation_settings

static const struct setting settings[] = {
#include "reputation/settings.def"
};

const struct setting_table reputation_settings_table = {
    "reputation", settings, sizeof(settings) / sizeof(settings[0])};

static bool
is_transport(const char *s)
{
	const char *colon = strchr(s, ':');

	return colon && colon != s && !strpbrk(s, " \t\r\n");
}

int
reputation_settings_check(
    const struct reputation_settings *s, struct error *err)
{
	if (s->pause_for > s->pause_max)
		return error_set(err, "pause_for is longer than pause_max");
	if (*s->lookup_listen && sock_check(s->lookup_listen, err) < 0) {
		error_prefix(err, "lookup_listen");
		return -1;
	}
	if (!is_transport(s->slow_transport))
		return error_set(err,
		    "slow_transport: \"%s\" isn't TRANSPORT:[NEXTHOP]",
		    s->slow_transport);
	if (*s->relay_route && !is_transport(s->relay_route))
		return error_set(err,
		    "relay_route: \"%s\" isn't TRANSPORT:[NEXTHOP]",
		    s->relay_route);
	return dnsbl_settings_check(s, err);
}
