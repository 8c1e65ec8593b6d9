/* outpost_queue_main - holds and releases queued mail, as root
 *
 *   outpost-queue [-c FILE] [-l PATH]
 *
 * Started by outpost-queue.socket when it is asked; ends when nothing was asked
 * for a while. -l listens on a socket of its own instead.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sock.h"
#include "queue/queue_service.h"
#include "config/settings.h"

enum { IDLE_S = 60 };

static int
open_listener(const char *path, struct error *err)
{
	char address[256];
	struct text t;

	if (!path) {
		int fd = sock_inherited("queue", 0);

		return fd >= 0 ? fd
			       : error_set(err, "no socket was passed: start "
						"outpost-queue.socket");
	}
	text_init(&t, address, sizeof(address));
	text_printf(&t, "unix:%s", path);
	return sock_listen(address, 0666, err);
}

static int
run(const struct settings *s, const char *path, struct error *err)
{
	const struct daemon_settings *d = &s->daemon;
	struct queue_service q = {.user = d->queue_user, .admins = &d->admins};

	if (queue_place_init(&q.place, d->queue_state_dir, d->postfix_commands,
		&d->instances, err) < 0)
		return -1;
	int fd = queue_place_check(&q.place, err) < 0
		     ? -1
		     : open_listener(path, err);

	if (fd >= 0)
		queue_service_run(&q, fd, path ? 0 : IDLE_S);
	queue_place_done(&q.place);
	return fd < 0 ? -1 : 0;
}

int
main(int argc, char **argv)
{
	const char *config = SETTINGS_PATH, *path = NULL;
	struct settings *s = NULL;
	struct error err;
	int c, rc = -1;

	while ((c = getopt(argc, argv, "c:l:")) != -1) {
		if (c == 'c')
			config = optarg;
		else if (c == 'l')
			path = optarg;
		else
			return 2;
	}
	log_init(
	    "outpost-queue", LOG_LEVEL_INFO, getenv("JOURNAL_STREAM") != NULL);
	umask(0077);
	if (geteuid() != 0)
		error_set(&err, "it must be root");
	else if (queue_path_check(config, &err) == 0)
		s = settings_load(config, &err);
	if (s)
		rc = run(s, path, &err);
	if (rc < 0)
		log_error("%s; no mail can be held or released", err.text);
	settings_free(&s);
	return rc < 0 ? 1 : 0;
}
