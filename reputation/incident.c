/* incident - a provider refuses or slows one of our addresses, or a domain */
#include "reputation/incident.h"

#include <stdlib.h>

#include "base/crypto.h"
#include "base/map.h"
#include "base/time.h"
#include "ledger/pack.h"

enum { DAY = 86400 };
/* Who is in trouble says so every hour. */
#define GONE_US (3 * 3600 * TIME_US)

struct incidents {
	size_t max;
	struct map causes, subjects; /* the latter: the latest of each */
	struct incident *oldest, *newest;
};

struct incidents *
incidents_new(size_t max)
{
	struct incidents *s = xalloc(1, sizeof(*s));

	s->max = max;
	map_init(&s->causes);
	map_init(&s->subjects);
	return s;
}

static void
drop(struct incidents *s, struct incident *i)
{
	map_remove(&s->causes, str_from(i->cause));
	if (map_find(&s->subjects, str_from(i->subject)) == i)
		map_remove(&s->subjects, str_from(i->subject));
	*(i->older ? &i->older->newer : &s->oldest) = i->newer;
	*(i->newer ? &i->newer->older : &s->newest) = i->older;
	free(i->evidence);
	free(i);
}

void
incidents_free(struct incidents **sp)
{
	struct incidents *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	while (s->oldest)
		drop(s, s->oldest);
	map_done(&s->causes);
	map_done(&s->subjects);
	free(s);
}

bool
incident_is_event(enum event_type t)
{
	return t == EVENT_INCIDENT_OPENED || t == EVENT_INCIDENT_NEWS ||
	       t == EVENT_INCIDENT_CLOSED;
}

void
incident_subject(struct str provider, struct str what, struct text *out)
{
	text_str(out, provider);
	text_char(out, '/');
	text_printable(out, what);
}

static void
cause_of(struct text *t, char cause[33])
{
	uint8_t hash[CRYPTO_SHA256];
	struct text out;

	crypto_sha256(text_view(t), hash);
	text_init(&out, cause, 33);
	text_hex(&out, hash, 16);
}

void
incident_begin_cause(struct str subject, int64_t now, char cause[33])
{
	char buf[INCIDENT_SUBJECT + 64];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "incident %lld ", (long long)(now / DAY));
	text_str(&t, subject);
	cause_of(&t, cause);
}

void
incident_told_cause(
    const char *file, enum event_type type, uint32_t times, char cause[33])
{
	char buf[128];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printf(
	    &t, "%s %s %u", event_type_text(type), file, (unsigned)times);
	cause_of(&t, cause);
}

static void
put(char *field, size_t size, struct str s)
{
	struct text t;

	text_init(&t, field, size);
	text_str(&t, s);
}

/* Behind those that were opened before it. */
static void
link_in(struct incidents *s, struct incident *i)
{
	struct incident *before = s->newest;

	while (before && before->opened > i->opened)
		before = before->older;
	i->older = before;
	i->newer = before ? before->newer : s->oldest;
	*(i->newer ? &i->newer->older : &s->newest) = i;
	*(before ? &before->newer : &s->oldest) = i;
	const struct incident *latest =
	    map_find(&s->subjects, str_from(i->subject));

	if (!latest || latest->opened <= i->opened)
		map_put(&s->subjects, str_from(i->subject), i);
}

static struct incident *
add(struct incidents *s, const struct event *e)
{
	struct incident *i = xalloc(1, sizeof(*i));
	struct str rest;

	put(i->cause, sizeof(i->cause), str_from(e->file));
	case_id(i->cause, i->id);
	put(i->subject, sizeof(i->subject), str_from(e->subject));
	rest = str_from(i->subject);
	str_cut(&rest, '/', &i->provider);
	i->what = rest;
	i->is_domain = str_starts(rest, STR("@"));
	i->opened = e->at_us / TIME_US;
	map_put(&s->causes, str_from(i->cause), i);
	link_in(s, i);
	if (s->causes.n > s->max && s->oldest != i)
		drop(s, s->oldest);
	return i;
}

static struct incident_node *
node_of(struct incident *i, const char *node)
{
	size_t n;

	for (n = 0; n < i->n_nodes; n++) {
		if (strcmp(i->nodes[n].node, node) == 0)
			return &i->nodes[n];
	}
	if (n == INCIDENT_NODES)
		return NULL;
	i->n_nodes++;
	put(i->nodes[n].node, sizeof(i->nodes[n].node), str_from(node));
	return &i->nodes[n];
}

static bool
is_opening_known(const struct incident *i, const struct event *e, uint64_t *id)
{
	*id = pack_checksum(str_from(e->cause));
	for (size_t n = 0; n < INCIDENTS_TIMES && n < i->times; n++) {
		if (i->opened_by[n] == *id)
			return true;
	}
	return false;
}

static void
count_opening(struct incident *i, const struct event *e)
{
	uint64_t id;

	if (is_opening_known(i, e, &id))
		return;
	if (i->times < INCIDENTS_TIMES)
		i->opened_by[i->times] = id;
	i->times++;
}

static void
note_told(struct incident *i, const struct event *e)
{
	if (e->at_us < i->told_us || !*e->evidence)
		return;
	i->told_us = e->at_us;
	if (*e->rule)
		put(i->rule, sizeof(i->rule), str_from(e->rule));
	if (*e->class)
		put(i->class, sizeof(i->class), str_from(e->class));
	free(i->evidence);
	size_t n = strlen(e->evidence);

	i->evidence = xalloc(1, n + 1);
	memcpy(i->evidence, e->evidence, n);
}

void
incidents_forget(struct incidents *s, struct str account)
{
	char quoted[400];
	struct text t;

	text_init(&t, quoted, sizeof(quoted));
	text_char(&t, '"');
	text_str(&t, account);
	text_char(&t, '"');
	for (struct incident *i = s->newest; i; i = i->older) {
		if (!i->evidence ||
		    str_find(str_from(i->evidence), text_view(&t)) < 0)
			continue;
		free(i->evidence);
		i->evidence = NULL;
	}
}

enum incident_level
incident_level(const struct incident *i)
{
	enum incident_level worst = INCIDENT_NONE;

	for (size_t n = 0; n < i->n_nodes; n++) {
		if (i->nodes[n].level > worst &&
		    i->nodes[n].at_us + GONE_US >= i->last * TIME_US)
			worst = i->nodes[n].level;
	}
	return worst;
}

static void
note_end(struct incident *i)
{
	int64_t last_us = 0;

	for (size_t n = 0; n < i->n_nodes; n++) {
		if (i->nodes[n].at_us > last_us)
			last_us = i->nodes[n].at_us;
	}
	i->closed = incident_level(i) == INCIDENT_NONE ? last_us / TIME_US : 0;
}

bool
incidents_is_news(const struct incidents *s, const struct event *e)
{
	enum incident_level level;

	if (!incident_is_event(e->type) || !*e->file ||
	    !strchr(e->subject, '/') ||
	    !incident_level_parse(str_from(e->rung), &level))
		return false;
	const struct incident *i = map_find(&s->causes, str_from(e->file));

	for (size_t n = 0; i && n < i->n_nodes; n++) {
		if (strcmp(i->nodes[n].node, e->node) == 0)
			return i->nodes[n].at_us < e->at_us;
	}
	return !i || i->n_nodes < INCIDENT_NODES;
}

bool
incidents_fold(struct incidents *s, const struct event *e)
{
	enum incident_level level;

	if (!incidents_is_news(s, e))
		return false;
	struct incident *i = map_find(&s->causes, str_from(e->file));
	int64_t at = e->at_us / TIME_US;

	if (!i)
		i = add(s, e);
	struct incident_node *node = node_of(i, e->node);

	incident_level_parse(str_from(e->rung), &level);
	node->at_us = e->at_us;
	node->level = level;
	if (level > i->worst)
		i->worst = level;
	if (at < i->opened)
		i->opened = at;
	if (at > i->last)
		i->last = at;
	if (e->type == EVENT_INCIDENT_OPENED) {
		count_opening(i, e);
		if (e->at_us > i->opened_us)
			i->opened_us = e->at_us;
	}
	if (e->type == EVENT_INCIDENT_CLOSED)
		i->ended = i->times;
	note_told(i, e);
	note_end(i);
	return true;
}

const struct incident *
incidents_of(const struct incidents *s, struct str subject)
{
	return map_find(&s->subjects, subject);
}

const struct incident *
incidents_get(const struct incidents *s, const char *cause)
{
	return map_find(&s->causes, str_from(cause));
}

const struct incident *
incidents_newest(const struct incidents *s)
{
	return s->newest;
}

const struct incident *
incidents_find(const struct incidents *s, struct str name)
{
	const struct incident *found = map_find(&s->subjects, name);
	char id[CASE_ID] = "";

	if (found)
		return found;
	case_id_parse(name, id);
	for (const struct incident *i = s->newest; i; i = i->older) {
		if ((*id && strcmp(i->id, id) == 0) ||
		    str_is(i->provider, name))
			return i;
	}
	return NULL;
}

size_t
incidents_open(const struct incidents *s)
{
	size_t n = 0;

	for (const struct incident *i = s->newest; i; i = i->older)
		n += i->closed == 0;
	return n;
}

enum incident_level
incidents_level(const struct incidents *s, struct str ip, struct str provider,
    int64_t *since)
{
	char subject[INCIDENT_SUBJECT];
	struct text t;

	text_init(&t, subject, sizeof(subject));
	incident_subject(provider, ip, &t);
	const struct incident *i = incidents_of(s, text_view(&t));

	*since = i && !i->closed ? i->opened : 0;
	return i ? incident_level(i) : INCIDENT_NONE;
}
