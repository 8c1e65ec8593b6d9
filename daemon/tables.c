/* tables - the files below STATE_DIR/tables that Postfix reads */
#include "daemon/tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "ledger/walk.h"
#include "limits/answer.h"
#include "mta/postfix_table.h"

enum { DIR_MODE = 0751 };

/* smtpd opens tables as root, before it gives its rights up; sendmail has those
 * of who runs it. */
static const struct {
	const char *name;
	mode_t mode;
} kinds[TABLES] = {
    [TABLE_LOGINS] = {"logins", 0640},
    [TABLE_USERS] = {"users", 0644},
    [TABLE_CLIENTS] = {"clients", 0640},
    [TABLE_BLOCKED] = {"blocked", 0640},
    [TABLE_PROVIDERS] = {"providers", 0640},
    [TABLE_MOVERS] = {"movers", 0640},
    [TABLE_SENDERS] = {"senders", 0640},
    [TABLE_PLACES] = {"places", 0640},
};

void
tables_path(
    const char *state_dir, enum tables_kind which, char path[TABLES_PATH])
{
	struct text t;

	text_init(&t, path, TABLES_PATH);
	text_printf(&t, "%s/tables/%s.cdb", state_dir, kinds[which].name);
}

bool
tables_are_public(const char *state_dir, char where[TABLES_PATH])
{
	struct stat st;

	tables_path(state_dir, TABLE_USERS, where);
	for (char *slash; (slash = strrchr(where, '/')) && slash != where;) {
		*slash = '\0';
		if (stat(where, &st) < 0 || !(st.st_mode & S_IXOTH))
			return false;
	}
	return true;
}

void
tables_give(const char *state_dir, const char *path)
{
	struct stat st;

	if (geteuid() == 0 && stat(state_dir, &st) == 0)
		(void)!lchown(path, st.st_uid, st.st_gid);
}

/* Others pass through, to the one table that is theirs to read. */
static int
make_directory(const char *dir, struct error *err)
{
	struct stat st;

	if (mkdir(dir, DIR_MODE) < 0 && errno != EEXIST)
		return error_set(err, "%s: %s", dir, strerror(errno));
	if (stat(dir, &st) == 0 && (st.st_mode & 07777) != DIR_MODE)
		(void)!chmod(dir, DIR_MODE);
	return 0;
}

int
tables_make(const char *state_dir, struct error *err)
{
	char path[TABLES_PATH], dir[TABLES_PATH];
	struct text t;

	text_init(&t, dir, sizeof(dir));
	text_printf(&t, "%s/tables", state_dir);
	if (make_directory(dir, err) < 0)
		return -1;
	tables_give(state_dir, dir);
	for (int i = 0; i < TABLES; i++) {
		tables_path(state_dir, i, path);
		if (postfix_table_make(path, kinds[i].mode, err) < 0)
			return -1;
		tables_give(state_dir, path);
	}
	return 0;
}

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
	bool is_slow;
};

struct tables {
	char *state_dir;
	struct entries tables[TABLES];
	struct entries domains; /* suspended ones */
	struct paused *paused;
	size_t n_paused;
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
	g->value =
	    p->is_slow ? str_from(g->from->slow_transport) : STR(TABLES_PAUSED);
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

	*p = (struct paused){
	    .until = state->until, .is_slow = state->rung < STANDING_HELD};
	text_init(&w, p->name, sizeof(p->name));
	text_str(&w, name);
	choose_provider(g, p);
	providers_each_domain(g->from->providers, name, add_receiver, g);
}

/* What was learned of those who are paused. */
static void
add_learned(void *ctx, struct str domain, const char *provider)
{
	struct gathering *g = ctx;

	for (size_t i = 0; i < g->out->n_paused; i++) {
		const struct paused *p = &g->out->paused[i];

		if (strcmp(p->name, provider) != 0)
			continue;
		choose_provider(g, p);
		add_receiver(g, domain);
	}
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
	return t;
}

/* The next step; those who have nothing to do are passed over. */
static void
step_on(struct tables *t, const struct tables_source *s)
{
	t->step++;
	if (t->step == IN_RECEIVERS && t->n_paused == 0)
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
	bool is_on = false;

	while (t->step != DONE && !is_on) {
		if (t->step == IN_STANDINGS)
			is_on = standings_walk(s->standings, &t->standings, max,
			    STANDING_THROTTLED, now, add_subject, &g);
		else if (t->step == IN_RECEIVERS)
			is_on = receivers_walk(
			    s->receivers, &t->receivers, max, add_learned, &g);
		else
			is_on = !walk_each(
			    s->ledger, &t->ledger, max, add_of_domain, &g);
		if (is_on)
			break;
		step_on(t, s);
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

		tables_path(t->state_dir, i, path);
		if (postfix_table_write(path, kinds[i].mode, next_entry,
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
