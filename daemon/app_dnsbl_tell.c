/* app_dnsbl_tell - the events of being listed, and of not being it any more */
#include "base/json.h"
#include "base/time.h"
#include "daemon/app_dnsbl_parts.h"
#include "daemon/app_state.h"

enum { LISTED_EVENTS = 200 }; /* of one address, the latest */

static void
put(char *field, size_t size, const char *s)
{
	struct text t;

	text_init(&t, field, size);
	text_printable(&t, str_from(s));
}

void
app_dnsbl_removal(const struct dnsbl *l, const char *target, struct text *out)
{
	ptrdiff_t at = str_find(str_from(l->removal), STR("%s"));

	if (at < 0) {
		text_add(out, l->removal);
		return;
	}
	text_bytes(out, l->removal, (size_t)at);
	text_printf(out, "%s%s", target, l->removal + at + 2);
}

static void
begin(struct app_dnsbl *d, enum event_type type, const struct dnsbl *l,
    const struct app_dnsbl_target *who, struct event *e)
{
	struct standing_state state;
	struct sanction_about about;

	memset(e, 0, sizeof(*e));
	pipeline_about(
	    d->app->pipeline, SUBJECT_ACCOUNT, STR(""), &state, &about);
	e->type = type;
	/* Not the log's time: the list is as it is now. */
	e->at_us = loop_now_us(d->app->loop);
	e->seq = about.seq;
	put(e->node, sizeof(e->node), about.node);
	put(e->kind, sizeof(e->kind),
	    who->target.domain ? LISTING_DOMAIN : LISTING_IP);
	put(e->subject, sizeof(e->subject), who->text);
	put(e->rule, sizeof(e->rule), l->name);
	put(e->by, sizeof(e->by), "outpost");
	listings_cause(
	    &d->listings, who->text, l->name, type == EVENT_LISTED, e->cause);
}

/* Also the fields of letter.desk-listed. */
static void
put_evidence(const struct dnsbl *l, const struct app_dnsbl_target *who,
    const struct dnsbl_found *f, struct event *e)
{
	char removal[512];
	struct json_out j;
	struct text t, r;

	text_init(&r, removal, sizeof(removal));
	app_dnsbl_removal(l, who->text, &r);
	text_init(&t, e->evidence, sizeof(e->evidence));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_str(&j, "who", str_from(who->text));
	if (who->name)
		json_str(&j, "own_ip", str_from(who->name));
	json_str(&j, "list", str_from(l->name));
	if (f) {
		json_str(&j, "means", str_from(f->answer.words));
		json_str(&j, "says", str_from(f->reason));
		json_str(&j, "removal", text_view(&r));
		json_str(&j, "expires", str_from(l->expires));
	}
	json_close(&j);
}

void
app_dnsbl_tell(struct app_dnsbl *d, const struct dnsbl *l, size_t target,
    const struct dnsbl_found *f)
{
	const struct app_dnsbl_target *who = &d->shown[target];
	static struct event e;
	struct text t;

	begin(d, EVENT_LISTED, l, who, &e);
	text_init(&t, e.reason, sizeof(e.reason));
	text_printf(&t, "on the list %s: %s", l->name, f->answer.words);
	if (*l->removal) {
		text_add(&t, "; ask for removal: ");
		app_dnsbl_removal(l, who->text, &t);
	}
	put_evidence(l, who, f, &e);
	app_emit(d->app, &e);
}

void
app_dnsbl_tell_gone(
    struct app_dnsbl *d, const struct dnsbl *l, size_t target, const char *why)
{
	const struct app_dnsbl_target *who = &d->shown[target];
	static struct event e;
	struct text t;

	begin(d, EVENT_UNLISTED, l, who, &e);
	text_init(&t, e.reason, sizeof(e.reason));
	text_printf(&t, "off the list %s: %s", l->name, why);
	put_evidence(l, who, NULL, &e);
	app_emit(d->app, &e);
}

bool
app_dnsbl_fold(struct app_dnsbl *d, const struct event *e)
{
	return listings_fold(&d->listings, e);
}

struct telling {
	const char *list;
	int64_t since;
	void (*each)(void *ctx, const struct event *e);
	void *ctx;
};

static void
on_event(void *ctx, const struct event *e)
{
	const struct telling *t = ctx;

	if (e->type == EVENT_LISTED && e->at_us / TIME_US == t->since &&
	    strcmp(e->rule, t->list) == 0)
		t->each(t->ctx, e);
}

bool
app_dnsbl_tell_again(struct app_dnsbl *d, char key[KEPT_KEY + 1],
    void (*each)(void *ctx, const struct event *e), void *ctx)
{
	const struct kept_item *i = kept_newest(&d->listings.kept);
	struct telling t = {.each = each, .ctx = ctx};
	char name[KEPT_KEY + 1];
	struct str list, target;
	struct listing known;
	struct text k;

	if (*key) {
		i = kept_find(&d->listings.kept, str_from(key));
		i = i ? i->older : NULL;
	}
	if (!i)
		return false;
	text_init(&k, key, KEPT_KEY + 1);
	text_str(&k, i->key);
	put(name, sizeof(name), key);
	list = str_from(name);
	if (!str_cut(&list, ' ', &target))
		return true;
	name[target.n] = '\0';
	t.list = list.p;
	if (!listings_find(&d->listings, name, t.list, &known) ||
	    !known.is_listed)
		return true;
	t.since = known.since;
	for (size_t n = 0; n < 2; n++)
		history_each(d->app->history,
		    str_from(n ? LISTING_DOMAIN : LISTING_IP), target, NULL,
		    LISTED_EVENTS, on_event, &t);
	return true;
}
