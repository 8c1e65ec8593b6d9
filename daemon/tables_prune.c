/* tables_prune - a pause ends, also when nobody is there to end it */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/tables.h"
#include "mta/postfix_table.h"

/* What still holds, as key and value, one after the other. */
struct pruning {
	const char *path;
	int64_t now;
	struct text kept;
	size_t at, gone;
};

static void
keep(struct pruning *p, struct str s)
{
	text_str(&p->kept, s);
	text_char(&p->kept, '\0');
}

/* An entry without an end never was ours: it goes, too. */
static void
on_entry(void *ctx, struct str key, struct str value)
{
	struct pruning *p = ctx;
	char buf[TABLES_KEY], until_text[64];
	struct text t;
	struct error err;
	int64_t until = 0;

	if (str_starts(key, STR(" ")))
		return;
	text_init(&t, until_text, sizeof(until_text));
	struct str until_key = tables_until_key(key, buf);

	if (postfix_table_find(p->path, until_key, &t, &err) <= 0 ||
	    !str_to_i64(text_view(&t), &until) || until <= p->now) {
		p->gone++;
		return;
	}
	keep(p, key);
	keep(p, value);
	keep(p, until_key);
	keep(p, text_view(&t));
}

static bool
next(void *ctx, struct str *key, struct str *value)
{
	struct pruning *p = ctx;
	struct str rest = str_skip(text_view(&p->kept), p->at);

	if (!str_cut(&rest, '\0', key) || !str_cut(&rest, '\0', value))
		return false;
	p->at = p->kept.n - rest.n;
	return true;
}

int
tables_prune(const char *state_dir, int64_t now, size_t *n, struct error *err)
{
	enum { KEPT_MAX = 1 << 30 };
	char path[TABLES_PATH];
	struct pruning p = {.path = path, .now = now};
	int rc;

	*n = 0;
	tables_path(state_dir, TABLE_PROVIDERS, path);
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	text_grow(&p.kept, KEPT_MAX);
	rc = postfix_table_each(path, on_entry, &p, err);
	if (rc == 0 && p.gone > 0) {
		rc = postfix_table_write(path, TABLES_MODE, next, &p, err);
		tables_give(state_dir, path);
	}
	if (rc == 0)
		*n = p.gone;
	text_done(&p.kept);
	return rc;
}
