/* case_file - all of one case, for who shows it */
#include "notify/case_file.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/time.h"
#include "notify/case_piece.h"

struct case_file *
case_file_new(void)
{
	struct case_file *f = xalloc(1, sizeof(*f));

	f->arena = xalloc(1, sizeof(*f->arena));
	arena_init(f->arena);
	f->reason = "";
	f->decision = "";
	return f;
}

void
case_file_free(struct case_file **f)
{
	if (!*f)
		return;
	arena_done((*f)->arena);
	free((*f)->arena);
	free(*f);
	*f = NULL;
}

static const char *
keep(struct case_file *f, struct str s)
{
	return s.n > 0 ? arena_dup(f->arena, s) : "";
}

static const char *
keep_member(struct case_file *f, const struct json *object, const char *name)
{
	return keep(f, json_text(json_get(object, name)));
}

/* "a, b" */
static const char *
keep_list(struct case_file *f, const struct json *array)
{
	char buf[2048];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	for (size_t i = 0; i < json_count(array); i++) {
		text_add(&t, i > 0 ? ", " : "");
		text_str(&t, json_text(json_at(array, i)));
	}
	return keep(f, text_view(&t));
}

static void
add_reasons(struct case_file *f, const struct json *doc)
{
	const struct json *array = json_get(doc, "reasons");

	f->n_reasons = 0;
	for (size_t i = 0; i < json_count(array) && i < CASE_REASONS; i++) {
		const struct json *r = json_at(array, i);

		f->reasons[f->n_reasons++] = (struct case_reason){
		    .rule = keep_member(f, r, "rule"),
		    .text = keep_member(f, r, "text"),
		    .points = json_number(json_get(r, "points"), 0),
		    .count = keep_member(f, r, "count"),
		    .window = json_number(json_get(r, "window"), 0),
		    .value = json_number(json_get(r, "value"), 0),
		    .bound = json_number(json_get(r, "bound"), 0),
		    .is_limit = json_is_true(json_get(r, "is_limit")),
		    .is_warning = json_is_true(json_get(r, "is_warning")),
		    .is_own = json_is_true(json_get(r, "is_own")),
		    .is_share = json_is_true(json_get(r, "is_share")),
		};
	}
}

static void
add_said(struct case_file *f, const struct event *e, const struct json *doc)
{
	if (f->n_said == CASE_ANSWERS) {
		f->is_cut = true;
		return;
	}
	struct case_said *s = &f->said[f->n_said++];

	s->at = e->at_us / TIME_US;
	case_answer_parse(str_from(e->rung), &s->answer);
	s->what = keep_member(f, doc, "what");
	s->to = keep_member(f, doc, "to");
	s->agreed = keep_member(f, doc, "agreed");
	s->client = keep_member(f, doc, "client");
	s->country = keep_member(f, doc, "country");
	s->language = keep_member(f, doc, "language");
	s->is_in_evidence = json_is_true(json_get(doc, "in_evidence"));
}

static void
add_letter(struct case_file *f, const struct event *e, const struct json *doc)
{
	if (f->n_letters == CASE_LETTERS) {
		f->is_cut = true;
		return;
	}
	f->letters[f->n_letters++] = (struct case_letter){
	    .at = e->at_us / TIME_US,
	    .stage = keep(f, str_from(e->rung)),
	    .language = keep(f, str_from(e->rule)),
	    .outcome = keep(f, str_from(e->reason)),
	    .to = keep_list(f, json_get(doc, "to")),
	};
}

static void
print_answer(enum case_answer a, struct text *out)
{
	static const char *const words[] = {
	    [CASE_NO_ANSWER] = "answered",
	    [CASE_ME] = "answered: it was me",
	    [CASE_NOT_ME] = "answered: it was not me",
	    [CASE_HUMAN] = "asked for a person",
	};

	text_add(out, words[a]);
}

/* What the case was opened for. */
static bool
is_own(const struct case_file *f, const struct event *e)
{
	char cause[33];

	return case_is_opened_by(e, cause) && strcmp(cause, f->head.cause) == 0;
}

static void
print_end(const struct case_file *f, const struct event *e, struct text *out)
{
	if (e->type == EVENT_LIFT)
		text_add(
		    out, e->is_innocent ? "lifted: it was wrong" : "lifted");
	else if (e->type == EVENT_EXPIRE)
		text_add(out, "its time is over");
	else if (e->type == EVENT_UNDONE)
		text_add(out, "undone: it was imposed by mistake");
	else if (is_own(f, e))
		text_add(out, e->type == EVENT_WARNING ? "warned" : e->rung);
	else
		text_printf(out, "%s: goes on as another case", e->rung);
}

/* An event in a few words. */
static void
print_step(const struct case_file *f, const struct event *e, struct text *out)
{
	enum case_answer answer = CASE_NO_ANSWER;

	switch (e->type) {
	case EVENT_CASE_ANSWER:
		case_answer_parse(str_from(e->rung), &answer);
		print_answer(answer, out);
		break;
	case EVENT_CASE_PASSWORD:
		text_add(out, "the password is changed");
		break;
	case EVENT_CASE_DECISION:
		text_add(out, e->rung);
		break;
	case EVENT_CASE_NOTE:
		text_add(out, "note");
		break;
	case EVENT_CASE_ASSIGNED:
		text_printf(out,
		    *e->rule ? "assigned to %s" : "assigned to nobody",
		    e->rule);
		break;
	case EVENT_CASE_LETTER:
		text_printf(out, "letter: %s", e->rung);
		break;
	case EVENT_CASE_REMINDER:
		text_add(out, "no answer: a reminder");
		break;
	case EVENT_CASE_CLOSED:
		text_add(out,
		    f->head.is_complaints ? "closed" : "closed: no answer");
		break;
	case EVENT_CASE_REVOKED:
		text_add(out, "the links to the page were revoked");
		break;
	case EVENT_CASE_HOOK:
		text_printf(out, "hook %s: %s", e->rule, e->rung);
		break;
	case EVENT_CASE_KEPT:
		text_add(out, strcmp(e->rung, "kept") == 0
				  ? "is to be kept"
				  : "need not be kept");
		break;
	default:
		print_end(f, e, out);
	}
}

static void
add_step(struct case_file *f, const struct event *e)
{
	char what[256], id[EVENT_ID];
	struct text t;

	if (f->n_steps == CASE_STEPS) {
		f->is_cut = true;
		return;
	}
	text_init(&t, what, sizeof(what));
	print_step(f, e, &t);
	event_id(e, id);
	f->steps[f->n_steps++] = (struct case_step){
	    .at = e->at_us / TIME_US,
	    .type = e->type,
	    .by = keep(f, str_from(e->by)),
	    .what = keep(f, text_view(&t)),
	    .reason = keep(f, str_from(e->reason)),
	    .id = keep(f, str_from(id)),
	};
}

static void
add_details(struct case_file *f, const struct event *e, const struct json *doc)
{
	if (e->type == EVENT_CASE_FILED)
		case_piece_read(f, e, doc);
	else if (e->type == EVENT_CASE_ANSWER)
		add_said(f, e, doc);
	else if (e->type == EVENT_CASE_LETTER)
		add_letter(f, e, doc);
	else if (e->type == EVENT_CASE_DECISION)
		f->decision = keep(f, str_from(e->reason));
	else if (is_own(f, e) &&
		 (f->head.is_complaints || f->head.opened.at_us == e->at_us)) {
		f->reason = keep(f, str_from(e->reason));
		add_reasons(f, doc);
	}
}

void
case_file_add(struct case_file *f, const struct event *e)
{
	if (!case_fold(&f->head, e))
		return;
	struct json *doc =
	    *e->evidence ? json_parse(str_from(e->evidence), NULL) : NULL;

	add_details(f, e, doc);
	if (e->type != EVENT_CASE_FILED)
		add_step(f, e);
	json_free(&doc);
}

bool
case_file_has_network(const struct case_file *f, const struct ip *client)
{
	for (size_t i = 0; i < f->n_networks; i++) {
		if (f->networks[i].is_in_evidence &&
		    ip_net_has(&f->networks[i].net, client))
			return true;
	}
	for (size_t i = 0; i < f->n_messages; i++) {
		struct ip_net net;
		struct ip ip;

		if (!ip_parse(str_from(f->messages[i].client), &ip))
			continue;
		net = ip_network(&ip);
		if (ip_net_has(&net, client))
			return true;
	}
	return false;
}

void
case_file_note(struct case_file *f, struct str account, const struct event *e)
{
	struct json *doc =
	    *e->evidence ? json_parse(str_from(e->evidence), NULL) : NULL;
	struct text t;

	text_init(&t, f->head.account, sizeof(f->head.account));
	text_str(&t, account);
	f->reason = keep(f, str_from(e->reason));
	add_reasons(f, doc);
	json_free(&doc);
}
