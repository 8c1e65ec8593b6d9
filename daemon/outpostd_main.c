/* outpostd_main - the daemon */
#include <errno.h>
#include <grp.h>
#include <malloc.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/app.h"
#include "daemon/app_letters.h"
#include "daemon/app_page.h"
#include "daemon/pipeline.h"
#include "config/settings.h"

static int
usage(void)
{
	fprintf(stderr, "usage: outpostd [-c FILE] [-t] [-v]\n");
	return 2;
}

/* Read, and fit for use: the limits must fit into a ledger. */
static bool
is_good(struct settings *s, struct error *err)
{
	const struct pipeline_options o = {.settings = s, .node = ""};
	struct pipeline *p = pipeline_new(&o, err);

	if (!p) {
		error_prefix(err, "%s", s->path);
		return false;
	}
	pipeline_free(&p);
	return true;
}

/* -t: is the configuration good? */
static int
check(const char *config)
{
	struct error err;
	struct settings *s = settings_load(config, &err);
	bool is = s && is_good(s, &err) && app_letters_load(s, &err) == 0 &&
		  app_page_load(s, &err) == 0;

	if (is)
		printf("%s: good\n", *s->path ? s->path : "built-in defaults");
	else
		fprintf(stderr, "outpostd: %s\n", err.text);
	settings_free(&s);
	return is ? 0 : 1;
}

/* Started as root with the setting `user`: become that user. */
static void
drop_privileges(const char *config)
{
	struct error err;
	struct settings *s = settings_load(config, &err);

	if (!s)
		fatal("%s", err.text);
	if (*s->daemon.user && geteuid() == 0) {
		const struct passwd *pw = getpwnam(s->daemon.user);

		if (!pw)
			fatal("no user \"%s\"", s->daemon.user);
		if (initgroups(pw->pw_name, pw->pw_gid) < 0 ||
		    setgid(pw->pw_gid) < 0 || setuid(pw->pw_uid) < 0)
			fatal("can't become %s: %s", s->daemon.user,
			    strerror(errno));
	}
	settings_free(&s);
}

/* Large blocks stay apart, so that one that grows is moved by its pages, not
 * copied, and one that is freed leaves no hole; what glibc has by itself ends
 * with the first that is freed. */
static void
tune_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
	mallopt(M_TRIM_THRESHOLD, 16 * 1024 * 1024);
}

int
main(int argc, char **argv)
{
	enum log_level level = LOG_LEVEL_INFO;
	const char *config = NULL;
	bool is_check = false;
	struct error err;
	int c;

	while ((c = getopt(argc, argv, "c:tv")) != -1) {
		switch (c) {
		case 'c':
			config = optarg;
			break;
		case 't':
			is_check = true;
			break;
		case 'v':
			level = LOG_LEVEL_DEBUG;
			break;
		default:
			return usage();
		}
	}
	if (optind != argc)
		return usage();
	if (is_check)
		return check(config);
	tune_memory();
	log_init("outpostd", level, getenv("JOURNAL_STREAM") != NULL);
	signal(SIGPIPE, SIG_IGN);
	/* A reload while the books are read: nothing to reload yet. */
	signal(SIGHUP, SIG_IGN);
	umask(0027);
	drop_privileges(config);
	struct app *a = app_start(config, &err);

	if (!a && !*err.text)
		return 0;
	if (!a) {
		log_error(
		    "%s; not started, mail flows without Outpost", err.text);
		return 1;
	}
	app_run(a);
	app_stop(&a);
	return 0;
}
