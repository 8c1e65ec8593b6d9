/* tables - the files below STATE_DIR/tables that Postfix reads */
#include "daemon/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "limits/answer.h"
#include "mta/postfix_table.h"

/* smtpd opens tables as root, before it gives its rights up. */
enum { MODE = 0640, DIR_MODE = 0750 };

void
tables_login_path(const char *state_dir, char path[TABLES_PATH])
{
	struct text t;

	text_init(&t, path, TABLES_PATH);
	text_printf(&t, "%s/tables/logins.cdb", state_dir);
}

/* Root makes them for whom the state directory belongs to (`outpost postfix`
 * before outpostd's first start). */
static void
give(const char *state_dir, const char *path)
{
	struct stat st;

	if (geteuid() == 0 && stat(state_dir, &st) == 0)
		(void)!lchown(path, st.st_uid, st.st_gid);
}

int
tables_make(const char *state_dir, struct error *err)
{
	char path[TABLES_PATH], dir[TABLES_PATH];
	struct text t;

	text_init(&t, dir, sizeof(dir));
	text_printf(&t, "%s/tables", state_dir);
	if (mkdir(dir, DIR_MODE) < 0 && errno != EEXIST)
		return error_set(err, "%s: %s", dir, strerror(errno));
	tables_login_path(state_dir, path);
	if (postfix_table_make(path, MODE, err) < 0)
		return -1;
	give(state_dir, dir);
	give(state_dir, path);
	return 0;
}

struct entry {
	char *key, *value;
};

struct entries {
	struct entry *v;
	size_t n, cap, at;
	struct str value; /* of the account that is spelt just now */
	const struct account_rules *accounts;
	const struct limits_settings *limits;
	int64_t now;
};

struct tables {
	char path[TABLES_PATH];
	struct entries entries;
};

static void
add_key(void *ctx, struct str key)
{
	struct entries *e = ctx;

	if (e->n == e->cap) {
		e->cap = e->cap ? 2 * e->cap : 64;
		e->v = xrealloc(e->v, e->cap, sizeof(*e->v));
	}
	e->v[e->n++] = (struct entry){str_dup(key), str_dup(e->value)};
}

static void
add_account(void *ctx, enum subject_kind kind, struct str key,
    const struct standing_state *state)
{
	struct entries *e = ctx;
	const struct answer_subject subject = {kind, key, state, NULL};
	char words[ANSWER_BYTES + 1];
	struct answer answer;
	struct text t;

	if (kind != SUBJECT_ACCOUNT || state->rung != STANDING_SUSPENDED)
		return;
	answer_choose(&subject, 1, true, &answer);
	text_init(&t, words, sizeof(words));
	answer_print(&answer, e->limits, key, e->now, &t);
	e->value = text_view(&t);
	postfix_table_login_keys(e->accounts, key, add_key, e);
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

struct tables *
tables_gather(const char *state_dir, struct standings *s,
    const struct account_rules *accounts, const struct limits_settings *limits,
    int64_t now)
{
	struct tables *t = xalloc(1, sizeof(*t));

	t->entries = (struct entries){
	    .accounts = accounts, .limits = limits, .now = now};
	tables_login_path(state_dir, t->path);
	standings_each(s, now, add_account, &t->entries);
	return t;
}

int
tables_put(struct tables *t, struct error *err)
{
	return postfix_table_write(t->path, MODE, next_entry, &t->entries, err);
}

void
tables_free(struct tables **tp)
{
	struct tables *t = *tp;

	if (!t)
		return;
	*tp = NULL;
	for (size_t i = 0; i < t->entries.n; i++) {
		free(t->entries.v[i].key);
		free(t->entries.v[i].value);
	}
	free(t->entries.v);
	free(t);
}

int
tables_write(const char *state_dir, struct standings *s,
    const struct account_rules *accounts, const struct limits_settings *limits,
    int64_t now, struct error *err)
{
	struct tables *t = tables_gather(state_dir, s, accounts, limits, now);
	int status = tables_put(t, err);

	tables_free(&t);
	return status;
}
