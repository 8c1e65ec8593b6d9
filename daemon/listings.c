/* listings - which of our addresses and domains stand on which lists */
#include "daemon/listings.h"

#include "base/json.h"
#include "base/time.h"
#include "limits/standings.h"

enum { TEXT_MAX = 400, DAY = 86400 };

void
listings_init(struct listings *l)
{
	kept_init(&l->kept, LISTINGS_MAX);
}

void
listings_done(struct listings *l)
{
	kept_done(&l->kept);
}

struct books_part
listings_part(struct listings *l)
{
	return kept_part(&l->kept, 'b', "listings");
}

static struct str
key_of(const char *target, const char *list, struct text *out)
{
	text_printf(out, "%s %s", target, list);
	return text_view(out);
}

/* "listed|unlisted TIME MEANS\tSAYS" */
bool
listings_find(const struct listings *l, const char *target, const char *list,
    struct listing *out)
{
	char buf[KEPT_KEY];
	struct text t;
	struct str rest, word, since;

	text_init(&t, buf, sizeof(buf));
	const struct kept_item *i =
	    kept_find(&l->kept, key_of(target, list, &t));

	if (!i)
		return false;
	rest = i->value;
	if (!str_cut(&rest, ' ', &word) || !str_cut(&rest, ' ', &since) ||
	    !str_to_i64(since, &out->since))
		return false;
	out->is_listed = str_is(word, STR("listed"));
	if (!str_cut(&rest, '\t', &out->means)) {
		out->means = rest;
		rest.n = 0;
	}
	out->says = rest;
	return true;
}

void
listings_seen(
    struct listings *l, const char *target, const char *list, int64_t now)
{
	char key[KEPT_KEY], value[KEPT_VALUE];
	struct text k, v;

	text_init(&k, key, sizeof(key));
	const struct kept_item *i =
	    kept_find(&l->kept, key_of(target, list, &k));

	if (!i || now - i->at < DAY || !str_starts(i->value, STR("listed ")))
		return;
	text_init(&v, value, sizeof(value));
	text_str(&v, i->value);
	kept_put(&l->kept, text_view(&k), text_view(&v), now);
}

void
listings_cause(const struct listings *l, const char *target, const char *list,
    bool is_listed, char cause[33])
{
	struct listing before = {0};
	char buf[KEPT_KEY];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	listings_find(l, target, list, &before);
	standings_cause(SUBJECT_ALL, key_of(target, list, &t), STANDING_GOOD,
	    is_listed ? STR("listed") : STR("unlisted"), before.since, false,
	    cause);
}

bool
listings_is_event(const struct event *e)
{
	return e->type == EVENT_LISTED || e->type == EVENT_UNLISTED;
}

static void
put_member(struct text *out, const struct json *doc, const char *name)
{
	char buf[TEXT_MAX];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printable(&t, json_text(json_get(doc, name)));
	text_str(out, text_view(&t));
}

bool
listings_fold(struct listings *l, const struct event *e)
{
	bool is_listed = e->type == EVENT_LISTED;
	char key[KEPT_KEY], value[2 * TEXT_MAX + 64];
	int64_t at = e->at_us / TIME_US;
	struct listing before = {0};
	struct text k, v;

	listings_find(l, e->subject, e->rule, &before);
	if (before.is_listed == is_listed || before.since > at)
		return false;
	text_init(&k, key, sizeof(key));
	text_init(&v, value, sizeof(value));
	text_printf(
	    &v, "%s %lld ", is_listed ? "listed" : "unlisted", (long long)at);
	struct json *doc = json_parse(str_from(e->evidence), NULL);

	if (doc) {
		put_member(&v, doc, "means");
		text_char(&v, '\t');
		put_member(&v, doc, "says");
	}
	json_free(&doc);
	kept_put(&l->kept, key_of(e->subject, e->rule, &k), text_view(&v), at);
	return true;
}
