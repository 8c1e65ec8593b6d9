/* export_print - a case as a file that a person reads */
#include "base/time.h"
#include "cli/export_case.h"

static struct str
get(const struct json *v, const char *key)
{
	return json_text(json_get(v, key));
}

static void
print_row(struct text *out, const char *label, struct str value)
{
	if (value.n == 0)
		return;
	text_add(out, label);
	text_pad(out, ' ', strlen(label) < 12 ? 12 - strlen(label) : 1);
	text_printable(out, value);
	text_char(out, '\n');
}

static void
print_head(const struct json *doc, struct text *out)
{
	const struct json *e = json_get(doc, "case");
	struct str observed = json_is_true(json_get(e, "is_observed"))
				  ? STR(" (observed: without effect)")
				  : STR("");

	text_add(out, "Outpost case ");
	text_printable(out, get(doc, "id"));
	text_add(out, "\n\n");
	print_row(out, get(e, "kind").n ? "subject" : "", get(e, "subject"));
	text_printf(out, "imposed     %.*s%.*s\n", STR_ARG(get(e, "rung")),
	    STR_ARG(observed));
	print_row(out, "at", get(e, "time"));
	print_row(out, "until",
	    json_get(e, "until") && get(e, "until").n == 0
		? STR("lifted by an operator")
		: get(e, "until"));
	print_row(out, "by", get(e, "by"));
	print_row(out, "why", get(e, "reason"));
	print_row(out, "case", str_head(get(e, "cause"), 8));
	print_row(out, "host", get(doc, "host"));
	print_row(out, "node", get(doc, "node_name"));
	print_row(out, "judged by", get(e, "node"));
	print_row(out, "outpost", get(doc, "outpost"));
	print_row(out, "postfix", get(doc, "postfix"));
	print_row(out, "exported", get(doc, "exported"));
	text_add(out, "\nOther people's addresses are masked: the same address "
		      "is the same token.\n");
}

static void
print_counts(const struct json *doc, struct text *out)
{
	const struct json *evidence =
	    json_get(json_get(doc, "case"), "evidence");
	const struct json *reasons = json_get(evidence, "reasons");
	const struct json *known = json_get(evidence, "known");

	text_add(out, "\n== What was counted\n\n");
	for (size_t i = 0; i < json_count(reasons); i++) {
		const struct json *r = json_at(reasons, i);

		text_printable(out, get(r, "text"));
		text_printf(out, " (%.*s, %lld points)\n",
		    STR_ARG(get(r, "rule")),
		    (long long)json_number(json_get(r, "points"), 0));
	}
	if (json_count(reasons) == 0)
		text_add(out, "an order, without counts\n");
	print_row(out, "evidence began", get(evidence, "began"));
	for (size_t i = 0; i < json_count(known); i++)
		print_row(
		    out, "network used before", json_text(json_at(known, i)));
}

static void
print_lines(const struct json *lines, const char *before, struct text *out)
{
	for (size_t i = 0; i < json_count(lines); i++) {
		text_add(out, before);
		text_printable(out, json_text(json_at(lines, i)));
		text_char(out, '\n');
	}
}

static void
print_rules(const struct json *doc, struct text *out)
{
	text_printf(out, "\n== The rules then (configuration %.*s)\n\n",
	    STR_ARG(get(doc, "generation")));
	if (!json_is_true(json_get(doc, "is_generation_known")))
		text_add(out, "that configuration is not kept, or may not be "
			      "read (outpost config list)\n");
	print_lines(json_get(doc, "rules"), "", out);
	print_lines(json_get(doc, "on_trial"), "on trial: ", out);
}

static void
print_events(const struct json *doc, struct text *out)
{
	const struct json *events = json_get(doc, "events");
	struct str id = get(doc, "id");

	text_add(out, "\n== What happened before and after\n\n");
	for (size_t i = 0; i < json_count(events); i++) {
		const struct json *e = json_at(events, i);

		text_str(out, str_is(get(e, "id"), id) ? STR("* ") : STR("  "));
		text_printable(out, get(e, "time"));
		text_printf(out,
		    " %.*s %.*s by %.*s: ", STR_ARG(get(e, "type")),
		    STR_ARG(get(e, "rung")), STR_ARG(get(e, "by")));
		text_printable(out, get(e, "reason"));
		text_char(out, '\n');
	}
}

static void
print_log(const struct json *doc, struct text *out)
{
	const struct json *log = json_get(doc, "log");
	const struct json *lines = json_get(log, "lines");
	int64_t left = json_number(json_get(log, "lines_left_out"), 0);

	text_add(out, "\n== The log\n\n");
	if (get(log, "trouble").n > 0) {
		text_printable(out, get(log, "trouble"));
		text_char(out, '\n');
		return;
	}
	text_printf(out,
	    "%lld lines of this host's logs, about %lld messages that the account sent "
	    "from %.*s to %.*s",
	    (long long)json_number(json_get(log, "lines_found"), 0),
	    (long long)json_number(json_get(log, "messages"), 0),
	    STR_ARG(get(log, "from")), STR_ARG(get(log, "to")));
	if (left > 0)
		text_printf(
		    out, "; the first %lld are left out", (long long)left);
	text_add(out, "\n\n");
	for (size_t i = 0; i < json_count(lines); i++) {
		text_printable(out, json_text(json_at(lines, i)));
		text_char(out, '\n');
	}
}

void
export_print(const struct json *doc, struct text *out)
{
	print_head(doc, out);
	print_counts(doc, out);
	print_rules(doc, out);
	print_events(doc, out);
	print_log(doc, out);
}
