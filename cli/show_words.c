/* show_words - times, sizes and events as `outpost show` says them */
#include "base/time.h"
#include "cli/show_draw.h"

struct str
show_text(const struct json *v, const char *key)
{
	return json_text(json_get(v, key));
}

int64_t
show_number(const struct json *v, const char *key)
{
	return json_number(json_get(v, key), 0);
}

int64_t
show_time(const struct json *v, const char *key)
{
	int64_t at_us;

	return time_parse_rfc3339(show_text(v, key), &at_us) ? at_us / TIME_US
							     : 0;
}

void
show_day(struct text *out, int64_t at)
{
	struct civil c = time_to_local(at);

	text_printf(out, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day,
	    c.hour, c.minute);
}

static bool
is_today(const struct civil *c, int64_t now)
{
	struct civil today = time_to_local(now);

	return c->day == today.day && c->month == today.month &&
	       c->year == today.year;
}

void
show_when(struct text *out, int64_t at, int64_t now)
{
	struct civil c = time_to_local(at);

	if (is_today(&c, now))
		text_printf(out, "%02d:%02d", c.hour, c.minute);
	else
		show_day(out, at);
}

void
show_about(struct text *out, int64_t at, int64_t now)
{
	struct civil c = time_to_local(at);

	if (is_today(&c, now))
		text_printf(out, "%02d:%02d", c.hour, c.minute);
	else
		text_printf(out, "%04d-%02d-%02d", c.year, c.month, c.day);
}

void
show_bytes(struct text *out, int64_t n)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB"};
	size_t unit = 0;

	if (n < 1000) {
		text_printf(out, "%lld bytes", (long long)n);
		return;
	}
	while (n >= 1000000 && unit < 3) {
		n /= 1000;
		unit++;
	}
	text_printf(out, n < 10000 ? "%lld.%lld %s" : "%lld%.0lld %s",
	    (long long)(n / 1000), (long long)(n < 10000 ? n % 1000 / 100 : 0),
	    units[unit]);
}

static const struct {
	const char *type, *rung, *words;
} words[] = {
    {"sanction", "watched", "watched"},
    {"sanction", "throttled", "throttled"},
    {"sanction", "held", "held"},
    {"sanction", "suspended", "suspended"},
    {"lift", NULL, "lifted"},
    {"expire", NULL, "ended by itself"},
    {"exempt", NULL, "exempted"},
    {"unexempt", NULL, "exempt no more"},
    {"limit", NULL, "own limit set"},
    {"unlimit", NULL, "own limit taken back"},
    {"warning", NULL, "warned"},
};

void
show_event(const struct json *event, struct text *out)
{
	struct str type = show_text(event, "type");
	struct str rung = show_text(event, "rung");
	struct str reason = show_text(event, "reason");
	struct str by = show_text(event, "by");
	const char *word = NULL;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && !word; i++) {
		if (str_is(type, str_from(words[i].type)) &&
		    (!words[i].rung || str_is(rung, str_from(words[i].rung))))
			word = words[i].words;
	}
	if (str_is(show_text(event, "how"), STR("trial")))
		text_add(out, "on trial: ");
	else if (json_is_true(json_get(event, "is_observed")))
		text_add(out, "observed: ");
	if (word)
		text_add(out, word);
	else
		text_str(out, type);
	if (!str_is(type, STR("expire")) && by.n > 0)
		text_printf(out, " by %.*s", STR_ARG(by));
	if (reason.n > 0 && !str_is(type, STR("expire")))
		text_printf(out, ": %.*s", STR_ARG(reason));
	else if (str_is(type, STR("expire")) && rung.n > 0)
		text_printf(out, " (%.*s)", STR_ARG(rung));
}
