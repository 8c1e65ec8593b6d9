/* tables - the files below STATE_DIR/tables that Postfix reads */
#include "daemon/tables.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "ledger/walk.h"
#include "limits/answer.h"
#include "mta/postfix_table.h"

struct entry {
	char *key, *value;
};

struct entries {
	struct entry *v;
	size_t n, cap, at;
};

/* A provider that gets nothing, or slowly. */
struct paused {
	char name[PROVIDERS_NAME];
	int64_t until;
	const char *value; /* lives as long as what tables are made of */
};

struct tables {
	char *state_dir;
	struct entries tables[TABLES];
	struct entries domains; /* suspended ones */
	struct paused *paused;
	size_t n_paused;
	bool is_unslowed;
	enum { IN_STANDINGS, IN_RECEIVERS, IN_LEDGER, DONE } step;
	struct standings_walk standings;
	struct receivers_walk receivers;
	struct ledger_walk ledger;
};

/* What is spelt just now. */
struct gathering {
	struct tables *out;
	const struct tables_source *from;
	int64_t now;
	int64_t until; /* of the provider's standing */
	enum tables_kind table;
	struct str value;
	const struct pool_way *way;
};

static void
add_entry(struct entries *e, struct str key, struct str value)
{
	if (e->n == e->cap) {
		e->cap = e->cap ? 2 * e->cap : 64;
		e->v = xrealloc(e->v, e->cap, sizeof(*e->v));
	}
	e->v[e->n++] = (struct entry){str_dup(key), str_dup(value)};
}

static void
add_key(void *ctx, struct str key)
{
	struct gathering *g = ctx;

	add_entry(&g->out->tables[g->table], key, g->value);
}

static void
add_user(struct gathering *g, struct str name)
{
	g->table = TABLE_USERS;
	g->value = STR("suspended");
	add_key(g, name);
}

static void
add_login(struct gathering *g, struct str account, struct str answer)
{
	g->table = TABLE_LOGINS;
	g->value = answer;
	postfix_table_login_keys(g->from->accounts, account, add_key, g);
}

/* The narrower key is found first: what is no part of the sanction. */
static void
spare_front_ends(struct gathering *g, const struct ip_net *net)
{
	g->value = STR("DUNNO");
	for (size_t i = 0; i < g->from->front_ends->n; i++) {
		const struct ip_net *f = &g->from->front_ends->v[i];

		if (f->bits > net->bits && ip_net_has(net, &f->ip))
			postfix_table_client_keys(f, add_key, g);
	}
}

static void
add_client(struct gathering *g, struct str text, struct str answer)
{
	struct ip_net net;

	if (!ip_net_parse(text, &net))
		return;
	for (size_t i = 0; i < g->from->front_ends->n; i++) {
		const struct ip_net *f = &g->from->front_ends->v[i];

		if (f->bits <= net.bits && ip_net_has(f, &net.ip))
			return;
	}
	spare_front_ends(g, &net);
	g->value = answer;
	postfix_table_client_keys(&net, add_key, g);
}

static void
add_to_clients(struct gathering *g, struct str net, struct str answer)
{
	g->table = TABLE_CLIENTS;
	add_client(g, net, answer);
	g->table = TABLE_BLOCKED;
	add_client(g, net, answer);
}

static void
add_account(struct gathering *g, struct str account, struct str answer)
{
	if (str_take(&account, STR("uid:")))
		add_user(g, account);
	else if (str_take(&account, STR("ip:")))
		add_to_clients(g, account, answer);
	else
		add_login(g, account, answer);
}

/* What blocks itself is kept from logging in, not from handing in the mail of
 * the world. */
static void
add_net(struct gathering *g, const struct standing_state *state, struct str net,
    struct str answer)
{
	if (state->is_operator) {
		add_to_clients(g, net, answer);
		return;
	}
	g->table = TABLE_BLOCKED;
	add_client(g, net, answer);
}

struct str
tables_until_key(struct str domain, char buf[TABLES_KEY])
{
	struct text t;

	text_init(&t, buf, TABLES_KEY);
	text_char(&t, ' ');
	text_str(&t, domain);
	return text_view(&t);
}

static void
add_receiver(void *ctx, struct str domain)
{
	struct gathering *g = ctx;
	struct entries *e = &g->out->tables[TABLE_PROVIDERS];
	char key[TABLES_KEY], until[32];

	if (g->from->chains && chains_is_inside(g->from->chains, domain))
		return;
	snprintf(until, sizeof(until), "%lld", (long long)g->until);
	add_entry(e, domain, g->value);
	add_entry(e, tables_until_key(domain, key), str_from(until));
}

static void
choose_provider(struct gathering *g, const struct paused *p)
{
	g->until = p->until;
	g->value = str_from(p->value);
}

/* Where its domains go, and until when. */
static void
choose_way(const struct tables_source *s, const struct standing_state *state,
    struct paused *p)
{
	const struct pause_view *v = s->pauses;

	p->until = state->until;
	p->value = TABLES_PAUSED;
	if (state->rung >= STANDING_HELD)
		return;
	p->value = s->slow_transport;
	if (v && *v->relay_route && pause_is(state, PAUSE_RELAYED))
		p->value = v->relay_route;
	else if (v && v->is_waiting(v->ctx, p->name, &p->until))
		p->value = TABLES_PAUSED;
}

/* Recipients who are tried all the same. */
static void
add_recipients(struct gathering *g, const struct paused *p)
{
	const struct pause_view *v = g->from->pauses;

	if (!v || !*g->from->slow_transport ||
	    strcmp(p->value, TABLES_PAUSED) != 0)
		return;
	g->value = str_from(g->from->slow_transport);
	v->each_recipient(v->ctx, p->name, add_receiver, g);
}

/* One without an end is none that outpostd made: it would hold for ever. */
static void
add_provider(
    struct gathering *g, struct str name, const struct standing_state *state)
{
	if (state->rung < STANDING_THROTTLED || state->until == TIME_NEVER ||
	    !g->from->providers)
		return;
	struct tables *t = g->out;
	struct text w;

	t->paused = xrealloc(t->paused, t->n_paused + 1, sizeof(*t->paused));
	struct paused *p = &t->paused[t->n_paused++];

	text_init(&w, p->name, sizeof(p->name));
	text_str(&w, name);
	choose_way(g->from, state, p);
	if (!*p->value) {
		t->n_paused--;
		t->is_unslowed = true;
		return;
	}
	choose_provider(g, p);
	providers_each_domain(g->from->providers, name, add_receiver, g);
	add_recipients(g, p);
}

bool
tables_is_unslowed(const struct tables *t)
{
	return t->is_unslowed;
}

static const struct paused *
find_paused(const struct tables *t, const char *provider)
{
	for (size_t i = 0; i < t->n_paused; i++) {
		if (strcmp(t->paused[i].name, provider) == 0)
			return &t->paused[i];
	}
	return NULL;
}

/* By an own IP that its provider takes mail from. */
static void
add_steered(void *ctx, struct str domain)
{
	struct gathering *g = ctx;
	char value[POOL_NAME + 2];
	struct text t;

	text_init(&t, value, sizeof(value));
	pool_print_way(g->from->pools, g->way, domain, &t);
	g->value = text_view(&t);
	g->until = g->way->until;
	if (t.n > 0)
		add_receiver(g, domain);
}

/* What was learned of those who are paused, and of those in trouble. */
static void
add_learned(void *ctx, struct str domain, const char *provider)
{
	struct gathering *g = ctx;
	const struct paused *p = find_paused(g->out, provider);

	if (p) {
		choose_provider(g, p);
		add_receiver(g, domain);
		return;
	}
	if (!g->from->pools)
		return;
	g->way = pool_view_way(g->from->pools, provider);
	if (g->way)
		add_steered(g, domain);
}

/* The domains that are known of those in trouble. */
static void
add_ways(struct gathering *g)
{
	const struct pool_view *v = g->from->pools;

	for (size_t i = 0; v && i < v->n_ways; i++) {
		g->way = &v->ways[i];
		if (!find_paused(g->out, g->way->provider))
			providers_each_domain(g->from->providers,
			    str_from(g->way->provider), add_steered, g);
	}
}

static void
put_entry(void *ctx, struct str key, struct str value)
{
	add_entry(ctx, key, value);
}

static void
add_subject(void *ctx, enum subject_kind kind, struct str key,
    const struct standing_state *state)
{
	struct gathering *g = ctx;
	const struct answer_subject subject = {kind, key, state, NULL};
	char words[ANSWER_BYTES + 1];
	struct answer answer;
	struct text t;

	if (kind == SUBJECT_PROVIDER)
		add_provider(g, key, state);
	if (kind == SUBJECT_ACCOUNT && g->from->pools)
		pool_put_account(g->from->pools, key, state->rung, put_entry,
		    &g->out->tables[TABLE_MOVERS]);
	if (state->rung != STANDING_SUSPENDED)
		return;
	answer_choose(&subject, 1, true, &answer);
	text_init(&t, words, sizeof(words));
	answer_print(&answer, g->from->limits, key, g->now, g->from->links, &t);
	if (kind == SUBJECT_ACCOUNT)
		add_account(g, key, text_view(&t));
	else if (kind == SUBJECT_CLIENT || kind == SUBJECT_NETWORK)
		add_net(g, state, key, text_view(&t));
	else if (kind == SUBJECT_DOMAIN)
		add_entry(&g->out->domains, key, text_view(&t));
}

/* No part of a login is looked for: a domain is all its accounts that are
 * known, except those that are exempt. The policy service refuses the others,
 * too. */
static void
add_of_domain(void *ctx, struct subject *s)
{
	struct gathering *g = ctx;
	struct str domain = account_domain(subject_key(s));
	struct standing_state state;

	if (subject_kind(s) != SUBJECT_ACCOUNT || domain.n == 0)
		return;
	for (size_t k = 0; k < g->out->domains.n; k++) {
		const struct entry *e = &g->out->domains.v[k];

		if (!str_is_nocase(domain, str_from(e->key)))
			continue;
		standings_get(g->from->standings, SUBJECT_ACCOUNT,
		    subject_key(s), g->now, &state);
		if (state.exempt_until <= g->now)
			add_login(g, subject_key(s), str_from(e->value));
	}
}

static bool
next_entry(void *ctx, struct str *key, struct str *value)
{
	struct entries *e = ctx;

	if (e->at == e->n)
		return false;
	*key = str_from(e->v[e->at].key);
	*value = str_from(e->v[e->at].value);
	e->at++;
	return true;
}

static void
free_entries(struct entries *e)
{
	for (size_t i = 0; i < e->n; i++) {
		free(e->v[i].key);
		free(e->v[i].value);
	}
	free(e->v);
}

struct tables *
tables_new(const struct tables_source *s)
{
	struct tables *t = xalloc(1, sizeof(*t));

	t->state_dir = str_dup(str_from(s->state_dir));
	standings_walk_begin(s->standings, &t->standings);
	if (!s->pools)
		return t;
	/* The first of a key counts: a pool of one's own. */
	pool_put_dedicated(s->pools, put_entry, &t->tables[TABLE_MOVERS]);
	pool_put_places(s->pools, put_entry, &t->tables[TABLE_PLACES]);
	return t;
}

/* The next step; those who have nothing to do are passed over. */
static void
step_on(struct tables *t, const struct tables_source *s, struct gathering *g)
{
	bool is_steered = s->pools && s->pools->n_ways > 0;

	if (t->step == IN_STANDINGS && s->pools && s->more)
		s->more(s->more_ctx, put_entry, &t->tables[TABLE_MOVERS]);
	t->step++;
	if (t->step == IN_RECEIVERS && is_steered)
		add_ways(g);
	if (t->step == IN_RECEIVERS && t->n_paused == 0 && !is_steered)
		t->step++;
	if (t->step == IN_LEDGER && (!s->ledger || t->domains.n == 0))
		t->step++;
	if (t->step == IN_LEDGER)
		walk_begin(s->ledger, &t->ledger);
}

bool
tables_gather(
    struct tables *t, const struct tables_source *s, int64_t now, size_t max)
{
	struct gathering g = {.out = t, .from = s, .now = now};
	enum standing least =
	    s->pools ? STANDING_PROBATION : STANDING_THROTTLED;
	bool is_on = false;

	while (t->step != DONE && !is_on) {
		if (t->step == IN_STANDINGS)
			is_on = standings_walk(s->standings, &t->standings, max,
			    least, now, add_subject, &g);
		else if (t->step == IN_RECEIVERS)
			is_on = receivers_walk(
			    s->receivers, &t->receivers, max, add_learned, &g);
		else
			is_on = !walk_each(
			    s->ledger, &t->ledger, max, add_of_domain, &g);
		if (is_on)
			break;
		step_on(t, s, &g);
		is_on = t->step != DONE && max != SIZE_MAX;
	}
	return is_on;
}

int
tables_put(struct tables *t, struct error *err)
{
	char path[TABLES_PATH];
	int status = 0;

	for (int i = 0; i < TABLES; i++) {
		struct error one;

		if (i == TABLE_SENDERS)
			continue;
		tables_path(t->state_dir, i, path);
		if (postfix_table_write(path, tables_mode(i), next_entry,
			&t->tables[i], &one) < 0)
			status = error_set(err, "%s", one.text);
	}
	return status;
}

void
tables_free(struct tables **tp)
{
	struct tables *t = *tp;

	if (!t)
		return;
	*tp = NULL;
	for (int i = 0; i < TABLES; i++)
		free_entries(&t->tables[i]);
	free_entries(&t->domains);
	free(t->paused);
	free(t->state_dir);
	free(t);
}

int
tables_write(const struct tables_source *s, int64_t now, struct error *err)
{
	struct tables *t = tables_new(s);

	tables_gather(t, s, now, SIZE_MAX);
	int status = tables_put(t, err);

	tables_free(&t);
	return status;
}
