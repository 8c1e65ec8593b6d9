/* follow - reads log files as they grow, over every kind of rotation */
#include "daemon/follow.h"

#include <glob.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "daemon/follow_source.h"

enum {
	POLL_US = 250 * 1000, /* when inotify is silent or absent */
	EXPAND_POLLS = 20,    /* patterns are expanded again every 5 s */
};

struct follow {
	struct setting_list files;
	struct follow_hooks hooks;
	struct follow_source v[FOLLOW_SOURCES];
	size_t n;
	struct loop_timer *poll, *soon;
	struct loop_watch *notified;
	int inotify;
	unsigned polls;
	bool is_idle;
};

struct follow *
follow_new(const struct setting_list *files, const struct follow_hooks *hooks)
{
	struct follow *f = xalloc(1, sizeof(*f));

	f->files = *files;
	f->hooks = *hooks;
	f->inotify = -1;
	return f;
}

void
follow_free(struct follow **fp)
{
	struct follow *f = *fp;

	if (!f)
		return;
	*fp = NULL;
	loop_timer_free(&f->poll);
	loop_timer_free(&f->soon);
	loop_watch_free(&f->notified);
	if (f->inotify >= 0)
		close(f->inotify);
	for (size_t i = 0; i < f->n; i++)
		follow_source_done(&f->v[i]);
	free(f);
}

/* NULL when there are too many. */
static struct follow_source *
get_source(struct follow *f, struct str path)
{
	for (size_t i = 0; i < f->n; i++) {
		if (str_is(str_from(f->v[i].path), path))
			return &f->v[i];
	}
	if (f->n == FOLLOW_SOURCES)
		return NULL;
	follow_source_init(&f->v[f->n], path);
	return &f->v[f->n++];
}

/* Watch the directory: it tells of writes, of renames, and of new files. */
static void
watch_directory(struct follow *f, const char *path)
{
	char dir[4096] = ".";
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;

	if (f->inotify < 0 || n >= sizeof(dir))
		return;
	if (slash) {
		memcpy(dir, n ? path : "/", n ? n : 1);
		dir[n ? n : 1] = '\0';
	}
	inotify_add_watch(f->inotify, dir,
	    IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE);
}

static void
expand_one(struct follow *f, const char *pattern)
{
	glob_t g = {0};

	/* No match: keep a plain path, so that its absence is told. */
	if (glob(pattern, GLOB_NOCHECK, NULL, &g) != 0)
		return;
	for (size_t i = 0; i < g.gl_pathc; i++) {
		const char *path = g.gl_pathv[i];
		bool is_pattern = strpbrk(path, "*?[") &&
				  str_is(str_from(path), str_from(pattern));

		if (!is_pattern && get_source(f, str_from(path)))
			watch_directory(f, path);
	}
	globfree(&g);
}

static void
expand(struct follow *f)
{
	for (size_t i = 0; i < f->files.n; i++)
		expand_one(f, f->files.v[i]);
}

static void
tell_state(struct follow *f, struct follow_source *s, const struct error *err)
{
	if ((err != NULL) == s->is_failing)
		return;
	s->is_failing = err != NULL;
	f->hooks.on_state(f->hooks.ctx, s->path, err);
}

/* One slice of every source; true when there is more. */
static bool
read_all(struct follow *f)
{
	bool is_more = false;

	for (size_t i = 0; i < f->n; i++) {
		struct follow_source *s = &f->v[i];
		struct error err;
		struct follow_sink sink = {f->hooks.on_line, f->hooks.ctx, i};
		int more = follow_source_read(s, &sink, &err);

		tell_state(f, s, more < 0 ? &err : NULL);
		is_more |= more > 0;
	}
	f->is_idle = !is_more;
	f->hooks.on_slice(f->hooks.ctx);
	return is_more;
}

static void
on_soon(void *ctx)
{
	struct follow *f = ctx;

	if (read_all(f))
		loop_timer_in(f->soon, 0);
}

static void
on_poll(void *ctx)
{
	struct follow *f = ctx;

	if (f->polls++ % EXPAND_POLLS == 0)
		expand(f);
	loop_timer_in(f->soon, 0);
}

static void
on_notified(void *ctx)
{
	struct follow *f = ctx;
	char buf[4096];

	while (read(f->inotify, buf, sizeof(buf)) > 0)
		;
	loop_timer_in(f->soon, 0);
}

void
follow_start(struct follow *f, struct loop *l)
{
	f->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	f->soon = loop_timer_new(l, on_soon, f);
	f->poll = loop_timer_new(l, on_poll, f);
	if (f->inotify >= 0)
		f->notified =
		    loop_watch_new(l, f->inotify, LOOP_READ, on_notified, f);
	loop_timer_every(f->poll, POLL_US);
	on_poll(f);
}

bool
follow_is_idle(const struct follow *f)
{
	return f->is_idle;
}

uint64_t
follow_bytes_behind(const struct follow *f)
{
	uint64_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += follow_source_behind(&f->v[i]);
	return n;
}

static void
save(void *ctx, struct text *out)
{
	struct follow *f = ctx;

	for (size_t i = 0; i < f->n; i++)
		follow_source_save(&f->v[i], out);
}

static bool
replay(void *ctx, struct str section)
{
	struct follow *f = ctx;
	struct follow_position p;

	while (section.n > 0) {
		if (!follow_position_take(&section, &p))
			return false;
		struct follow_source *s = get_source(f, p.path);

		if (s)
			follow_source_place(s, &p);
	}
	return true;
}

static void
fold(void *ctx, struct disk_batch *b, int table)
{
	struct follow *f = ctx;

	for (size_t i = 0; i < f->n; i++) {
		char buf[8192];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		follow_source_print(&f->v[i], &t);
		if (t.n > 0)
			disk_put(
			    b, table, str_from(f->v[i].path), text_view(&t));
	}
}

static bool
load(void *ctx, struct str key, struct str value)
{
	(void)key;
	return replay(ctx, value);
}

struct books_part
follow_part(struct follow *f)
{
	return (struct books_part){
	    .tag = 'P',
	    .table = "positions",
	    .ctx = f,
	    .save = save,
	    .replay = replay,
	    .fold = fold,
	    .load = load,
	};
}
