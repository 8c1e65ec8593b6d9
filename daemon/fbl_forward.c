/* fbl_forward - what is no report, for a person who reads mail elsewhere */
#include "daemon/fbl_forward.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "daemon/fbl_unread.h"
#include "fbl/header.h"

static const struct str mark = STR_INIT("X-Outpost-Unread");

bool
fbl_forward_may(struct str mail, const char *from)
{
	struct headers h;
	struct arena a;

	arena_init(&a);
	header_read_message(&mail, &a, &h);
	struct str by = header_get(&h, STR("Auto-Submitted"));
	bool may = (by.n == 0 || str_is_nocase(by, STR("no"))) &&
		   !header_get(&h, mark).p &&
		   !str_is_nocase(header_address(header_get(&h, STR("From"))),
		       str_from(from));

	arena_done(&a);
	return may;
}

static void
print_new(const char *dir, struct text *out)
{
	text_add(out, dir);
	text_add(out, "/new");
}

static size_t
count_waiting(const char *dir)
{
	char path[PATH_MAX];
	const struct dirent *e;
	struct text t;
	size_t n = 0;

	text_init(&t, path, sizeof(path));
	print_new(dir, &t);
	DIR *d = opendir(path);

	if (!d)
		return 0;
	while ((e = readdir(d)))
		n += *e->d_name != '.';
	closedir(d);
	return n;
}

int
fbl_forward_keep(
    const char *dir, struct str mail, const char *why, struct error *err)
{
	if (count_waiting(dir) >= FBL_FORWARD_WAITING)
		return 0;
	return fbl_unread_keep(dir, mail, why, err);
}

static int
read_file(const char *path, struct text *out, struct error *err)
{
	char buf[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd < 0 ? -1 : 0;

	while (fd >= 0 && (n = read(fd, buf, sizeof(buf))) > 0)
		text_bytes(out, buf, (size_t)n);
	if (n < 0)
		error_set(err, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return n < 0 ? -1 : 0;
}

int
fbl_forward_next(
    const char *dir, struct text *path, struct text *bytes, struct error *err)
{
	const struct dirent *e;

	text_clear(path);
	print_new(dir, path);
	DIR *d = opendir(path->p);

	while (d && (e = readdir(d)) && *e->d_name == '.')
		;
	if (d && e)
		text_printf(path, "/%s", e->d_name);
	if (d)
		closedir(d);
	if (!d || !e) {
		text_clear(path);
		return 0;
	}
	return read_file(path->p, bytes, err);
}

int
fbl_forward_done(const char *path, bool is_taken, struct error *err)
{
	struct str name = str_from(path);
	ptrdiff_t at = str_find_last(name, STR("/new/"));
	char to[PATH_MAX];
	struct text t;

	text_init(&t, to, sizeof(to));
	text_str(&t, str_head(name, (size_t)at));
	text_add(&t, "/cur/");
	text_str(&t, str_skip(name, (size_t)at + 5));
	if ((is_taken ? unlink(path) : rename(path, to)) == 0 ||
	    errno == ENOENT)
		return 0;
	return error_set(err, "%s: %s", path, strerror(errno));
}

void
fbl_forward_write(struct str kept, const char *from, const char *to,
    const char *boundary, int64_t now, struct text *out)
{
	struct str why = STR(""), domain = str_from(from);

	/* The line that fbl_unread_keep put on top. */
	if (str_starts(kept, mark) && str_cut(&kept, '\n', &why))
		why = str_trim(str_skip(why, mark.n + 1));
	str_cut(&domain, '@', &(struct str){0});
	text_printf(
	    out, "From: %s\r\nTo: %s\r\nSubject: No report: ", from, to);
	text_printable(out, str_head(why, 150));
	text_add(out, "\r\nDate: ");
	time_rfc5322(out, now);
	text_printf(out,
	    "\r\nMessage-ID: <outpost-%s@%.*s>\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "X-Auto-Response-Suppress: All\r\n%.*s: forwarded\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/mixed; boundary=\"%s\"\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n\r\n"
	    "--%s\r\nContent-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n\r\n"
	    "This came in among the feedback reports and is none: ",
	    boundary, STR_ARG(domain), STR_ARG(mark), boundary, boundary);
	text_printable(out, why);
	text_printf(out,
	    "\r\n\r\n--%s\r\nContent-Type: message/rfc822\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n"
	    "Content-Disposition: attachment; filename=\"message.eml\"\r\n\r\n",
	    boundary);
	text_str(out, kept);
	text_printf(out, "\r\n--%s--\r\n", boundary);
}
