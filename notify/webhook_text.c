/* webhook_text - the sentence of a webhook, as chat programs take it */
#include "notify/webhook_text.h"

#include "base/time.h"
#include "ledger/case_id.h"

enum { CHAT_MAX = 64 * 1024 };

bool
webhook_format_parse(struct str s, enum webhook_format *out)
{
	static const char *const names[] = {
#define WEBHOOK_FORMAT(id, name) name,
#include "notify/webhook_formats.def"
#undef WEBHOOK_FORMAT
	};

	for (int i = 0; i < WEBHOOK_FORMATS; i++) {
		if (!str_is(s, str_from(names[i])))
			continue;
		*out = (enum webhook_format)i;
		return true;
	}
	return false;
}

/* Its file is an incident's, no case's. */
static bool
is_of_incident(const struct event *e)
{
	return strcmp(e->kind, "incident") == 0;
}

void
webhook_case(const struct event *e, char id[16])
{
	bool is_opened =
	    e->type == EVENT_SANCTION && !e->is_observed &&
	    strcmp(e->kind, "account") == 0 &&
	    (strcmp(e->rung, "held") == 0 || strcmp(e->rung, "suspended") == 0);

	id[0] = '\0';
	if (is_of_incident(e))
		return;
	if (*e->file || is_opened)
		case_id(*e->file ? e->file : e->cause, id);
}

void
webhook_sentence(const struct event *e, struct text *out)
{
	char id[16];

	if (e->type != EVENT_SANCTION)
		text_printf(out, "%s: ", event_type_text(e->type));
	if (*e->kind && strcmp(e->kind, "account") != 0)
		text_printf(out, "%s:", e->kind);
	text_printable(out, str_from(*e->subject ? e->subject : e->rule));
	if (*e->rung) {
		text_char(out, ' ');
		text_printable(out, str_from(e->rung));
	}
	text_add(out, e->is_observed ? " (observed)" : "");
	if (*e->reason) {
		text_add(out, ": ");
		text_printable(out, str_from(e->reason));
	}
	if (e->until != 0 && e->until != TIME_NEVER) {
		text_add(out, " (until ");
		time_rfc3339(out, e->until);
		text_char(out, ')');
	}
	if (*e->by && strcmp(e->by, "outpost") != 0) {
		text_add(out, " [");
		text_printable(out, str_from(e->by));
		text_char(out, ']');
	}
	webhook_case(e, id);
	if (*id)
		text_printf(out, " (case %s)", id);
	if (is_of_incident(e) && *e->file) {
		case_id(e->file, id);
		text_printf(out, " (incident %s)", id);
	}
}

/* docs.slack.dev, "Formatting message text": & < > are escaped; mentions and
 * links stand in < >. */
static void
escape_slack(struct str s, struct text *out)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '&')
			text_add(out, "&amp;");
		else if (s.p[i] == '<')
			text_add(out, "&lt;");
		else if (s.p[i] == '>')
			text_add(out, "&gt;");
		else
			text_char(out, s.p[i]);
	}
}

/* Markdown: marks get a backslash; behind an @ that begins a word stands a
 * zero-width space, so that it names nobody. */
static void
escape_markdown(struct str s, struct text *out)
{
	bool is_inside = false; /* a word */

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c && strchr("\\`*_{}[]()<>#|~!", c))
			text_char(out, '\\');
		text_char(out, c);
		if (c == '@' && !is_inside)
			text_add(out, "\xe2\x80\x8b");
		is_inside = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		is_inside |= c >= '0' && c <= '9';
	}
}

/* A card, since a message of words alone is refused by workflows. */
static void
print_teams(struct json_out *j, struct str words)
{
	json_str(j, "type", STR("message"));
	json_open_array(j, "attachments");
	json_open(j, NULL);
	json_str(
	    j, "contentType", STR("application/vnd.microsoft.card.adaptive"));
	json_open(j, "content");
	json_str(j, "$schema",
	    STR("http://adaptivecards.io/schemas/adaptive-card.json"));
	json_str(j, "type", STR("AdaptiveCard"));
	json_str(j, "version", STR("1.4"));
	json_open_array(j, "body");
	json_open(j, NULL);
	json_str(j, "type", STR("TextBlock"));
	json_str(j, "text", words);
	json_bool(j, "wrap", true);
	json_close(j);
	json_close_array(j);
	json_close(j);
	json_close(j);
	json_close_array(j);
}

void
webhook_chat(enum webhook_format f, struct str sentence, struct text *out)
{
	struct json_out j;
	struct text words;

	text_grow(&words, CHAT_MAX);
	if (f == WEBHOOK_SLACK)
		escape_slack(sentence, &words);
	else
		escape_markdown(sentence, &words);
	json_out_init(&j, out);
	json_open(&j, NULL);
	if (f == WEBHOOK_TEAMS)
		print_teams(&j, text_view(&words));
	else
		json_str(&j, "text", text_view(&words));
	if (f == WEBHOOK_MATTERMOST)
		json_str(&j, "username", STR("Outpost"));
	json_close(&j);
	text_done(&words);
}
