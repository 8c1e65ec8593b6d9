/* desk_complaints - what people complained about, as rows */
#include "daemon/desk_complaints.h"

#include "daemon/report.h"
#include "daemon/trace_find.h"

enum { SHOWN = 50 };

static bool
take_look(struct desk *d, const struct control_request *q,
    struct complaints_look *l, struct desk_subject *account,
    struct control_reply *r)
{
	struct str since = control_option(q, "since");

	*l = (struct complaints_look){.last = SHOWN};
	if (q->n_args > 1)
		return control_fail(r, EXIT_USAGE, "usage: outpost %s %s",
		    commands[q->command].name, commands[q->command].usage);
	if (q->n_args == 1) {
		if (!desk_subject_find(d, q->args[0], account, r))
			return false;
		l->account = str_from(account->key);
	}
	if (since.n > 0 && !trace_parse_since(since, d->now(d->ctx), &l->since))
		return control_fail(r, EXIT_USAGE,
		    "--since must be such as 2h (ago), 22:40 or \"2026-11-21 "
		    "22:40\"");
	if (control_has(q, "last") &&
	    !str_to_u64(control_option(q, "last"), &l->last))
		return control_fail(r, EXIT_USAGE, "--last must be a number");
	return true;
}

bool
desk_complaints_is_meant(const struct kept_item *i,
    const struct complaints_look *l, struct noted *out)
{
	return (l->account.n == 0 || noted_is_of(i->value, l->account)) &&
	       noted_parse(i->value, out);
}

const struct kept_item *
desk_complaints_go_on(
    struct complaints_place *p, struct kept *records, bool *is_anew)
{
	const struct kept_item *i =
	    p->at ? kept_find(records, str_make(p->key, p->n)) : NULL;

	*is_anew = !i || i->at != p->at;
	return *is_anew ? kept_newest(records) : i;
}

void
desk_complaints_stop(struct complaints_place *p, const struct kept_item *i)
{
	p->n = i->key.n < sizeof(p->key) ? i->key.n : sizeof(p->key);
	memcpy(p->key, i->key.p, p->n);
	p->at = i->at;
}

/* The rows there are: those of one account stand anywhere among all. */
struct found {
	struct desk_gather gather;
	struct complaints_look look;
	char account[ACCOUNT_TEXT];
	struct complaints_place place;
	struct text keys; /* each behind its length, a byte */
	uint64_t n;
};

static bool
step(struct desk_gather *gather, struct desk *d, size_t max)
{
	struct found *f = (struct found *)gather;
	bool is_anew;
	const struct kept_item *i =
	    desk_complaints_go_on(&f->place, d->complaints, &is_anew);
	struct noted c;

	if (is_anew) {
		text_clear(&f->keys);
		f->n = 0;
	}
	for (; i && i->at >= f->look.since && f->n < f->look.last;
	     i = i->older) {
		if (max-- == 0) {
			desk_complaints_stop(&f->place, i);
			return false;
		}
		if (i->key.n > UINT8_MAX ||
		    !desk_complaints_is_meant(i, &f->look, &c))
			continue;
		text_char(&f->keys, (char)i->key.n);
		text_str(&f->keys, i->key);
		f->n++;
	}
	return true;
}

static void
found_free(struct desk_gather *gather)
{
	text_done(&((struct found *)gather)->keys);
}

/* NULL: being gathered. */
static const struct found *
find(struct desk *d, const struct complaints_look *l,
    const struct control_request *q)
{
	char name[DESK_GATHER_NAME];
	struct found *f;
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printf(&t, "complaints of %.*s %llu %.*s", STR_ARG(l->account),
	    (unsigned long long)l->last, STR_ARG(control_option(q, "since")));
	f = (struct found *)desk_gather_find(d, name);
	if (f)
		return f;
	f = xalloc(1, sizeof(*f));
	memcpy(f->gather.name, name, sizeof(name));
	f->gather.step = step;
	f->gather.free = found_free;
	text_init(&t, f->account, sizeof(f->account));
	text_str(&t, l->account);
	f->look = *l;
	f->look.account = text_view(&t);
	text_grow(&f->keys, SIZE_MAX);
	desk_gather_want(d, &f->gather);
	return NULL;
}

/* Steps through them; one that went meanwhile is none. */
static const struct kept_item *
next(struct desk *d, const struct complaints_look *l, struct str *keys,
    struct noted *out)
{
	while (keys->n > 0) {
		size_t n = (uint8_t)*keys->p;
		const struct kept_item *i =
		    kept_find(d->complaints, str_head(str_skip(*keys, 1), n));

		*keys = str_skip(*keys, 1 + n);
		if (i && desk_complaints_is_meant(i, l, out))
			return i;
	}
	return NULL;
}

static void
json_one(struct json_out *j, const struct kept_item *i, const struct noted *c)
{
	json_open(j, NULL);
	json_time(j, "at", i->at);
	json_time(j, "message_at", c->message_at);
	for (enum noted_field f = 0; f < NOTED_FIELDS; f++) {
		uint64_t n;

		if (f == NOTED_VOUCHED)
			json_bool(j, noted_field_text(f),
			    str_is(c->v[f], STR("yes")));
		else if ((f == NOTED_CONFIDENCE || f == NOTED_INCIDENTS) &&
			 str_to_u64(c->v[f], &n))
			json_i64(j, noted_field_text(f), (int64_t)n);
		else if (c->v[f].n > 0)
			json_str(j, noted_field_text(f), c->v[f]);
	}
	json_close(j);
}

static void
print_json(struct desk *d, const struct complaints_look *l, struct str keys,
    struct text *out)
{
	const struct kept_item *i;
	struct json_out j;
	struct noted c;

	json_out_init(&j, out);
	json_open_array(&j, NULL);
	while ((i = next(d, l, &keys, &c)) != NULL)
		json_one(&j, i, &c);
	json_close_array(&j);
	text_char(out, '\n');
}

static void
print_rows(struct desk *d, const struct complaints_look *l, struct str keys,
    const struct control_request *q, struct text *out)
{
	static const enum noted_field shown[] = {NOTED_ACCOUNT, NOTED_TYPE,
	    NOTED_COMPLAINER, NOTED_PROVIDER, NOTED_REPORTER, NOTED_HOW,
	    NOTED_FROM, NOTED_SUBJECT};
	enum { N = sizeof(shown) / sizeof(shown[0]) };
	struct report *r = report_new(false);
	const struct kept_item *i;
	struct noted c;

	report_column(r, "at", TABLE_LEFT);
	report_column(r, "message_at", TABLE_LEFT);
	for (size_t k = 0; k < N; k++)
		report_column(r, noted_field_text(shown[k]), TABLE_LEFT);
	while ((i = next(d, l, &keys, &c)) != NULL) {
		report_time(r, i->at);
		report_time(r, c.message_at);
		for (size_t k = 0; k < N; k++)
			report_str(
			    r, c.v[shown[k]].n ? c.v[shown[k]] : STR("-"));
	}
	report_end(&r, q->width, "no complaints", out);
}

void
desk_complaints(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct desk_subject account;
	struct complaints_look l;

	if (!take_look(d, q, &l, &account, r))
		return;
	if (control_has(q, "by")) {
		desk_complaints_by(d, &l, q, r);
		return;
	}
	const struct found *f = find(d, &l, q);

	if (f && q->is_json)
		print_json(d, &l, text_view(&f->keys), &r->out);
	else if (f)
		print_rows(d, &l, text_view(&f->keys), q, &r->out);
}
