/* local_learn - `outpost learn`: old logs into the books, without outpostd */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/time.h"
#include "cli/lines.h"
#include "cli/local.h"
#include "config/settings.h"
#include "daemon/app_learn.h"
#include "follow/follow_place.h"
#include "mta/logline.h"

enum { DAY = 86400, HEAD = 256, SOURCE = 0 };

struct file {
	const char *path;
	int64_t from; /* its first line's time; lines from a pipe come last */
	int64_t end;  /* no line is of later */
	struct follow_bytes head;
	bool is_done;
};

struct learn {
	struct app *app;
	struct file *v;
	size_t n;
	int64_t now; /* --now; 0: not given */
};

static bool
is_pipe(const struct file *f)
{
	return strcmp(f->path, "-") == 0;
}

static int
look_at(struct learn *k, struct file *f, struct error *err)
{
	struct logline_clock clock;
	struct logline line;
	struct stat st;
	struct str rest, first;

	f->end = k->now ? k->now : time(NULL);
	f->from = TIME_NEVER;
	if (is_pipe(f))
		return 0;
	if (stat(f->path, &st) < 0 || eaccess(f->path, R_OK) < 0)
		return error_set(err, "%s: %s", f->path, strerror(errno));
	if (k->now == 0)
		f->end = st.st_mtime;
	follow_head_read(&f->head, f->path, HEAD);
	logline_clock_init(&clock, f->end);
	rest = str_make(f->head.b, f->head.n);
	if (!str_cut(&rest, '\n', &first))
		first = str_make(f->head.b, f->head.n);
	if (logline_parse(&clock, first, &line))
		f->from = line.at_us / TIME_US;
	return 0;
}

static int
by_time(const void *va, const void *vb)
{
	const struct file *a = va, *b = vb;

	return a->from < b->from ? -1 : a->from > b->from;
}

/* Another FILE that begins with the same bytes: the same, compressed or
 * copied. */
static const char *
copy_of(const struct learn *k, const struct file *f)
{
	for (size_t i = 0; i < k->n; i++) {
		const struct file *o = &k->v[i];

		if (o != f && o->is_done && f->head.n > 0 &&
		    o->head.n == f->head.n &&
		    memcmp(o->head.b, f->head.b, f->head.n) == 0)
			return o->path;
	}
	return app_learn_has_read(k->app, f->path) ? "what was read" : NULL;
}

static void
on_line(void *ctx, struct str line)
{
	struct learn *k = ctx;

	app_learn_line(k->app, SOURCE, line);
}

static int
read_file(struct learn *k, struct file *f, struct error *err)
{
	int status = is_pipe(f) ? 0 : app_learn_followed(k->app, f->path, err);
	const char *same = status == 0 ? copy_of(k, f) : NULL;

	f->is_done = true;
	if (same)
		fprintf(stderr, "outpost: %s: begins as %s does, passed over\n",
		    f->path, same);
	if (status != 0 || same)
		return status < 0 ? -1 : 0;
	app_learn_source(k->app, SOURCE, f->end);
	return lines_read(f->path, on_line, NULL, k, err);
}

static void
print_json(const struct app_learnt *t, struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open(&j, NULL);
	json_i64(&j, "lines", (int64_t)t->lines);
	json_i64(&j, "facts", (int64_t)t->facts);
	json_i64(&j, "lines_unreadable", (int64_t)t->unreadable);
	json_i64(&j, "lines_known", (int64_t)t->known);
	if (t->from > 0) {
		json_time(&j, "from", t->from);
		json_time(&j, "to", t->to);
	}
	json_i64(&j, "accounts", (int64_t)t->accounts);
	if (t->began > 0)
		json_time(&j, "history_since", t->began);
	json_close(&j);
	text_char(out, '\n');
}

static void
print(const struct app_learnt *t, struct text *out)
{
	text_printf(out, "%llu lines read, %llu facts learned",
	    (unsigned long long)t->lines, (unsigned long long)t->facts);
	if (t->from > 0) {
		text_add(out, " of ");
		time_local_text(out, t->from);
		text_add(out, " to ");
		time_local_text(out, t->to);
	}
	text_char(out, '\n');
	if (t->unreadable > 0)
		text_printf(out, "%llu lines are of no syslog\n",
		    (unsigned long long)t->unreadable);
	if (t->known > 0)
		text_printf(out,
		    "%llu lines are of a time that outpostd knows or reads "
		    "itself: passed over\n",
		    (unsigned long long)t->known);
	text_printf(out, "the books know %zu accounts", t->accounts);
	if (t->began > 0) {
		text_add(out, ", since ");
		time_local_text(out, t->began);
	}
	text_char(out, '\n');
}

/* The books belong to outpostd's user; logs are read as who asks. */
static int
open_books(struct learn *k, const struct client_line *l, const char *dir,
    struct error *err)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (local_become_owner(dir, err) < 0)
		return -1;
	k->app = app_learn_open(l->config, err);
	if (seteuid(uid) < 0 || setegid(gid) < 0)
		return error_set(
		    err, "can't become root again: %s", strerror(errno));
	return k->app ? 0 : -1;
}

/* When it fails, the books are left as they were. */
static int
learn(struct learn *k, const struct client_line *l, const char *dir,
    struct app_learnt *told, struct error *err)
{
	int status = 0;

	for (size_t i = 0; status == 0 && i < k->n; i++)
		status = look_at(k, &k->v[i], err);
	qsort(k->v, k->n, sizeof(k->v[0]), by_time);
	if (status == 0)
		status = open_books(k, l, dir, err);
	for (size_t i = 0; status == 0 && i < k->n; i++)
		status = read_file(k, &k->v[i], err);
	if (status < 0)
		return -1;
	return local_become_owner(dir, err) < 0
		   ? -1
		   : app_learn_close(&k->app, told, err);
}

static enum exit_status
tell(const struct app_learnt *told, bool is_json)
{
	char buf[1024];
	struct text out;

	text_init(&out, buf, sizeof(buf));
	if (is_json)
		print_json(told, &out);
	else
		print(told, &out);
	return local_print(text_view(&out));
}

enum exit_status
local_learn(const struct settings *s, const struct client_line *l)
{
	const char *text = client_option(l, "now");
	struct learn k = {.n = l->n_args};
	struct app_learnt told;
	struct error err;
	int64_t now_us = 0;

	if (l->n_args == 0)
		return local_fail(EXIT_USAGE, "learn needs a FILE, or - for "
					      "standard input");
	if (text && !time_parse_rfc3339(str_from(text), &now_us))
		return local_fail(
		    EXIT_USAGE, "--now must be such as 2026-11-21T22:40:00Z");
	k.now = now_us / TIME_US;
	memory_large_heap();
	k.v = xalloc(k.n, sizeof(k.v[0]));
	for (size_t i = 0; i < k.n; i++)
		k.v[i].path = l->args[i];
	int status = learn(&k, l, s->daemon.state_dir, &told, &err);

	free(k.v);
	return status < 0 ? local_fail(EXIT_FAILED, "%s; nothing was learned",
				err.text)
			  : tell(&told, l->is_json);
}
