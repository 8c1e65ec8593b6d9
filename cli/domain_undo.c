/* domain_undo - what was changed in zones, kept to be taken back */
#include "cli/domain_undo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES = 8 * 1024 * 1024, KEPT = 50 };

/* DOMAIN@NUMBER, ascending: no domain has an @. */
struct found {
	unsigned long long newest, oldest;
	size_t n;
};

static void
folder(const char *state_dir, char path[DOMAIN_UNDO_PATH])
{
	struct text t;

	text_init(&t, path, DOMAIN_UNDO_PATH);
	text_printf(&t, "%s/dns-changes", state_dir);
}

static void
file_path(const char *state_dir, const char *domain, unsigned long long number,
    char path[DOMAIN_UNDO_PATH])
{
	struct text t;

	folder(state_dir, path);
	text_init(&t, path + strlen(path), DOMAIN_UNDO_PATH - strlen(path));
	text_printf(&t, "/%s@%llu", domain, number);
}

static void
find(const char *dir, const char *domain, struct found *out)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	*out = (struct found){0};
	while (d && (e = readdir(d))) {
		struct str number = str_from(e->d_name), name;
		uint64_t n;

		if (!str_cut(&number, '@', &name) ||
		    !str_is(name, str_from(domain)) ||
		    !str_to_u64(number, &n) || n == 0)
			continue;
		if (n > out->newest)
			out->newest = n;
		if (out->n == 0 || n < out->oldest)
			out->oldest = n;
		out->n++;
	}
	if (d)
		closedir(d);
}

static int
write_file(const char *path, struct str content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	ssize_t n = write(fd, content.p, content.n);
	bool is_good = n == (ssize_t)content.n && fsync(fd) == 0;

	if (!is_good && n >= 0 && n < (ssize_t)content.n)
		errno = ENOSPC;
	int why = errno;

	close(fd);
	if (!is_good)
		unlink(path);
	errno = why;
	return is_good ? 0 : -1;
}

int
domain_undo_keep(const char *state_dir, const struct changes *c,
    char path[DOMAIN_UNDO_PATH], struct error *err)
{
	char dir[DOMAIN_UNDO_PATH], domain[DNS_NAME];
	struct found found;
	struct text t;

	text_init(&t, domain, sizeof(domain));
	text_str(&t, c->domain);
	folder(state_dir, dir);
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return error_set(err, "%s: %s", dir, strerror(errno));
	find(dir, domain, &found);
	file_path(state_dir, domain, found.newest + 1, path);
	text_grow(&t, FILE_BYTES);
	changes_print(c, &t);
	int status = t.is_cut ? -1 : write_file(path, text_view(&t));

	if (status < 0)
		error_set(err, "%s: %s", path,
		    t.is_cut ? "too large" : strerror(errno));
	text_done(&t);
	if (status == 0 && found.n >= KEPT) {
		file_path(state_dir, domain, found.oldest, dir);
		unlink(dir);
	}
	return status;
}

static int
read_file(const char *path, struct text *out, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char buf[65536];
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, buf, sizeof(buf))) > 0)
		text_bytes(out, buf, (size_t)n);
	if (n < 0)
		error_set(err, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return n < 0 ? -1 : 0;
}

int
domain_undo_last(const char *state_dir, const char *domain, struct arena *a,
    struct changes *out, char path[DOMAIN_UNDO_PATH], struct error *err)
{
	char dir[DOMAIN_UNDO_PATH];
	struct found found;
	struct text t;

	folder(state_dir, dir);
	find(dir, domain, &found);
	if (found.n == 0)
		return 0;
	file_path(state_dir, domain, found.newest, path);
	text_grow(&t, FILE_BYTES);
	int status = read_file(path, &t, err);

	if (status == 0 && changes_read(text_view(&t), a, out, err) < 0)
		status = error_prefix(err, "%s", path);
	text_done(&t);
	return status < 0 ? -1 : 1;
}

void
domain_undo_forget(const char *path)
{
	unlink(path);
}
