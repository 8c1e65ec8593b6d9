/* smtp_world - the mail servers out there, answering by recipient
 *
 * usage: smtp_world [-d DIR] [-l FILE] [-b BANNER] [-w MILLISECONDS]
 *                   [-i TEXT] [-c FILE] ADDRESS:PORT...
 *   -d DIR    writes each message to DIR/NUMBER (complete, by rename), with
 *             X-World-From and X-World-To lines before its own header
 *   -l FILE   appends "TIME_US CLIENT FROM RECIPIENT REPLY" for every RCPT
 *             and for every recipient at the end of DATA
 *   -b TEXT   the greeting, e.g. "554 5.7.1 blocked" (default 220)
 *   -w MS     waits before every answer at the end of DATA
 *   -c FILE   clients that are refused, looked at for each connection: lines
 *             "STAGE ADDRESS REPLY", STAGE is connect, mail, rcpt or data
 *   -i TEXT   the last answer (default "250 2.0.0 Ok: queued as Wn")
 *
 * The local part up to its first "-" chooses the answer (the table below);
 * any other local part is taken. "data" kinds are refused at the end of
 * DATA, with all recipients of that message. PIPELINING is offered.
 * Runs as nobody when it was started by root.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096, RCPT_MAX = 1000, LISTEN_MAX = 16 };

struct answer {
	const char *prefix;
	bool at_end; /* of DATA instead of at RCPT */
	const char *text;
};

static const struct answer answers[] = {
    {"unknown", false,
	"550 5.1.1 <%s>: Recipient address rejected: User unknown"},
    {"full", false, "552 5.2.2 <%s>: Mailbox full"},
    {"overquota", false, "452 4.2.2 <%s>: The mailbox is over quota"},
    {"policy", false,
	"550 5.7.1 <%s>: Access denied, sending IP listed at "
	"https://bl.example/"},
    {"defer", false, "450 4.2.0 <%s>: Try again later"},
    {"grey", false, "451 4.7.1 <%s>: Greylisted, try again in 300 seconds"},
    {"rate", false,
	"421 4.7.28 <%s>: Our system has detected an unusual rate of "
	"unsolicited mail"},
    {"spam", true, "554 5.7.1 Message rejected as spam"},
    {"spamdefer", true, "451 4.7.0 Message looks like spam, try later"},
    {"broken", true, "550 5.6.0 Message content rejected"},
};

struct client {
	int fd;
	bool listener, in_data;
	char peer[INET_ADDRSTRLEN];
	char in[LINE_MAX_BYTES];
	size_t have;
	char from[512];
	char *rcpts[RCPT_MAX];
	size_t n_rcpts;
	const struct answer *verdict;
	FILE *file;
	char stage[16], refusal[1000]; /* of this client; or empty */
};

static struct world {
	const char *dir, *banner, *last, *refused;
	FILE *log;
	long wait_ms, count;
	int epoll;
} world = {.banner = "220 mx.example ESMTP"};

static void __attribute__((format(printf, 2, 3)))
say(struct client *c, const char *fmt, ...)
{
	char line[1200];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line) - 2, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(line) - 3)
		n = (int)sizeof(line) - 3;
	memcpy(line + n, "\r\n", 2);
	if (send(c->fd, line, (size_t)n + 2, MSG_NOSIGNAL) < 0)
		shutdown(c->fd, SHUT_RDWR);
}

static void
note(const struct client *c, const char *rcpt, const char *reply)
{
	struct timespec ts;

	if (world.log == NULL)
		return;
	clock_gettime(CLOCK_REALTIME, &ts);
	fprintf(world.log, "%lld%06ld %s <%s> <%s> %s\n", (long long)ts.tv_sec,
	    ts.tv_nsec / 1000, c->peer, c->from, rcpt, reply);
	fflush(world.log);
}

/* How this client is refused. */
static void
look_up(struct client *c)
{
	char stage[16], peer[64], text[1000];
	FILE *f = world.refused ? fopen(world.refused, "r") : NULL;

	while (f && fscanf(f, "%15s %63s %999[^\n]", stage, peer, text) == 3) {
		if (strcmp(peer, c->peer) != 0)
			continue;
		memcpy(c->stage, stage, sizeof(stage));
		memcpy(c->refusal, text, sizeof(text));
	}
	if (f)
		fclose(f);
}

/* true: that was the answer. */
static bool
is_refused(struct client *c, const char *stage)
{
	if (strcmp(c->stage, stage) != 0)
		return false;
	say(c, "%s", c->refusal);
	return true;
}

static const struct answer *
find_answer(const char *rcpt)
{
	size_t n = strcspn(rcpt, "-@");

	if (rcpt[n] != '-')
		return NULL;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (strlen(answers[i].prefix) == n &&
		    strncasecmp(answers[i].prefix, rcpt, n) == 0)
			return &answers[i];
	return NULL;
}

static void
reset(struct client *c)
{
	for (size_t i = 0; i < c->n_rcpts; i++)
		free(c->rcpts[i]);
	c->n_rcpts = 0;
	c->from[0] = '\0';
	c->verdict = NULL;
	c->in_data = false;
	if (c->file != NULL)
		fclose(c->file);
	c->file = NULL;
}

/* The address between the brackets of "RCPT TO:<a@b> ..." */
static void
get_path(char *out, size_t size, const char *line)
{
	const char *p = strchr(line, '<');
	const char *end = p == NULL ? NULL : strrchr(p, '>');

	out[0] = '\0';
	if (end != NULL && (size_t)(end - p) < size)
		snprintf(out, size, "%.*s", (int)(end - p - 1), p + 1);
}

static void
on_rcpt(struct client *c, const char *line)
{
	char rcpt[512], reply[1200];
	const struct answer *a;

	get_path(rcpt, sizeof(rcpt), line);
	if (is_refused(c, "rcpt"))
		return;
	a = find_answer(rcpt);
	snprintf(reply, sizeof(reply), "250 2.1.5 Ok");
	if (c->n_rcpts == RCPT_MAX) {
		snprintf(reply, sizeof(reply), "452 4.5.3 Too many recipients");
	} else if (a != NULL && !a->at_end) {
		const char *mark = strstr(a->text, "%s");

		snprintf(reply, sizeof(reply), "%.*s%s%s",
		    (int)(mark - a->text), a->text, rcpt, mark + 2);
	} else {
		c->rcpts[c->n_rcpts++] = strdup(rcpt);
		if (a != NULL)
			c->verdict = a;
	}
	note(c, rcpt, reply);
	say(c, "%s", reply);
}

static void
open_file(struct client *c)
{
	char path[512];

	if (world.dir == NULL)
		return;
	snprintf(path, sizeof(path), "%s/.%d.part", world.dir, c->fd);
	c->file = fopen(path, "w");
	if (c->file == NULL)
		return;
	fprintf(c->file, "X-World-From: <%s>\n", c->from);
	for (size_t i = 0; i < c->n_rcpts; i++)
		fprintf(c->file, "X-World-To: <%s>\n", c->rcpts[i]);
}

/* Refused messages leave no file. */
static void
close_file(struct client *c)
{
	char part[512], path[512];

	if (c->file == NULL)
		return;
	fclose(c->file);
	c->file = NULL;
	snprintf(part, sizeof(part), "%s/.%d.part", world.dir, c->fd);
	snprintf(path, sizeof(path), "%s/%ld", world.dir, world.count);
	if (c->verdict != NULL)
		unlink(part);
	else if (rename(part, path) != 0)
		perror(path);
}

static void
end_data(struct client *c)
{
	const struct answer refusal = {"", true, c->refusal};
	char reply[600];

	if (strcmp(c->stage, "data") == 0)
		c->verdict = &refusal;
	if (c->verdict == NULL)
		world.count++;
	close_file(c);
	if (c->verdict != NULL)
		snprintf(reply, sizeof(reply), "%s", c->verdict->text);
	else if (world.last != NULL)
		snprintf(reply, sizeof(reply), "%s", world.last);
	else
		snprintf(reply, sizeof(reply), "250 2.0.0 Ok: queued as W%ld",
		    world.count);
	for (size_t i = 0; i < c->n_rcpts; i++)
		note(c, c->rcpts[i], reply);
	if (world.wait_ms > 0)
		usleep((useconds_t)world.wait_ms * 1000);
	reset(c);
	say(c, "%s", reply);
}

static void
on_data_line(struct client *c, const char *line)
{
	if (strcmp(line, ".") == 0)
		end_data(c);
	else if (c->file != NULL)
		fprintf(c->file, "%s\n", line[0] == '.' ? line + 1 : line);
}

static bool
is_verb(const char *line, const char *verb)
{
	return strncasecmp(line, verb, strlen(verb)) == 0;
}

/* False when the client is done. */
static bool
on_line(struct client *c, const char *line)
{
	if (c->in_data) {
		on_data_line(c, line);
	} else if (is_verb(line, "EHLO")) {
		say(c, "250-mx.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n"
		       "250-SIZE 52428800\r\n250 ENHANCEDSTATUSCODES");
	} else if (is_verb(line, "HELO")) {
		say(c, "250 mx.example");
	} else if (is_verb(line, "MAIL FROM:")) {
		reset(c);
		get_path(c->from, sizeof(c->from), line);
		if (!is_refused(c, "mail"))
			say(c, "250 2.1.0 Ok");
	} else if (is_verb(line, "RCPT TO:")) {
		on_rcpt(c, line);
	} else if (is_verb(line, "DATA") && c->n_rcpts > 0) {
		c->in_data = true;
		open_file(c);
		say(c, "354 End data with <CR><LF>.<CR><LF>");
	} else if (is_verb(line, "DATA")) {
		say(c, "554 5.5.1 No valid recipients");
	} else if (is_verb(line, "RSET") || is_verb(line, "NOOP")) {
		reset(c);
		say(c, "250 2.0.0 Ok");
	} else if (is_verb(line, "QUIT")) {
		say(c, "221 2.0.0 Bye");
		return false;
	} else {
		say(c, "500 5.5.1 What?");
	}
	return true;
}

static bool
take_lines(struct client *c)
{
	char *start = c->in, *end = c->in + c->have, *nl;

	while ((nl = memchr(start, '\n', (size_t)(end - start))) != NULL) {
		*nl = '\0';
		if (nl > start && nl[-1] == '\r')
			nl[-1] = '\0';
		if (!on_line(c, start))
			return false;
		start = nl + 1;
	}
	c->have = (size_t)(end - start);
	memmove(c->in, start, c->have);
	return c->have < sizeof(c->in);
}

static void
watch(struct client *c)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};

	epoll_ctl(world.epoll, EPOLL_CTL_ADD, c->fd, &e);
}

static void
on_accept(const struct client *listener)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd = accept(listener->fd, (struct sockaddr *)&sin, &len);
	struct client *c;

	if (fd < 0)
		return;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		abort();
	c->fd = fd;
	inet_ntop(AF_INET, &sin.sin_addr, c->peer, sizeof(c->peer));
	look_up(c);
	if (!is_refused(c, "connect"))
		say(c, "%s", world.banner);
	watch(c);
}

static void
on_input(struct client *c)
{
	ssize_t n = recv(c->fd, c->in + c->have, sizeof(c->in) - c->have, 0);

	if (n > 0) {
		c->have += (size_t)n;
		if (take_lines(c))
			return;
	}
	reset(c);
	close(c->fd);
	free(c);
}

static bool
start_listening(struct client *c, const char *target)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	const char *colon = strrchr(target, ':');
	int one = 1;

	if (colon == NULL || (size_t)(colon - target) >= sizeof(c->peer))
		return false;
	snprintf(
	    c->peer, sizeof(c->peer), "%.*s", (int)(colon - target), target);
	sin.sin_port = htons((uint16_t)atoi(colon + 1));
	if (inet_pton(AF_INET, c->peer, &sin.sin_addr) != 1)
		return false;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(c->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	c->listener = true;
	if (bind(c->fd, (struct sockaddr *)&sin, sizeof(sin)) != 0 ||
	    listen(c->fd, 500) != 0)
		return false;
	watch(c);
	return true;
}

static bool
drop_root(void)
{
	const struct passwd *pw;

	if (getuid() != 0)
		return true;
	pw = getpwnam("nobody");
	return pw != NULL && setgid(pw->pw_gid) == 0 && setuid(pw->pw_uid) == 0;
}

static bool
take_option(int c)
{
	switch (c) {
	case 'd':
		world.dir = optarg;
		return true;
	case 'l':
		world.log = fopen(optarg, "a");
		return world.log != NULL;
	case 'b':
		world.banner = optarg;
		return true;
	case 'w':
		world.wait_ms = atol(optarg);
		return true;
	case 'i':
		world.last = optarg;
		return true;
	case 'c':
		world.refused = optarg;
		return true;
	}
	return false;
}

static int
refuse(const char *what)
{
	fprintf(stderr, "smtp_world: %s\n", what);
	return 64;
}

int
main(int argc, char **argv)
{
	static struct client listeners[LISTEN_MAX];
	int c;

	while ((c = getopt(argc, argv, "d:l:b:w:i:c:")) != -1)
		if (!take_option(c))
			return refuse("wrong option");
	if (argc == optind || argc - optind > LISTEN_MAX)
		return refuse("ADDRESS:PORT...");
	world.epoll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = optind; i < argc; i++)
		if (!start_listening(&listeners[i - optind], argv[i]))
			return refuse("cannot listen");
	if (!drop_root())
		return refuse("cannot become nobody");
	for (;;) {
		struct epoll_event e;

		if (epoll_wait(world.epoll, &e, 1, -1) != 1)
			continue;
		if (((struct client *)e.data.ptr)->listener)
			on_accept(e.data.ptr);
		else
			on_input(e.data.ptr);
	}
}
