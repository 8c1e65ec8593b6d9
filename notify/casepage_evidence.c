/* casepage_evidence - the owner's page: chart, messages and networks */
#include <stdlib.h>

#include "base/time.h"
#include "notify/casepage_fields.h"

enum {
	CHART_WIDTH = 600,
	CHART_HEIGHT = 120,
	GAP = 2,
	ADDRESS = 400,
	MESSAGES_SHOWN = 8,
	BARS_LEAST = 15,
	CLOCK = 16,
};

static struct str
number(int64_t n, char buf[24])
{
	struct text t;

	text_init(&t, buf, 24);
	text_i64(&t, n);
	return text_view(&t);
}

static struct str
clock_of(int64_t at, char buf[CLOCK])
{
	struct civil c = time_to_local(at);
	struct text t;

	text_init(&t, buf, CLOCK);
	text_printf(&t, "%02d:%02d", c.hour, c.minute);
	return text_view(&t);
}

/* The first bar that isn't empty: what stands before it is no story. */
static size_t
first_bar(const struct case_file *f)
{
	size_t i = 0;

	while (i < f->n_bars && f->bars[i] == 0)
		i++;
	if (i == f->n_bars)
		return i;
	/* One bar alone shows nothing. */
	if (f->n_bars - i < BARS_LEAST)
		i = f->n_bars > BARS_LEAST ? f->n_bars - BARS_LEAST : 0;
	return i;
}

static void
put_bar(struct template_data *d, const struct case_file *f, size_t first,
    size_t i, int64_t most)
{
	size_t width = CHART_WIDTH / (f->n_bars - first);
	struct template_data *bar = template_add_item(d, "bars");
	int64_t height = f->bars[i] * CHART_HEIGHT / most;

	if (f->bars[i] > 0 && height < 2)
		height = 2; /* few is not none */
	template_printf(bar, "x", "%zu", (i - first) * width);
	template_printf(bar, "y", "%lld", (long long)(CHART_HEIGHT - height));
	template_printf(bar, "height", "%lld", (long long)height);
}

static void
put_chart(
    const struct words *w, const struct case_file *f, struct template_data *d)
{
	size_t first = first_bar(f);
	int64_t most = 1, seconds = f->bar_seconds > 0 ? f->bar_seconds : 60;
	char from[CLOCK], to[CLOCK], top[24], alt[400], at[CLOCK], count[24];
	struct text t;

	if (first >= f->n_bars)
		return;
	for (size_t i = first; i < f->n_bars; i++)
		most = f->bars[i] > most ? f->bars[i] : most;
	int64_t begin = f->bars_end - (int64_t)(f->n_bars - first) * seconds;

	for (size_t i = first; i < f->n_bars; i++) {
		put_bar(d, f, first, i, most);
		if (f->bars[i] == 0)
			continue;
		struct template_data *row = template_add_item(d, "rows");

		template_put(row, "time",
		    clock_of(begin + (int64_t)(i - first) * seconds, at));
		template_put(row, "count", number(f->bars[i], count));
	}
	const struct words_filler v[] = {{'f', clock_of(begin, from)},
	    {'t', clock_of(f->bars_end, to)}, {'n', number(most, top)}};

	text_init(&t, alt, sizeof(alt));
	words_fill(casepage_word(w, "chart_alt"), v, 3, &t);
	template_put_flag(d, "has_chart", true);
	template_put(d, "chart_alt", text_view(&t));
	template_put(d, "chart_from", v[0].value);
	template_put(d, "chart_to", v[1].value);
	template_put(d, "chart_most", v[2].value);
	template_printf(d, "bar_width", "%zu",
	    CHART_WIDTH / (f->n_bars - first) > GAP * 2
		? CHART_WIDTH / (f->n_bars - first) - GAP
		: (size_t)1);
}

/* Its first letter, and its domain. */
static void
print_masked(struct str address, struct text *out)
{
	ptrdiff_t at = str_find_last(address, STR("@"));
	struct str local = at < 0 ? address : str_head(address, (size_t)at);
	uint32_t rune;
	size_t n = str_utf8(local, &rune);

	text_str(out, str_head(local, n));
	text_add(out, "\u2026");
	if (at >= 0)
		text_str(out, str_skip(address, (size_t)at));
}

/* Many look alike once they are masked: the first stands for them. */
static bool
is_among(char (*v)[ADDRESS], size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (strcmp(v[k], v[i]) == 0)
			return true;
	}
	return false;
}

static void
put_recipients(const struct words *w, const struct case_message *m,
    struct template_data *d)
{
	char masked[CASE_NAMED][ADDRESS], buf[ADDRESS], left[24];
	int64_t more = m->recipients;
	struct text t;

	for (size_t i = 0; i < m->n_to; i++) {
		text_init(&t, masked[i], sizeof(masked[i]));
		print_masked(str_from(m->to[i]), &t);
		if (is_among(masked, i))
			continue;
		more--;
		template_put(
		    template_add_item(d, "recipients"), "text", text_view(&t));
	}
	if (more <= 0)
		return;
	const struct words_filler v[] = {{'n', number(more, left)}};

	text_init(&t, buf, sizeof(buf));
	words_fill(
	    casepage_word(w, m->n_to ? "more" : "recipients_n"), v, 1, &t);
	template_put(d, "more", text_view(&t));
}

/* The network of an address; as it is, when it is none. */
static void
put_network(struct template_data *d, const char *client)
{
	char buf[64];
	struct text t;
	struct ip ip;

	text_init(&t, buf, sizeof(buf));
	if (ip_parse(str_from(client), &ip)) {
		struct ip_net net = ip_network(&ip);

		ip_net_format(&t, &net);
	}
	template_put(d, "network", text_view(&t));
}

static void
put_country(const struct words *w, struct template_data *d, const char *code,
    const char *name)
{
	char buf[128];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (*code)
		words_country(w, str_from(code), str_from(name), &t);
	template_put(d, "country", text_view(&t));
}

static void
put_message(const struct words *w, const struct case_message *m,
    struct template_data *d)
{
	struct template_data *item = template_add_item(d, "messages");
	char date[CASEPAGE_DATE];

	template_put(item, "sent", casepage_date(w, m->at, date));
	template_put(item, "subject", str_from(m->subject));
	put_recipients(w, m, item);
	put_network(item, m->client);
	put_country(w, item, m->country, m->country_name);
}

static void
put_networks(
    const struct words *w, const struct case_file *f, struct template_data *d)
{
	char date[CASEPAGE_DATE];

	for (size_t i = 0; i < f->n_networks; i++) {
		const struct case_network *n = &f->networks[i];

		if (!n->is_in_evidence)
			continue;
		struct template_data *item = template_add_item(d, "networks");

		template_put_flag(d, "has_networks", true);
		template_put(item, "network", str_from(n->text));
		put_country(w, item, n->country, n->country_name);
		if (n->first_seen > 0)
			template_put(item, "first",
			    casepage_date(w,
				n->first_seen > f->head.began ? n->first_seen
							      : f->head.began,
				date));
		if (n->last_seen > 0)
			template_put(
			    item, "last", casepage_date(w, n->last_seen, date));
	}
}

/* A limit and a signal may have seen the same. */
static bool
is_told(const struct case_file *f, size_t i)
{
	const struct case_reason *r = &f->reasons[i];

	for (size_t k = 0; k < i; k++) {
		const struct case_reason *other = &f->reasons[k];

		if (other->window == r->window && other->value == r->value &&
		    strcmp(other->count, r->count) == 0)
			return true;
	}
	return false;
}

/* What was counted, in words; not what would have been too few to notice. */
static void
put_reason(
    const struct words *w, const struct case_reason *r, struct template_data *d)
{
	char key[64], value[24], window[64], buf[256];
	struct text t;

	text_init(&t, key, sizeof(key));
	text_printf(&t, "count.%s", r->count);
	struct str count = template_set_word(w->set, w->language, key);

	if (r->is_warning || r->window <= 0 || count.n == 0)
		return;
	text_init(&t, window, sizeof(window));
	words_window(w, r->window, &t);
	const struct words_filler v[] = {
	    {'v', number(r->value, value)}, {'c', count}, {'t', text_view(&t)}};

	text_init(&t, buf, sizeof(buf));
	words_fill(casepage_word(w, "reason_is"), v, 3, &t);
	template_put(template_add_item(d, "reasons"), "text", text_view(&t));
	template_put_flag(d, "has_reasons", true);
}

void
casepage_evidence(
    const struct words *w, const struct case_file *f, struct template_data *d)
{
	char began[CASEPAGE_DATE], n[24], buf[400];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (f->head.began > 0 && f->head.recipients > 0) {
		const struct words_filler v[] = {
		    {'d', casepage_date(w, f->head.began, began)},
		    {'n', number(f->head.recipients, n)}};

		words_fill(casepage_word(w, "happened_text"), v, 2, &t);
	}
	template_put(d, "happened", text_view(&t));
	template_put_flag(d, "is_early", f->n_messages == 0 && f->n_bars == 0);
	for (size_t i = 0; i < f->n_reasons; i++) {
		if (!is_told(f, i))
			put_reason(w, &f->reasons[i], d);
	}
	put_chart(w, f, d);
	for (size_t i = 0; i < f->n_messages && i < MESSAGES_SHOWN; i++)
		put_message(w, &f->messages[i], d);
	template_put_flag(d, "has_messages", f->n_messages > 0);
	put_networks(w, f, d);
}
