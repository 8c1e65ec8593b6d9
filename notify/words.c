/* words - dates, countries and reasons in the owner's language */
#include "notify/words.h"

#include <stdio.h>

#include "base/time.h"

void
words_fill(struct str pattern, const struct words_filler *v, size_t n,
    struct text *out)
{
	for (size_t i = 0; i < pattern.n; i++) {
		size_t k = 0;

		if (pattern.p[i] != '%' || i + 1 == pattern.n) {
			text_char(out, pattern.p[i]);
			continue;
		}
		i++;
		while (k < n && v[k].letter != pattern.p[i])
			k++;
		if (k < n)
			text_str(out, v[k].value);
		else
			text_char(out, pattern.p[i]);
	}
}

static struct str
word(const struct words *w, const char *prefix, struct str name)
{
	char key[64];
	struct text t;

	text_init(&t, key, sizeof(key));
	text_add(&t, prefix);
	text_str(&t, name);
	return t.is_cut ? STR("") : template_set_word(w->set, w->language, key);
}

static struct str
number(char buf[24], int64_t n)
{
	struct text t;

	text_init(&t, buf, 24);
	text_i64(&t, n);
	return text_view(&t);
}

void
words_date(const struct words *w, int64_t at, struct text *out)
{
	struct civil c = time_to_local(at);
	char day[24], month[24], year[24], time[48];
	struct str first = word(w, "date.", STR("first"));
	struct str pattern = word(w, "date", STR(""));

	if (pattern.n == 0) {
		time_local_text(out, at);
		return;
	}
	snprintf(time, sizeof(time), "%02d:%02d", c.hour, c.minute);
	const struct words_filler v[] = {{'d', number(day, c.day)},
	    {'m', word(w, "month.", number(month, c.month))},
	    {'Y', number(year, c.year)}, {'t', str_from(time)}};

	words_fill(c.day == 1 && first.n > 0 ? first : pattern, v,
	    sizeof(v) / sizeof(v[0]), out);
}

void
words_window(const struct words *w, int64_t seconds, struct text *out)
{
	static const struct {
		int64_t seconds;
		struct str one, many;
	} units[] = {{86400, STR_INIT("day"), STR_INIT("days")},
	    {3600, STR_INIT("hour"), STR_INIT("hours")},
	    {60, STR_INIT("minute"), STR_INIT("minutes")},
	    {1, STR_INIT("second"), STR_INIT("seconds")}};
	size_t i = 0;
	char buf[24];

	while (seconds % units[i].seconds != 0)
		i++;
	int64_t n = seconds / units[i].seconds;
	const struct words_filler v[] = {{'n', number(buf, n)}};

	words_fill(
	    word(w, "time.", n == 1 ? units[i].one : units[i].many), v, 1, out);
}

void
words_country(const struct words *w, struct str code, struct str otherwise,
    struct text *out)
{
	struct str name = word(w, "country.", code);

	if (name.n == 0)
		name = otherwise.n ? otherwise : code;
	text_str(out, name);
}

void
words_reason(
    const struct words *w, const struct words_reason *r, struct text *out)
{
	static const char *const keys[] = {[WORDS_LIMIT] = "reason.limit",
	    [WORDS_OWN] = "reason.own",
	    [WORDS_NONE] = "reason.none",
	    [WORDS_USUAL] = "reason.usual",
	    [WORDS_OF] = "reason.of",
	    [WORDS_SHARE] = "reason.share",
	    [WORDS_BARE] = "reason.bare"};
	struct str pattern = word(w, keys[r->is], STR(""));
	struct str count = word(w, "count.", r->count);
	char value[24], bound[24], window[64];
	struct text t;

	if (pattern.n == 0 || count.n == 0 || r->window <= 0) {
		text_str(out, r->otherwise);
		return;
	}
	text_init(&t, window, sizeof(window));
	words_window(w, r->window, &t);
	const struct words_filler v[] = {{'v', number(value, r->value)},
	    {'c', count}, {'t', text_view(&t)}, {'b', number(bound, r->bound)}};

	words_fill(pattern, v, sizeof(v) / sizeof(v[0]), out);
}
