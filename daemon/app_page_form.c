/* app_page_form - the owner answers: from a form to an event
 *
 * An answer is taken when the form is one that this page gave to this browser
 * (a code over link and cookie), and is told only once it is in the books. The
 * same form sent twice is one answer.
 */
#include <stdlib.h>

#include "base/json.h"
#include "daemon/app_page_parts.h"
#include "daemon/app_state.h"

struct typed {
	char what[CASEPAGE_TEXT * 2], to[CASEPAGE_TEXT * 2],
	    agreed[CASEPAGE_TEXT * 2], form[64], once[64];
	bool is_long;
};

static void
read_field(struct typed *t, struct str body, const char *name, char *out,
    size_t size, size_t max)
{
	struct text field;
	struct str trimmed;

	text_init(&field, out, size);
	http_form(body, str_from(name), &field);
	trimmed = str_trim(text_view(&field));
	t->is_long |= field.is_cut || trimmed.n > max;
	memmove(out, trimmed.p, trimmed.n);
	out[trimmed.n] = '\0';
}

static void
read_form(struct typed *t, struct str body)
{
	t->is_long = false;
	read_field(t, body, "form", t->form, sizeof(t->form), LINK_FORM);
	read_field(t, body, "once", t->once, sizeof(t->once), PAGE_ONCE);
	read_field(t, body, "what", t->what, sizeof(t->what), CASEPAGE_TEXT);
	read_field(t, body, "to", t->to, sizeof(t->to), CASEPAGE_TEXT);
	read_field(
	    t, body, "agreed", t->agreed, sizeof(t->agreed), CASEPAGE_TEXT);
}

/* Browsers say where a form was; one of another site is none of ours. */
static bool
is_ours(struct app_page *p, const struct web_request *r,
    const struct app_page_ask *q, const struct typed *t)
{
	struct str site = http_field(r->head, STR("sec-fetch-site"));

	return !q->is_new_cookie &&
	       (site.n == 0 || str_is(site, STR("same-origin"))) &&
	       strlen(t->once) == PAGE_ONCE &&
	       link_form_is(
		   &p->keys, q->token, str_from(q->cookie), str_from(t->form));
}

static enum casepage_fault
find_fault(struct app_page *p, const struct web_request *r,
    const struct app_page_ask *q, const struct typed *t)
{
	if (t->is_long)
		return CASEPAGE_LONG;
	if (!is_ours(p, r, q, t))
		return CASEPAGE_FORM;
	if (q->kind == CASEPAGE_ME && (!*t->what || !*t->to || !*t->agreed))
		return CASEPAGE_EMPTY;
	if (q->file->head.answers >= CASE_ANSWERS)
		return CASEPAGE_MUCH;
	return p->app->is_books_failing ? CASEPAGE_BUSY : CASEPAGE_NO_FAULT;
}

static bool
is_taken(const struct app_page *p, const char *once)
{
	for (size_t i = 0; i < PAGE_RECENT; i++) {
		if (strcmp(p->taken[i], once) == 0)
			return true;
	}
	return false;
}

/* Who can't be told from a thief is taken for one: nothing is lifted then
 * without a person. */
static bool
may_be_in_evidence(const struct case_file *f, const struct ip *client)
{
	return ip_is_none(client) || ip_is_loopback(client) ||
	       case_file_has_network(f, client);
}

static void
print_evidence(const struct app_page_ask *q, const struct typed *t,
    const struct ip *client, struct text *out)
{
	char buf[64];
	struct text address;
	struct json_out j;

	text_init(&address, buf, sizeof(buf));
	if (!ip_is_none(client))
		ip_format(&address, client);
	json_out_init(&j, out);
	json_open(&j, NULL);
	if (*t->what)
		json_str(&j, "what", str_from(t->what));
	if (q->kind == CASEPAGE_ME) {
		json_str(&j, "to", str_from(t->to));
		json_str(&j, "agreed", str_from(t->agreed));
	}
	json_str(&j, "client", text_view(&address));
	json_str(&j, "language", q->language);
	json_bool(&j, "in_evidence", may_be_in_evidence(q->file, client));
	json_close(&j);
}

/* The same form at two nodes is one cause. */
static void
print_cause(struct app_page *p, const struct app_page_ask *q,
    const struct typed *t, char cause[33])
{
	char buf[160];
	uint8_t hash[32];
	struct text in, out;

	text_init(&in, buf, sizeof(buf));
	text_printf(&in, "%s %d %s", q->file->head.cause, q->kind, t->once);
	crypto_hmac(&p->keys.form, text_view(&in), hash);
	text_init(&out, cause, 33);
	text_hex(&out, hash, 16);
}

/* Control characters are of no use to who reads it, and take six bytes each in
 * JSON. */
static void
make_plain(char *text)
{
	for (char *c = text; *c; c++) {
		if ((unsigned char)*c < ' ' && *c != '\n')
			*c = ' ';
	}
}

static bool
make_event(struct app_page *p, const struct web_request *r,
    const struct app_page_ask *q, struct typed *t, struct event *e)
{
	static const enum case_answer answers[CASEPAGES] = {
	    [CASEPAGE_ME] = CASE_ME,
	    [CASEPAGE_NOT_ME] = CASE_NOT_ME,
	    [CASEPAGE_HUMAN] = CASE_HUMAN};
	struct text out;

	make_plain(t->what);
	make_plain(t->to);
	make_plain(t->agreed);
	case_event_begin(&q->file->head, EVENT_CASE_ANSWER, STR("owner"), e);
	text_init(&out, e->rung, sizeof(e->rung));
	text_add(&out, case_answer_text(answers[q->kind]));
	print_cause(p, q, t, e->cause);
	text_init(&out, e->evidence, sizeof(e->evidence));
	print_evidence(q, t, &r->client, &out);
	return !out.is_cut;
}

static void
forget(struct app_page *p, struct app_page_saying *s)
{
	struct app_page_saying **at = &p->saying;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
}

static void
on_kept(void *ctx)
{
	struct app_page_saying *s = ctx;

	if (s->page) {
		const struct web_answer a = {
		    .status = 303, .headers = str_from(s->where)};

		forget(s->page, s);
		web_reply(s->request, &a);
	}
	free(s);
}

static void
say(struct app_page *p, struct web_request *r, struct app_page_ask *q,
    struct typed *t, struct event *e)
{
	struct app_page_saying *s = xalloc(1, sizeof(*s));
	struct text where;

	*s = (struct app_page_saying){p, r, p->saying, ""};
	p->saying = s;
	text_init(&where, s->where, sizeof(s->where));
	text_printf(&where,
	    "Location: ../%.*s?lang=%.*s\r\nCache-Control: no-store\r\n",
	    STR_ARG(q->token), STR_ARG(q->language));
	memcpy(p->taken[p->n_taken++ % PAGE_RECENT], t->once, PAGE_ONCE + 1);
	app_cases_say(p->app, e);
	case_file_free(&q->file);
	app_books_settle(p->app, on_kept, s);
}

static void
take(struct app_page *p, struct web_request *r, struct app_page_ask *q,
    struct typed *t)
{
	static const int status[CASEPAGE_FAULTS] = {[CASEPAGE_EMPTY] = 422,
	    [CASEPAGE_LONG] = 422,
	    [CASEPAGE_FORM] = 403,
	    [CASEPAGE_BUSY] = 503,
	    [CASEPAGE_MUCH] = 409};
	struct casepage again = {.what = str_from(t->what),
	    .to = str_from(t->to),
	    .agreed = str_from(t->agreed),
	    .fault = find_fault(p, r, q, t)};
	struct event e;

	if (again.fault == CASEPAGE_NO_FAULT && is_taken(p, t->once))
		app_page_send_back(r, q);
	else if (again.fault == CASEPAGE_NO_FAULT && make_event(p, r, q, t, &e))
		say(p, r, q, t, &e);
	else
		app_page_show(
		    p, r, q, again.fault ? status[again.fault] : 422, &again);
}

void
app_page_on_form(void *ctx, struct web_request *r)
{
	struct str type = http_field(r->head, STR("content-type"));
	const struct casepage nothing = {0};
	struct app_page *p = ctx;
	struct app_page_ask q;
	struct typed t;

	app_page_understand(p, r, &q);
	if (!q.file)
		app_page_show(p, r, &q, 404, &nothing);
	else if (q.kind == CASEPAGE_CASE || !case_is_in_force(&q.file->head))
		app_page_send_back(r, &q);
	else if (!str_starts(type, STR("application/x-www-form-urlencoded"))) {
		case_file_free(&q.file);
		web_reply_text(r, 415, "not a form");
	} else {
		read_form(&t, r->body);
		take(p, r, &q, &t);
	}
}
