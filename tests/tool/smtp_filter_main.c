/* smtp_filter - a content filter that passes everything on
 *
 * usage: smtp_filter [-x] [-a] [-w MILLISECONDS] ADDRESS:PORT NEXT:PORT
 *   -x     offers XFORWARD and hands it on
 *   -a     answers in amavis' words: "250 2.0.0 from MTA(smtp:[NEXT]:PORT): "
 *          and then what the next server said
 *   -w MS  waits before its answer at the end of DATA
 *
 * One process per session, a command at a time, no extensions that would
 * need more. What the next server says is what the client hears, "queued as"
 * included: an after-queue filter, and a before-queue one.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 4096 };

struct options {
	bool xforward, amavis;
	long wait_ms;
	const char *next;
};

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static struct sockaddr_in
parse_address(const char *s)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	char host[64];
	const char *colon = strrchr(s, ':');

	if (!colon || (size_t)(colon - s) >= sizeof(host)) {
		fprintf(stderr, "smtp_filter: %s is no ADDRESS:PORT\n", s);
		exit(64);
	}
	memcpy(host, s, (size_t)(colon - s));
	host[colon - s] = '\0';
	a.sin_port = htons((uint16_t)atoi(colon + 1));
	if (inet_pton(AF_INET, host, &a.sin_addr) != 1) {
		fprintf(stderr, "smtp_filter: %s is no address\n", host);
		exit(64);
	}
	return a;
}

/* A side of the session; what can't go on ends the process. */
struct side {
	FILE *in, *out;
};

static void
open_side(struct side *s, int fd)
{
	s->in = fdopen(fd, "r");
	s->out = fdopen(dup(fd), "w");
	if (!s->in || !s->out)
		die("fdopen");
}

static void
get(struct side *s, char line[LINE_BYTES])
{
	if (!fgets(line, LINE_BYTES, s->in))
		exit(0);
}

static void
put(struct side *s, const char *line)
{
	if (fputs(line, s->out) < 0 || fflush(s->out) != 0)
		exit(0);
}

static bool
is_last(const char *line)
{
	return strlen(line) < 4 || line[3] != '-';
}

static bool
is_passed(const char *line, const struct options *o)
{
	static const char *const names[] = {
	    "SIZE", "8BITMIME", "DSN", "ENHANCEDSTATUSCODES", "SMTPUTF8"};

	if (strncasecmp(line + 4, "XFORWARD", 8) == 0)
		return o->xforward;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strncasecmp(line + 4, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

/* An EHLO reply without the extensions that aren't handed on. */
static void
pass_ehlo(struct side *client, struct side *next, const struct options *o)
{
	char line[LINE_BYTES];
	bool is_first = true, is_end;

	do {
		get(next, line);
		is_end = is_last(line);
		if (line[0] != '2') {
			put(client, line);
		} else if (is_first || is_passed(line, o)) {
			line[3] = '-';
			put(client, line);
		}
		is_first = false;
	} while (!is_end);
	if (line[0] == '2')
		put(client, "250 HELP\r\n");
}

/* The first digit of its code. */
static char
pass_reply(struct side *client, struct side *next, const char *prefix)
{
	char line[LINE_BYTES];

	do {
		get(next, line);
		if (line[0] == '2')
			fputs(prefix, client->out);
		put(client, line);
	} while (!is_last(line));
	return line[0];
}

static void
pass_message(struct side *client, struct side *next, const struct options *o)
{
	struct timespec pause = {
	    o->wait_ms / 1000, o->wait_ms % 1000 * 1000000};
	const char *colon = strrchr(o->next, ':');
	char line[LINE_BYTES], prefix[200] = "";

	if (o->amavis)
		snprintf(prefix, sizeof(prefix),
		    "250 2.0.0 from MTA(smtp:[%.*s]:%s): ",
		    (int)(colon - o->next), o->next, colon + 1);
	do {
		get(client, line);
		if (fputs(line, next->out) < 0)
			exit(0);
	} while (strcmp(line, ".\r\n") != 0);
	if (fflush(next->out) != 0)
		exit(0);
	nanosleep(&pause, NULL);
	pass_reply(client, next, prefix);
}

static void
serve(int fd, const struct sockaddr_in *to, const struct options *o)
{
	int next_fd = socket(AF_INET, SOCK_STREAM, 0);
	struct side client, next;
	char line[LINE_BYTES];

	if (next_fd < 0 ||
	    connect(next_fd, (const struct sockaddr *)to, sizeof(*to)) < 0)
		die("connect");
	open_side(&client, fd);
	open_side(&next, next_fd);
	pass_reply(&client, &next, "");
	for (;;) {
		get(&client, line);
		put(&next, line);
		if (strncasecmp(line, "EHLO", 4) == 0)
			pass_ehlo(&client, &next, o);
		else if (pass_reply(&client, &next, "") == '3' &&
			 strncasecmp(line, "DATA", 4) == 0)
			pass_message(&client, &next, o);
	}
}

static int
listen_at(const char *address)
{
	struct sockaddr_in a = parse_address(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (const struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(fd, 100) < 0)
		die(address);
	return fd;
}

int
main(int argc, char **argv)
{
	struct options o = {0};
	int option;

	while ((option = getopt(argc, argv, "xaw:")) != -1) {
		if (option == 'x')
			o.xforward = true;
		else if (option == 'a')
			o.amavis = true;
		else if (option == 'w')
			o.wait_ms = atol(optarg);
		else
			return 64;
	}
	if (argc - optind != 2) {
		fprintf(stderr, "usage: smtp_filter [-xa] [-w MS] "
				"ADDRESS:PORT NEXT:PORT\n");
		return 64;
	}
	o.next = argv[optind + 1];
	struct sockaddr_in to = parse_address(o.next);
	int listener = listen_at(argv[optind]);

	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			continue;
		if (fork() == 0) {
			close(listener);
			serve(fd, &to, &o);
		}
		close(fd);
	}
}
