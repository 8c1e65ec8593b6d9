/* explain - a log line as one JSON object */
#include "mta/explain.h"

#include "base/json.h"
#include "base/time.h"
#include "mta/dovecot.h"

/* "12" or "0.25", as JSON writes numbers. */
static bool
is_decimal(struct str s)
{
	struct str whole = s, fraction = STR("0");
	ptrdiff_t point = str_find_char(s, '.');
	uint64_t n;

	if (point >= 0) {
		whole = str_head(s, (size_t)point);
		fraction = str_skip(s, (size_t)point + 1);
	}
	return str_to_u64(whole, &n) && str_to_u64(fraction, &n) &&
	       (whole.n == 1 || whole.p[0] != '0');
}

static void
put_field(struct json_out *j, const struct postfix_line *l, enum line_field f)
{
	const char *key = line_field_text(f);
	struct str v = line_get(l, f);
	uint64_t n;

	switch (line_field_type(f)) {
	case FIELD_IS_NUMBER:
		if (str_to_u64(v, &n) && n <= INT64_MAX) {
			json_i64(j, key, (int64_t)n);
			return;
		}
		break;
	case FIELD_IS_DECIMAL:
		if (is_decimal(v)) {
			json_raw(j, key, v);
			return;
		}
		break;
	case FIELD_IS_TEXT:
		break;
	}
	json_str(j, key, v);
}

static void
put_frame(struct json_out *j, const struct logline *line)
{
	char buf[64];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	time_rfc3339_us(&t, line->at_us);
	json_str(j, "time", text_view(&t));
	if (line->host.n > 0)
		json_str(j, "host", line->host);
	json_str(j, "service", line->tag);
	if (logline_pid(line) > 0)
		json_i64(j, "pid", logline_pid(line));
}

static void
put_foreign(struct json_out *j, const struct logline *line)
{
	char buf[8192];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	dovecot_print_text(&t, line);
	json_str(j, "text", text_view(&t));
}

static void
put_said(struct json_out *j, const struct logline *line)
{
	struct postfix_line l;

	postfix_parse(line, &l);
	json_str(j, "kind", str_from(line_kind_text(l.kind)));
	put_frame(j, line);
	if (l.queue_id.n > 0)
		json_str(j, "queue_id", l.queue_id);
	if (l.repeats > 1)
		json_i64(j, "repeats", l.repeats);
	for (int f = 0; f < LINE_FIELDS; f++)
		if (line_has(&l, (enum line_field)f))
			put_field(j, &l, (enum line_field)f);
	if (l.kind == LINE_FOREIGN)
		put_foreign(j, line);
}

void
explain_line(struct text *t, struct logline_clock *clock, struct str line)
{
	struct json_out j;
	struct logline parsed;

	json_out_init(&j, t);
	json_open(&j, NULL);
	if (logline_parse(clock, line, &parsed)) {
		put_said(&j, &parsed);
	} else {
		json_str(&j, "kind", str_from(line_kind_text(LINE_UNREADABLE)));
		json_str(&j, "text", line);
	}
	json_close(&j);
}
