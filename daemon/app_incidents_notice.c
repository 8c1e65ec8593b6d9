/* app_incidents_notice - what deliveries say of our addresses and domains */
#include "daemon/app_incidents_parts.h"
#include "daemon/outcomes.h"

/* Whoever has a password may write in the name of any number of domains. */
enum { WATCHED = 20000, DOMAINS_MAX = WATCHED / 2 };

struct watch *
app_incidents_watch(struct app_incidents *s, struct str name)
{
	struct watch *w = map_find(&s->watches, name);
	struct str what = name, provider = name;

	if (w || s->watches.n >= WATCHED || name.n >= INCIDENT_SUBJECT)
		return w;
	str_cut(&what, '/', &provider);
	bool is_domain = str_starts(what, STR("@"));

	if (is_domain && s->n_domains >= DOMAINS_MAX)
		return NULL;
	w = xalloc(1, sizeof(*w) + name.n + 1);
	w->n = name.n;
	memcpy(w->name, name.p, name.n);
	w->is_others = str_is(provider, STR(SERIES_OTHERS));
	w->is_domain = is_domain;
	s->n_domains += is_domain;
	map_put(&s->watches, str_make(w->name, w->n), w);
	return w;
}

static void
put(char *out, size_t size, struct str s)
{
	struct text t;

	text_init(&t, out, size);
	text_printable(&t, s);
}

static void
note(struct app_incidents *s, struct watch *w,
    const struct pipeline_delivery *d, enum incident_level level)
{
	incident_watch_note(&w->counts,
	    app_incidents_settings(s)->incident_window, d->at, level,
	    d->reply == NULL, d->line->repeats, d->host);
	if (d->at > w->last)
		w->last = d->at;
	if (level == INCIDENT_NONE)
		return;
	w->is_dirty = true;
	put(w->host, sizeof(w->host), d->host);
	put(w->reply, sizeof(w->reply), line_get(d->line, FIELD_TEXT));
	put(w->rule, sizeof(w->rule),
	    str_from(d->reply->rule ? d->reply->rule : ""));
	put(w->class, sizeof(w->class),
	    str_from(reply_class_text(d->reply->class)));
}

/* "fwd:ADDRESS" as the books have it: what came in for it leaves again. Empty:
 * it is none. */
static struct str
forward_of(const struct pipeline_delivery *d, char buf[CAUSES_ACCOUNT + 1])
{
	struct str of = line_get(d->line, FIELD_ORIG_TO);
	struct text t;

	text_init(&t, buf, CAUSES_ACCOUNT + 1);
	if (of.n == 0 || d->instance.n == 0)
		return STR("");
	text_add(&t, "fwd:");
	for (size_t i = 0; i < of.n; i++) {
		char c = of.p[i];

		text_char(&t, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
	}
	return t.is_cut ? STR("") : text_view(&t);
}

static void
note_causes(struct app_incidents *s, const struct pipeline_delivery *d,
    struct str ip, struct str provider)
{
	char forward[CAUSES_ACCOUNT + 1];
	struct cause_note n = {
	    ip, provider, d->account, d->at, d->line->repeats, {false}};

	if (n.account.n == 0)
		n.account = forward_of(d, forward);
	if (n.account.n == 0)
		return;
	if (d->reply && d->line->status == LINE_BOUNCED) {
		enum outcome o = outcome_of_read(d->reply);

		n.is[CAUSE_UNKNOWN] = o == OUTCOME_UNKNOWN_USER;
		n.is[CAUSE_REFUSED] = o == OUTCOME_REFUSED;
	}
	causes_note(s->causes, &n);
}

/* "@DOMAIN" of the envelope's sender, in lower case; empty: none. */
static struct str
domain_of(struct str sender, char buf[256])
{
	ptrdiff_t at = str_find_last(sender, STR("@"));
	struct text t;

	text_init(&t, buf, 256);
	if (at < 0 || (size_t)at + 1 == sender.n)
		return STR("");
	for (size_t i = (size_t)at; i < sender.n; i++) {
		char c = sender.p[i];

		text_char(&t, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
	}
	return text_view(&t);
}

static void
note_domain(struct app_incidents *s, const struct pipeline_delivery *d,
    struct str provider, enum incident_level level)
{
	char name[INCIDENT_SUBJECT], buf[256];
	struct str domain = domain_of(d->sender, buf);
	struct text t;

	if (domain.n == 0)
		return;
	text_init(&t, name, sizeof(name));
	incident_subject(provider, domain, &t);
	struct watch *w = level == INCIDENT_NONE
			      ? map_find(&s->watches, text_view(&t))
			      : app_incidents_watch(s, text_view(&t));

	if (w)
		note(s, w, d, level);
}

static void
note_refused(struct app_incidents *s, struct str host, struct str ip)
{
	uint64_t hash = map_hash(host);
	size_t i = hash % INCIDENTS_REFUSED;

	s->refused[i].host = hash;
	put(s->refused[i].ip, sizeof(s->refused[i].ip), ip);
}

/* Postfix gives up a host for a while that refuses at its greeting, and tells
 * the rest without trying: without them one line in minutes would be all. */
void
app_incidents_suspended(struct app_incidents *s,
    const struct pipeline_delivery *d, struct str provider)
{
	enum incident_level level = incident_level_of(d->reply);
	uint64_t hash = map_hash(d->host);
	size_t i = hash % INCIDENTS_REFUSED;
	char name[INCIDENT_SUBJECT];
	struct text t;

	if (level == INCIDENT_NONE || d->reply->scope != REPLY_SCOPE_IP ||
	    s->refused[i].host != hash)
		return;
	text_init(&t, name, sizeof(name));
	incident_subject(provider, str_from(s->refused[i].ip), &t);
	struct watch *w = map_find(&s->watches, text_view(&t));

	if (w)
		note(s, w, d, level);
}

void
app_incidents_delivery(struct app_incidents *s,
    const struct pipeline_delivery *d, struct str ip, struct str provider)
{
	enum incident_level level = incident_level_of(d->reply);
	bool is_of_domain =
	    level != INCIDENT_NONE && d->reply->scope == REPLY_SCOPE_DOMAIN;
	char name[INCIDENT_SUBJECT];
	struct text t;

	if (!app_incidents_settings(s)->incidents)
		return;
	text_init(&t, name, sizeof(name));
	incident_subject(provider, ip, &t);
	struct watch *w = app_incidents_watch(s, text_view(&t));

	if (w)
		note(s, w, d, is_of_domain ? INCIDENT_NONE : level);
	if (level != INCIDENT_NONE && !is_of_domain)
		note_refused(s, d->host, ip);
	if (is_of_domain || s->n_domains > 0)
		note_domain(
		    s, d, provider, is_of_domain ? level : INCIDENT_NONE);
	note_causes(s, d, ip, provider);
}
