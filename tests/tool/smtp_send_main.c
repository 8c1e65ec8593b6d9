/* smtp_send - an SMTP client for tests that tells what it was answered
 *
 * usage: smtp_send [OPTION...] HOST:PORT RECIPIENT
 *   -u USER -p PASSWORD  AUTH PLAIN
 *   -x ATTRIBUTES        XCLIENT, e.g. "ADDR=192.0.2.7 LOGIN=bob"; then EHLO
 *   -X ATTRIBUTES        XFORWARD, e.g. "ADDR=192.0.2.7 IDENT=4C3D21E3F90"
 *   -H NAME              the EHLO name (test.example)
 *   -f ADDRESS           envelope sender (sender@test.example; "" is null)
 *   -n N  -m M           N messages (1) with M recipients each (1)
 *   -c N                 the recipient counter's first value (1); each
 *                        "%d" in RECIPIENT is the counter
 *   -s BYTES             about so large a body (100)
 *   -h "Name: value"     one more header, repeatable (at most 16); a
 *                        Message-ID given here replaces the own one
 *   -r RATE              at most so many messages a second
 *   -1                   stop at the first refusal
 *   -R                   RSET after the recipients instead of DATA
 *   -w                   after each message but the last wait for a line
 *                        on standard input, with the session open
 *   -k                   like -w, but also after the last one (end of file
 *                        ends the session with QUIT)
 *   -t SECONDS           patience for one answer (30)
 *   -T                   put the time (microseconds) before each line
 *   -q                   print only the answers that are refusals
 *
 * Prints "WHAT REPLY" for each answer that matters: AUTH, XCLIENT, MAIL,
 * "RCPT <address>", DATA, END. HOST is a numeric address.
 * Exit status: 0 all taken, 1 something was refused (4xx or 5xx to MAIL,
 * RCPT, DATA or the end of DATA), 2 no connection, time-out or broken
 * protocol, 3 AUTH, XCLIENT or XFORWARD refused, 64 wrong usage.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	EXIT_REFUSED = 1,
	EXIT_BROKEN = 2,
	EXIT_LOGIN = 3,
	EXIT_USAGE = 64,
	HEADERS_MAX = 16,
	LINE_MAX_BYTES = 4096
};

struct options {
	const char *user, *password, *xclient, *xforward, *helo, *from,
	    *recipient;
	const char *headers[HEADERS_MAX];
	size_t n_headers;
	long messages, recipients, counter, size_bytes, timeout_s;
	double rate;
	bool stop, reset, wait, keep, stamp, quiet;
};

struct session {
	const struct options *opt;
	int fd;
	size_t have;
	char in[LINE_MAX_BYTES];
	char reply[LINE_MAX_BYTES];
	bool refused;
};

static int64_t
clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * INT64_C(1000000) + ts.tv_nsec / 1000;
}

static void
broken(const char *what)
{
	fflush(stdout);
	fprintf(stderr, "smtp_send: %s\n", what);
	exit(EXIT_BROKEN);
}

static void
wait_ready(const struct session *s, short events)
{
	struct pollfd p = {.fd = s->fd, .events = events};

	if (poll(&p, 1, (int)s->opt->timeout_s * 1000) <= 0)
		broken("timed out");
}

static void
put(struct session *s, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t k;

		wait_ready(s, POLLOUT);
		k = send(s->fd, p, n, MSG_NOSIGNAL);
		if (k <= 0)
			broken("connection lost while sending");
		p += k;
		n -= (size_t)k;
	}
}

/* Takes one line out of the buffer into line, without its end. */
static void
get_line(struct session *s, char *line, size_t size)
{
	char *end;
	size_t n;

	while ((end = memchr(s->in, '\n', s->have)) == NULL) {
		ssize_t k;

		if (s->have == sizeof(s->in))
			broken("a reply line is too long");
		wait_ready(s, POLLIN);
		k = recv(s->fd, s->in + s->have, sizeof(s->in) - s->have, 0);
		if (k <= 0)
			broken("connection lost");
		s->have += (size_t)k;
	}
	n = (size_t)(end - s->in);
	snprintf(line, size, "%.*s",
	    (int)(n > 0 && s->in[n - 1] == '\r' ? n - 1 : n), s->in);
	s->have -= n + 1;
	memmove(s->in, end + 1, s->have);
}

/* Reads a whole reply; its last line stays in s->reply. Returns its code. */
static int
get_reply(struct session *s)
{
	do {
		get_line(s, s->reply, sizeof(s->reply));
		if (strlen(s->reply) < 3 || s->reply[0] < '2' ||
		    s->reply[0] > '5')
			broken("no SMTP reply");
	} while (s->reply[3] == '-');
	return atoi(s->reply);
}

static void
tell(struct session *s, const char *what)
{
	if (s->opt->quiet && s->reply[0] < '4')
		return;
	if (s->opt->stamp)
		printf("%lld ", (long long)clock_us());
	printf("%s %s\n", what, s->reply);
}

static int __attribute__((format(printf, 2, 3)))
ask(struct session *s, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line) - 2, fmt, ap);
	va_end(ap);
	if (n < 0 || n >= (int)sizeof(line) - 2)
		broken("a command is too long");
	memcpy(line + n, "\r\n", 2);
	put(s, line, (size_t)n + 2);
	return get_reply(s);
}

/* True if the answer lets us go on; remembers and tells a refusal. */
static bool
passed(struct session *s, const char *what, int code)
{
	tell(s, what);
	if (code < 400)
		return true;
	s->refused = true;
	return false;
}

static void
encode64(const unsigned char *in, size_t n, char *out)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3) {
		unsigned v = (unsigned)in[i] << 16;

		v |= i + 1 < n ? (unsigned)in[i + 1] << 8 : 0;
		v |= i + 2 < n ? in[i + 2] : 0;
		*out++ = set[v >> 18];
		*out++ = set[v >> 12 & 63];
		*out++ = i + 1 < n ? set[v >> 6 & 63] : '=';
		*out++ = i + 2 < n ? set[v & 63] : '=';
	}
	*out = '\0';
}

static void
log_in(struct session *s)
{
	const struct options *o = s->opt;
	char plain[512], coded[700];
	int n, code;

	if (o->xclient != NULL) {
		code = ask(s, "XCLIENT %s", o->xclient);
		tell(s, "XCLIENT");
		if (code >= 400)
			exit(EXIT_LOGIN);
		if (ask(s, "EHLO %s", o->helo) != 250)
			broken("EHLO refused after XCLIENT");
	}
	if (o->xforward != NULL) {
		code = ask(s, "XFORWARD %s", o->xforward);
		tell(s, "XFORWARD");
		if (code >= 400)
			exit(EXIT_LOGIN);
	}
	if (o->user == NULL)
		return;
	n = snprintf(plain, sizeof(plain), "%c%s%c%s", 0, o->user, 0,
	    o->password == NULL ? "" : o->password);
	if (n < 0 || n >= (int)sizeof(plain))
		broken("user or password too long");
	encode64((const unsigned char *)plain, (size_t)n, coded);
	code = ask(s, "AUTH PLAIN %s", coded);
	tell(s, "AUTH");
	if (code >= 400)
		exit(EXIT_LOGIN);
}

/* Writes the pattern with every %d replaced. */
static void
recipient(char *out, size_t size, const char *pattern, long counter)
{
	size_t n = 0;

	for (; *pattern != '\0' && n + 24 < size; pattern++) {
		if (pattern[0] == '%' && pattern[1] == 'd') {
			n +=
			    (size_t)snprintf(out + n, size - n, "%ld", counter);
			pattern++;
		} else {
			out[n++] = *pattern;
		}
	}
	out[n] = '\0';
}

static void
put_content(struct session *s, long number)
{
	static const char filler[] = "The quick brown fox jumps over the "
				     "lazy dog, again and again.\r\n";
	const struct options *o = s->opt;
	bool has_id = false;
	char line[LINE_MAX_BYTES];

	for (size_t i = 0; i < o->n_headers; i++) {
		has_id |= strncasecmp(o->headers[i], "Message-ID:", 11) == 0;
		snprintf(line, sizeof(line), "%s\r\n", o->headers[i]);
		put(s, line, strlen(line));
	}
	if (!has_id) {
		snprintf(line, sizeof(line), "Message-ID: <%lld.%ld@%s>\r\n",
		    (long long)clock_us(), number, o->helo);
		put(s, line, strlen(line));
	}
	snprintf(line, sizeof(line),
	    "From: <%s>\r\nTo: undisclosed-recipients:;\r\n"
	    "Subject: test %ld\r\n\r\n",
	    o->from, number);
	put(s, line, strlen(line));
	for (long n = 0; n < o->size_bytes; n += (long)sizeof(filler) - 1)
		put(s, filler, sizeof(filler) - 1);
}

/* One transaction; false when the caller should stop. */
static bool
send_message(struct session *s, long number, long *counter)
{
	const struct options *o = s->opt;
	bool any = false;

	if (!passed(s, "MAIL", ask(s, "MAIL FROM:<%s>", o->from)))
		return !o->stop && ask(s, "RSET") == 250;
	for (long i = 0; i < o->recipients; i++) {
		char to[1024], what[1100];

		recipient(to, sizeof(to), o->recipient, (*counter)++);
		snprintf(what, sizeof(what), "RCPT <%s>", to);
		if (passed(s, what, ask(s, "RCPT TO:<%s>", to)))
			any = true;
		else if (o->stop)
			return false;
	}
	if (o->reset || !any)
		return ask(s, "RSET") == 250;
	if (!passed(s, "DATA", ask(s, "DATA")))
		return !o->stop && ask(s, "RSET") == 250;
	put_content(s, number);
	return passed(s, "END", ask(s, ".")) || !o->stop;
}

static int
dial(const char *target)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	char host[64];
	const char *colon = strrchr(target, ':');
	int fd, one = 1;

	if (colon == NULL || (size_t)(colon - target) >= sizeof(host))
		return -1;
	snprintf(host, sizeof(host), "%.*s", (int)(colon - target), target);
	sin.sin_port = htons((uint16_t)atoi(colon + 1));
	if (inet_pton(AF_INET, host, &sin.sin_addr) != 1)
		return -1;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (struct sockaddr *)&sin, sizeof(sin)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
usage(void)
{
	fprintf(stderr,
	    "usage: smtp_send [-1RTkqw] [-u USER -p PASSWORD] "
	    "[-x XCLIENT] [-X XFORWARD] [-H HELO] [-f FROM] [-n MESSAGES] "
	    "[-m RECIPIENTS] [-c COUNTER] [-s BYTES] [-h HEADER] "
	    "[-r RATE] [-t SECONDS] HOST:PORT RECIPIENT\n");
	exit(EXIT_USAGE);
}

static void
add_header(struct options *o, const char *header)
{
	if (o->n_headers == HEADERS_MAX)
		usage();
	o->headers[o->n_headers++] = header;
}

static bool
take_flag(struct options *o, int c)
{
	switch (c) {
	case '1':
		return o->stop = true;
	case 'R':
		return o->reset = true;
	case 'T':
		return o->stamp = true;
	case 'k':
		return o->wait = o->keep = true;
	case 'q':
		return o->quiet = true;
	case 'w':
		return o->wait = true;
	}
	return false;
}

static void
take_option(struct options *o, int c, const char *arg)
{
	switch (c) {
	case 'u':
		o->user = arg;
		break;
	case 'p':
		o->password = arg;
		break;
	case 'x':
		o->xclient = arg;
		break;
	case 'X':
		o->xforward = arg;
		break;
	case 'H':
		o->helo = arg;
		break;
	case 'f':
		o->from = arg;
		break;
	case 'n':
		o->messages = atol(arg);
		break;
	case 'm':
		o->recipients = atol(arg);
		break;
	case 'c':
		o->counter = atol(arg);
		break;
	case 's':
		o->size_bytes = atol(arg);
		break;
	case 'r':
		o->rate = atof(arg);
		break;
	case 't':
		o->timeout_s = atol(arg);
		break;
	case 'h':
		add_header(o, arg);
		break;
	default:
		usage();
	}
}

static void
pause_for(const struct options *o, long number, int64_t start_us)
{
	int64_t due_us;

	if (o->wait && (o->keep || number + 1 < o->messages)) {
		int c;

		fflush(stdout);
		while ((c = getchar()) != EOF && c != '\n')
			;
	}
	if (o->rate <= 0)
		return;
	due_us = start_us + (int64_t)((double)(number + 1) * 1e6 / o->rate);
	if (due_us > clock_us())
		usleep((useconds_t)(due_us - clock_us()));
}

int
main(int argc, char **argv)
{
	struct options o = {.helo = "test.example",
	    .from = "sender@test.example",
	    .messages = 1,
	    .recipients = 1,
	    .counter = 1,
	    .size_bytes = 100,
	    .timeout_s = 30};
	static struct session s;
	int64_t start_us;
	int c;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (
	    (c = getopt(argc, argv, "1RTkqwu:p:x:X:H:f:n:m:c:s:h:r:t:")) != -1)
		if (!take_flag(&o, c))
			take_option(&o, c, optarg);
	if (argc - optind != 2)
		usage();
	o.recipient = argv[optind + 1];
	s.opt = &o;
	s.fd = dial(argv[optind]);
	if (s.fd < 0)
		broken("cannot connect");
	if (get_reply(&s) != 220)
		broken(s.reply);
	if (ask(&s, "EHLO %s", o.helo) != 250)
		broken(s.reply);
	log_in(&s);
	start_us = clock_us();
	for (long i = 0, counter = o.counter; i < o.messages; i++) {
		if (!send_message(&s, i, &counter))
			break;
		pause_for(&o, i, start_us);
	}
	ask(&s, "QUIT");
	close(s.fd);
	return s.refused ? EXIT_REFUSED : 0;
}
