/* follow_past - the older generations of a log file, oldest first */
#include "follow/follow_past.h"

#include <dirent.h>
#include <stdio.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/time.h"

/* Tools that keep a file's time often keep its seconds only. */
enum { ROUGH_US = 2 * 1000 * 1000, DATE_DIGITS = 6, NUMBER_DIGITS = 4 };

int64_t
past_changed_us(const struct stat *st)
{
	return st->st_mtim.tv_sec * TIME_US + st->st_mtim.tv_nsec / 1000;
}

static size_t
digits(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n;
}

/* "20261122", "20261122-120000", "2026-11-22", "1763800000" */
static bool
is_date(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		bool is_digit = digits(str_skip(s, i)) > 0;

		n += is_digit;
		if (!is_digit && !strchr("-_.:T", s.p[i]))
			return false;
	}
	return n >= DATE_DIGITS && digits(s) >= 4;
}

/* Dates that sort: "2026...", seconds since 1970. */
static bool
is_sorted(const char *date)
{
	return strncmp(date, "20", 2) == 0 ||
	       (*date == '1' && digits(str_from(date)) >= 10);
}

struct name {
	unsigned number;
	struct str date;
};

static bool
take_number(struct str s, struct name *out)
{
	uint64_t n;

	if (s.n > NUMBER_DIGITS || !str_to_u64(s, &n))
		return false;
	out->number = (unsigned)n + 1; /* savelog begins with .0 */
	return true;
}

/* What follows "mail.log": ".1", "-20261122", without ".gz". */
static bool
take_suffix(struct str s, struct name *out)
{
	if (s.n < 2 || (s.p[0] != '.' && s.p[0] != '-'))
		return false;
	s = str_skip(s, 1);
	if (take_number(s, out))
		return true;
	out->date = s;
	return is_date(s);
}

/* "mail-20261122.log" of "mail.log" */
static bool
take_infix(struct str live, struct str name, struct name *out)
{
	ptrdiff_t dot = str_find_last(live, STR("."));

	if (dot <= 0)
		return false;
	struct str stem = str_head(live, (size_t)dot);
	struct str ending = str_skip(live, (size_t)dot);

	if (name.n <= live.n || !str_starts(name, stem) ||
	    !str_ends(name, ending))
		return false;
	name = str_make(name.p + stem.n, name.n - live.n);
	out->date = str_skip(name, 1);
	return (name.p[0] == '-' || name.p[0] == '.') && is_date(out->date);
}

static bool
take_name(const char *live, const char *name, struct name *out)
{
	struct str l = str_from(live), s = str_from(name);

	*out = (struct name){0};
	if (str_ends(s, STR(".gz")))
		s.n -= 3;
	if (str_starts(s, l) && take_suffix(str_skip(s, l.n), out))
		return true;
	*out = (struct name){0};
	return take_infix(l, s, out);
}

bool
past_is_name(const char *live, const char *name)
{
	struct name n;

	return take_name(live, name, &n);
}

static int
compare(const void *va, const void *vb)
{
	const struct past_file *a = va, *b = vb;

	if (a->number && b->number && a->number != b->number)
		return a->number > b->number ? -1 : 1;
	if (a->date_at && b->date_at && is_sorted(a->path + a->date_at) &&
	    is_sorted(b->path + b->date_at))
		return strcmp(a->path + a->date_at, b->path + b->date_at);
	if (a->changed_us != b->changed_us)
		return a->changed_us < b->changed_us ? -1 : 1;
	return strcmp(a->path, b->path);
}

/* In place of the oldest, when there are too many. */
static struct past_file *
get_room(struct past *p)
{
	size_t oldest = 0;

	if (p->n < PAST_FILES)
		return &p->v[p->n++];
	for (size_t i = 1; i < p->n; i++) {
		if (p->v[i].changed_us < p->v[oldest].changed_us)
			oldest = i;
	}
	free(p->v[oldest].path);
	return &p->v[oldest];
}

/* A gzip beside its file is being made of it. */
static bool
is_in_the_making(const char *path, size_t n)
{
	char plain[4096];

	memcpy(plain, path, n - 3);
	plain[n - 3] = '\0';
	return access(plain, F_OK) == 0;
}

static bool
is_inode(const struct stat *st, const struct follow_place *place)
{
	return (uint64_t)st->st_ino == place->inode &&
	       (uint64_t)st->st_dev == place->device;
}

static void
add(struct past *p, struct str dir, const char *live, const char *entry,
    const struct follow_place *place)
{
	char path[4096];
	struct name name;
	struct stat st;
	int n = snprintf(path, sizeof(path), "%.*s%s", STR_ARG(dir), entry);

	if (n >= (int)sizeof(path) || stat(path, &st) < 0 ||
	    !S_ISREG(st.st_mode))
		return;
	if (!take_name(live, entry, &name)) {
		if (strcmp(live, entry) == 0 || !is_inode(&st, place))
			return;
		name = (struct name){0};
	}
	bool is_gz = str_ends(str_from(entry), STR(".gz"));

	if (is_gz && is_in_the_making(path, (size_t)n))
		return;
	*get_room(p) = (struct past_file){
	    .path = str_dup(str_from(path)),
	    .device = (uint64_t)st.st_dev,
	    .inode = (uint64_t)st.st_ino,
	    .size = (uint64_t)st.st_size,
	    .changed_us = past_changed_us(&st),
	    .is_gz = is_gz,
	    .number = name.number,
	    .date_at =
		name.date.n > 0 ? dir.n + (size_t)(name.date.p - entry) : 0,
	};
}

static struct past *
list(const char *path, const struct follow_place *place)
{
	struct past *p = xalloc(1, sizeof(*p));
	const char *slash = strrchr(path, '/');
	struct str dir = str_make(path, slash ? (size_t)(slash - path) + 1 : 0);
	char *name = str_dup(dir.n > 0 ? dir : STR("."));
	DIR *d = opendir(name);

	free(name);
	for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d))
		add(p, dir, path + dir.n, e->d_name, place);
	if (d)
		closedir(d);
	struct stat st;

	p->live = stat(path, &st) == 0 ? (uint64_t)st.st_ino : 0;
	qsort(p->v, p->n, sizeof(p->v[0]), compare);
	return p;
}

static bool
is_same(const struct past *a, const struct past *b)
{
	if (a->n != b->n || a->live != b->live)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (a->v[i].inode != b->v[i].inode ||
		    strcmp(a->v[i].path, b->v[i].path) != 0)
			return false;
	}
	return true;
}

/* A rotation under way renames one after the other, and a name that was read
 * may be another file's when it is asked for: a listing that comes out the same
 * twice has missed none. */
struct past *
past_new(const char *path, const struct follow_place *place)
{
	struct past *before = list(path, place), *p = list(path, place);

	for (int i = 0; i < 4 && !is_same(before, p); i++) {
		past_free(&before);
		before = p;
		p = list(path, place);
	}
	p->is_settled = is_same(before, p);
	past_free(&before);
	return p;
}

bool
past_is_still(
    const struct past *p, const char *path, const struct follow_place *place)
{
	struct past *now = list(path, place);
	bool is_still = is_same(p, now);

	past_free(&now);
	return is_still;
}

void
past_free(struct past **pp)
{
	struct past *p = *pp;

	*pp = NULL;
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].path);
	free(p);
}

/* The bytes before the offset; of a gzip, who reads it up to there sees. */
static bool
has_tail(const struct past_file *file, const struct follow_place *place)
{
	struct follow_bytes tail;
	int fd;

	if (file->is_gz)
		return true;
	fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	bool is_it = follow_tail_read(&tail, fd, place->offset) &&
		     follow_hash(&tail, tail.n) == place->hash;

	close(fd);
	return is_it;
}

static bool
is_there(const struct past_file *file, const struct follow_place *place)
{
	struct follow_bytes head;
	size_t n = follow_hashed(place->offset);

	return follow_head_read(&head, file->path, n) &&
	       follow_hash(&head, n) == place->head && has_tail(file, place);
}

/* One that can't be read is taken at its inode's word: opening it says why. */
static bool
is_its_word(const struct past_file *file, const struct follow_place *place)
{
	return file->inode == place->inode && file->device == place->device &&
	       (eaccess(file->path, R_OK) < 0 || is_there(file, place));
}

bool
past_is_live(const struct follow_place *place, const struct stat *live)
{
	struct past_file file = {
	    .path = str_dup(place->path),
	    .device = (uint64_t)live->st_dev,
	    .inode = (uint64_t)live->st_ino,
	};
	bool is_it = is_its_word(&file, place);

	free(file.path);
	return is_it;
}

size_t
past_find(const struct past *p, const struct follow_place *place)
{
	for (size_t i = 0; i < p->n; i++) {
		if (is_its_word(&p->v[i], place))
			return i;
	}
	if (place->offset == 0)
		return SIZE_MAX;
	/* A copy or a gzip: written to when the place was read, or later. */
	for (size_t i = p->n; i-- > 0;) {
		if (p->v[i].changed_us + ROUGH_US >= place->seen_us &&
		    is_there(&p->v[i], place))
			return i;
	}
	return SIZE_MAX;
}

/* By its name, or, should the names count upward, by its time. */
static bool
is_younger(const struct past *p, const struct follow_place *place, size_t at,
    size_t than)
{
	if (than < p->n)
		return at > than || (at < than && p->v[at].changed_us >
						      p->v[than].changed_us);
	return place->seen_us > 0 && p->v[at].changed_us > place->seen_us;
}

size_t
past_next(const struct past *p, const struct follow_place *place, size_t at)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->v[i].size > 0 && is_younger(p, place, i, at) &&
		    !follow_place_knows(place, p->v[i].path, 1))
			return i;
	}
	return p->n;
}
