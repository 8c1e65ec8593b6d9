/* follow - reads log files as they grow, over every kind of rotation */
#include "follow/follow.h"

#include <glob.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/time.h"
#include "follow/follow_state.h"

enum {
	SLICE_US = 250,	      /* of this thread's time: lines that cost more */
	POLL_US = 250 * 1000, /* when inotify is silent or absent */
	EXPAND_POLLS = 20,    /* patterns are expanded again every 5 s */
	LOST_AFTER = 3,	      /* so often, and a path is given up: a rotation
			       * may be under way */
};

static void
copy_files(struct follow *f, const struct setting_list *files)
{
	const char **v = arena_alloc(&f->arena, (files->n + 1) * sizeof(*v));

	for (size_t i = 0; i < files->n; i++)
		v[i] = arena_dup(&f->arena, str_from(files->v[i]));
	f->files = (struct setting_list){v, files->n};
	f->is_unmatched = arena_alloc(&f->arena, files->n + 1);
}

struct follow *
follow_new(const struct setting_list *files, const struct follow_hooks *hooks)
{
	struct follow *f = xalloc(1, sizeof(*f));

	arena_init(&f->arena);
	copy_files(f, files);
	f->hooks = *hooks;
	f->inotify = -1;
	f->trust.is_anybody = true;
	return f;
}

void
follow_set_trust(struct follow *f, const struct follow_trust *trust)
{
	f->trust = *trust;
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
	for (size_t i = 0; i < f->n; i++) {
		loop_watch_free(&f->told[i].watch);
		follow_source_done(&f->v[i]);
	}
	arena_done(&f->arena);
	free(f);
}

static void
forget(struct follow *f, struct follow_source *s)
{
	size_t i = (size_t)(s - f->v);

	loop_watch_free(&f->told[i].watch);
	f->told[i].fd = 0;
	follow_source_done(s);
}

struct follow_source *
follow_get_source(struct follow *f, struct str path)
{
	struct follow_source *s = NULL;

	for (size_t i = 0; i < f->n; i++) {
		if (str_is(str_from(f->v[i].path), path))
			return &f->v[i];
		if (f->is_started && !f->v[i].is_wanted)
			s = &f->v[i];
	}
	if (f->n < FOLLOW_SOURCES)
		s = &f->v[f->n++];
	else if (s)
		forget(f, s);
	else
		return NULL;
	follow_source_init(s, path);
	if (follow_journal_is(path))
		s->journal = follow_journal_new(s->path, &f->trust);
	return s;
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

/* A path that can't be followed: said once, not every few seconds. */
static void
refuse(struct follow *f, const char *path, const char *why)
{
	struct error err;

	if (f->has_refused)
		return;
	f->has_refused = true;
	error_set(&err, "%.400s: not followed: %s", path, why);
	f->hooks.on_state(f->hooks.ctx, path, &err);
}

static void
want(struct follow *f, const char *path)
{
	struct follow_source *s;

	if (strlen(path) > DISK_KEY) {
		refuse(f, path, "the path is too long");
		return;
	}
	s = follow_get_source(f, str_from(path));
	if (!s) {
		refuse(f, path, "there are too many log files");
		return;
	}
	s->is_wanted = true;
	s->missed = 0;
	if (!s->is_stdin && !s->journal)
		watch_directory(f, path);
}

static void
tell_match(struct follow *f, size_t i, bool is_unmatched)
{
	struct error err;

	if (is_unmatched == f->is_unmatched[i])
		return;
	f->is_unmatched[i] = is_unmatched;
	error_set(&err, "%.400s: no file has such a name", f->files.v[i]);
	f->hooks.on_state(
	    f->hooks.ctx, f->files.v[i], is_unmatched ? &err : NULL);
}

/* What a pattern finds may be what a log was renamed to, or a copy of it. */
static void
want_found(struct follow *f, const char *path)
{
	enum follow_kin kin = FOLLOW_STRANGER;

	for (size_t i = 0; i < f->n && kin == FOLLOW_STRANGER; i++) {
		if (strcmp(f->v[i].path, path) != 0)
			kin = follow_source_kin(&f->v[i], path);
		else if (f->v[i].place.path.n > 0)
			break; /* known by its own name */
	}
	if (kin == FOLLOW_PAST || kin == FOLLOW_SAME)
		return;
	want(f, path);
	struct follow_source *s = follow_get_source(f, str_from(path));

	if (s && kin == FOLLOW_READ)
		follow_source_pass(s);
}

static void
want_all(struct follow *f, char *const *paths, size_t n)
{
	struct follow_source s = {0};

	for (size_t i = 0; i < n; i++) {
		bool is_past = false;

		for (size_t k = 0; k < n && !is_past; k++) {
			s.path = paths[k];
			is_past =
			    follow_source_kin(&s, paths[i]) == FOLLOW_PAST;
		}
		if (!is_past)
			want_found(f, paths[i]);
	}
}

static void
expand_one(struct follow *f, size_t at)
{
	const char *pattern = f->files.v[at];
	glob_t g = {0};

	/* No match: keep a plain path, so that its absence is told. */
	if (glob(pattern, GLOB_NOCHECK, NULL, &g) != 0)
		return;
	bool is_pattern = strpbrk(pattern, "*?[");
	bool is_unmatched = is_pattern && g.gl_pathc == 1 &&
			    strcmp(g.gl_pathv[0], pattern) == 0;

	tell_match(f, at, is_unmatched);
	if (!is_pattern)
		want(f, pattern);
	else if (!is_unmatched)
		want_all(f, g.gl_pathv, g.gl_pathc);
	globfree(&g);
}

static void
on_line(void *ctx, size_t source, struct str line)
{
	struct follow *f = ctx;

	f->v[source].lines++;
	f->hooks.on_line(f->hooks.ctx, source, line);
}

static void
on_gap(void *ctx, size_t source, const char *why)
{
	struct follow *f = ctx;

	if (f->hooks.on_gap)
		f->hooks.on_gap(f->hooks.ctx, source, why);
}

struct follow_sink
follow_sink_of(struct follow *f, size_t source)
{
	return (struct follow_sink){on_line, on_gap, f, source, 0};
}

/* What no pattern finds any more (a dated log that was removed, a path that is
 * not configured now) makes room. */
static void
drop_lost(struct follow *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct follow_sink sink = follow_sink_of(f, i);
		struct follow_source *s = &f->v[i];

		if (!s->is_wanted || s->missed++ < LOST_AFTER)
			continue;
		follow_source_rest(s, &sink);
		s->is_wanted = s->is_failing = false;
	}
}

static void
expand(struct follow *f)
{
	f->is_started = true;
	for (size_t i = 0; i < f->files.n; i++)
		expand_one(f, i);
	if (f->is_idle)
		drop_lost(f);
}

static void
tell_state(struct follow *f, struct follow_source *s, const struct error *err)
{
	if ((err != NULL) == s->is_failing)
		return;
	s->is_failing = err != NULL;
	f->hooks.on_state(f->hooks.ctx, s->path, err);
}

static void
read_soon(struct follow *f)
{
	loop_timer_work(f->soon);
}

static void
on_journal(void *ctx)
{
	read_soon(ctx);
}

/* Each opening of a journal has a descriptor of its own. */
static void
watch_journal(struct follow *f, size_t i)
{
	int fd = follow_journal_fd(f->v[i].journal);

	if (fd < 0)
		fd = 0;
	if (fd == f->told[i].fd)
		return;
	loop_watch_free(&f->told[i].watch);
	f->told[i].fd = fd;
	if (fd > 0)
		f->told[i].watch =
		    loop_watch_new(f->loop, fd, LOOP_READ, on_journal, f);
}

static bool
read_one(struct follow *f, size_t i, int64_t until_us)
{
	const struct follow_sink sink = {on_line, on_gap, f, i, until_us};
	struct follow_source *s = &f->v[i];
	struct error err;
	int more = follow_source_read(s, &sink, &err);

	tell_state(f, s, more < 0 ? &err : NULL);
	if (s->journal)
		watch_journal(f, i);
	return more > 0;
}

/* One slice of every source; true when there is more. */
static bool
read_all(struct follow *f)
{
	int64_t until_us = time_cpu_us() + SLICE_US;
	bool is_more = false;

	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].is_wanted)
			is_more |= read_one(f, i, until_us);
	}
	f->is_idle = !is_more;
	f->hooks.on_slice(f->hooks.ctx);
	return is_more;
}

static void
on_soon(void *ctx)
{
	struct follow *f = ctx;

	if (!f->is_paused && !f->is_waiting && read_all(f))
		read_soon(f);
}

static void
on_poll(void *ctx)
{
	struct follow *f = ctx;

	if (f->polls++ % EXPAND_POLLS == 0)
		expand(f);
	read_soon(f);
}

static void
on_notified(void *ctx)
{
	struct follow *f = ctx;
	char buf[4096];

	while (read(f->inotify, buf, sizeof(buf)) > 0)
		;
	read_soon(f);
}

void
follow_start(struct follow *f, struct loop *l)
{
	f->loop = l;
	f->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	f->soon = loop_timer_new(l, on_soon, f);
	f->poll = loop_timer_new(l, on_poll, f);
	if (f->inotify >= 0)
		f->notified =
		    loop_watch_new(l, f->inotify, LOOP_READ, on_notified, f);
	loop_timer_every(f->poll, POLL_US);
	on_poll(f);
}

void
follow_pause(struct follow *f, bool is_paused)
{
	f->is_paused = is_paused;
	if (!is_paused && f->soon)
		read_soon(f);
}

void
follow_wait(struct follow *f, bool is_waiting)
{
	f->is_waiting = is_waiting;
	if (!is_waiting && f->soon)
		read_soon(f);
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

	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].is_wanted)
			n += follow_source_behind(&f->v[i]);
	}
	return n;
}

void
follow_each(struct follow *f, follow_look_fn *each, void *ctx)
{
	for (size_t i = 0; i < f->n; i++) {
		struct follow_source *s = &f->v[i];
		const uint64_t behind = follow_source_behind(s);

		if (!s->is_wanted)
			continue;
		each(ctx, &(struct follow_look){
			      .source = i,
			      .path = s->path,
			      .file = s->opened ? s->opened : s->path,
			      .is_failing = s->is_failing,
			      .is_behind = behind > 0,
			      .lines = s->lines,
			      .bytes_behind = s->journal ? 0 : behind,
			      .place = follow_source_at(s),
			  });
	}
}
