/* letter - the mail that an account's owner gets */
#include "notify/letter.h"

#include "base/json.h"
#include "base/time.h"

bool
letter_is_due(const struct event *e)
{
	if (e->type == EVENT_DIGEST)
		return true;
	if (e->is_observed || strcmp(e->kind, "account") != 0)
		return false;
	if (e->type != EVENT_SANCTION && e->type != EVENT_LIFT &&
	    e->type != EVENT_EXPIRE && e->type != EVENT_UNDONE)
		return false;
	return strcmp(e->rung, "suspended") == 0;
}

bool
letter_is_address(struct str s)
{
	ptrdiff_t at = str_find_char(s, '@');

	if (at <= 0 || (size_t)at + 1 >= s.n || s.n > 254)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c >= 127 || strchr("<>()[]\\,;:\"", c))
			return false;
		if (c == '@' && i != (size_t)at)
			return false;
	}
	return true;
}

bool
letter_address(
    const struct notify_settings *s, const struct event *e, struct text *out)
{
	struct str to = str_from(s->letter_to);

	if (e->type == EVENT_DIGEST)
		to = str_from(*s->desk_to ? s->desk_to : s->letter_from);
	ptrdiff_t at = str_find(to, STR("%a"));

	if (at < 0) {
		text_str(out, to);
	} else {
		text_str(out, str_head(to, (size_t)at));
		text_add(out, e->subject);
		text_str(out, str_skip(to, (size_t)at + 2));
	}
	return !out->is_cut && letter_is_address(text_view(out));
}

static void line(struct text *out, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
line(struct text *out, const char *fmt, ...)
{
	char buf[1024];
	struct text t;
	va_list ap;

	text_init(&t, buf, sizeof(buf));
	va_start(ap, fmt);
	text_vprintf(&t, fmt, ap);
	va_end(ap);
	text_printable(out, text_view(&t));
	text_add(out, "\r\n");
}

static const char *
subject_of(const struct event *e)
{
	switch (e->type) {
	case EVENT_SANCTION:
		return "Sending from your mailbox was stopped";
	case EVENT_DIGEST:
		return strcmp(e->how, "trial") == 0
			   ? "Rules on trial: who would have been stopped"
			   : "Outpost observes: who would have been stopped";
	case EVENT_UNDONE:
		return "Our mistake: sending from your mailbox was stopped";
	default:
		return "Sending from your mailbox works again";
	}
}

static void
write_header(const struct notify_settings *s, const struct event *e,
    const char *to, int64_t now, struct text *out)
{
	char id[EVENT_ID], date[64];
	struct text t;
	struct str domain = str_from(s->letter_from);

	event_id(e, id);
	text_init(&t, date, sizeof(date));
	time_rfc5322(&t, now);
	str_cut(&domain, '@', &(struct str){0});
	line(out, "From: %s", s->letter_from);
	line(out, "To: %s", to);
	line(out, "Subject: %s", subject_of(e));
	line(out, "Date: %s", date);
	line(out, "Message-ID: <outpost-%s@%.*s>", id, STR_ARG(domain));
	line(out, "Auto-Submitted: auto-generated");
	line(out, "X-Auto-Response-Suppress: All");
	line(out, "MIME-Version: 1.0");
	line(out, "Content-Type: text/plain; charset=utf-8");
	line(out, "Content-Transfer-Encoding: 8bit");
	text_add(out, "\r\n");
}

/* Where the next line ends: before a space, else before a character. */
static size_t
line_end(struct str s)
{
	size_t n = 72;

	while (n > 0 && s.p[n] != ' ')
		n--;
	if (n > 0)
		return n;
	for (n = 72; n > 60 && ((unsigned char)s.p[n] & 0xc0) == 0x80;)
		n--;
	return n;
}

/* Words at spaces, at most 72 bytes a line. */
static void
paragraph(struct text *out, const char *words)
{
	struct str rest = str_trim(str_from(words));

	while (rest.n > 72) {
		size_t n = line_end(rest);

		line(out, "%.*s", (int)n, rest.p);
		rest = str_trim(str_skip(rest, n));
	}
	line(out, "%.*s", STR_ARG(rest));
	text_add(out, "\r\n");
}

static void
write_stop(
    const struct notify_settings *s, const struct event *e, struct text *out)
{
	char words[1024], when[64];
	struct text t;

	text_init(&t, when, sizeof(when));
	time_local_text(&t, e->at_us / TIME_US);
	text_init(&t, words, sizeof(words));
	text_printf(&t, "On %s we stopped the sending of mail from %s.", when,
	    e->subject);
	paragraph(out, words);
	paragraph(out,
	    "What still works: you receive mail, and you can read all of it.");
	text_init(&t, words, sizeof(words));
	text_printf(&t, "The reason: %s.", e->reason);
	paragraph(out, words);
	paragraph(out,
	    "If you sent these messages yourself, tell us what they were and "
	    "to whom they went. If you did not, somebody else knows your "
	    "password: change it now, and on every device that sends mail "
	    "for you.");
	text_init(&t, words, sizeof(words));
	if (e->until == TIME_NEVER) {
		text_add(&t, "Sending stays stopped until we have heard "
			     "from you.");
	} else {
		text_add(&t, "Sending is stopped until ");
		time_local_text(&t, e->until);
		text_add(&t, ", or earlier when the matter is settled.");
	}
	paragraph(out, words);
	paragraph(out, s->help_text);
}

static void
write_go(
    const struct notify_settings *s, const struct event *e, struct text *out)
{
	char words[1024];
	struct text t;

	text_init(&t, words, sizeof(words));
	text_printf(&t,
	    "You can send mail from %s again. Please try once more what was "
	    "refused in the meantime.",
	    e->subject);
	paragraph(out, words);
	paragraph(out, s->help_text);
}

static void
write_sorry(
    const struct notify_settings *s, const struct event *e, struct text *out)
{
	char words[1024];
	struct text t;

	text_init(&t, words, sizeof(words));
	text_printf(&t,
	    "We wrote to you that the sending of mail from %s was stopped. "
	    "That was a mistake of ours, and we apologise for it.",
	    e->subject);
	paragraph(out, words);
	paragraph(out,
	    "You can send mail again; what had to wait is on its way. "
	    "Please try once more what was refused in the meantime. Nothing of "
	    "this is held against you, and you need not change your password.");
	paragraph(out, s->help_text);
}

/* "  12  rule" */
static void
write_rules(const struct json *rules, struct text *out)
{
	for (size_t i = 0; i < json_count(rules); i++) {
		struct json *rule = json_at(rules, i);

		line(out, "  %6lld  %.*s",
		    (long long)json_number(json_get(rule, "n"), 0),
		    STR_ARG(json_text(json_get(rule, "rule"))));
	}
	text_add(out, "\r\n");
}

static void
write_worst(const struct json *worst, struct text *out)
{
	for (size_t i = 0; i < json_count(worst); i++) {
		struct json *one = json_at(worst, i);
		char words[1024];
		struct text t;

		text_init(&t, words, sizeof(words));
		text_printf(&t, "%.*s, %.*s: %.*s",
		    STR_ARG(json_text(json_get(one, "subject"))),
		    STR_ARG(json_text(json_get(one, "rung"))),
		    STR_ARG(json_text(json_get(one, "reason"))));
		paragraph(out, words);
	}
}

static void
write_digest(const struct event *e, struct text *out)
{
	struct json *doc = json_parse(str_from(e->evidence), NULL);
	bool is_trial = strcmp(e->how, "trial") == 0;
	char words[1024];
	struct text t;

	text_init(&t, words, sizeof(words));
	text_printf(&t,
	    is_trial ? "On %s rules were on trial. Had they been in force, %s."
		     : "On %s Outpost only observed. Had it been enforcing, "
		       "%s.",
	    e->subject, e->reason);
	paragraph(out, words);
	paragraph(out, "By which rule:");
	write_rules(json_get(doc, "rules"), out);
	paragraph(out, "The worst:");
	write_worst(json_get(doc, "worst"), out);
	if (is_trial)
		paragraph(out, "More: outpost trial, outpost show ACCOUNT. "
			       "outpost trial end RULE lets one hold at once; "
			       "when these are the wrong ones, change it.");
	else
		paragraph(out, "More: outpost list, outpost show ACCOUNT. When "
			       "these are the right ones: outpost mode "
			       "enforce. What was observed ends then, and "
			       "counting starts afresh.");
	json_free(&doc);
}

void
letter_write(const struct notify_settings *s, const struct event *e,
    const char *to, int64_t now, struct text *out)
{
	write_header(s, e, to, now, out);
	if (e->type == EVENT_SANCTION)
		write_stop(s, e, out);
	else if (e->type == EVENT_DIGEST)
		write_digest(e, out);
	else if (e->type == EVENT_UNDONE)
		write_sorry(s, e, out);
	else
		write_go(s, e, out);
	line(out, "%s", s->provider);
}
