/* policy_load - ask a policy service as Postfix does, and time its answers
 *
 *   policy_load [-1] [-c CONNECTIONS] [-n REQUESTS] [-r RATE] ADDRESS
 *
 *   -1  a connection per request (Postfix with request_limit=1)
 *   -r  that many requests a second at fixed times; a latency is counted from
 *       the time at which the request was due, so waiting for a free
 *       connection counts. Without it each connection asks again at once.
 *
 * Prints one line: requests, seconds, requests/s, p50, p99, max in us, errors.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

enum { EVENTS = 64, ASK_MAX = 2048, CONNECTIONS_MAX = 1000 };

struct conn {
	int fd; /* -1: not connected */
	int64_t start_ns;
	size_t have;
	char answer[512];
};

struct load {
	struct sockaddr_storage addr;
	socklen_t addr_len;
	bool is_once;
	size_t connections;
	uint64_t requests, rate;
	int epoll;
	struct conn *conns;
	size_t *idle, n_idle;
	uint64_t sent, done, errors;
	int64_t begin_ns;
	uint32_t *took_ns;
	char ask[ASK_MAX];
	size_t ask_n;
	char *instance, *account, *domain, *recipient; /* digits within ask */
};

/* A busy host: each request begins a message of its own. */
enum { ACCOUNTS = 20000, DOMAINS = 2000 };

static int64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static void
parse_inet(struct load *l, const char *spec)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&l->addr;
	const char *colon = strrchr(spec, ':');
	char host[64] = "";

	if (!colon || (size_t)(colon - spec) >= sizeof(host))
		fatal("bad address %s", spec);
	memcpy(host, spec, (size_t)(colon - spec));
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	if (inet_pton(AF_INET, host, &in->sin_addr) != 1)
		fatal("bad address %s", spec);
	l->addr_len = sizeof(*in);
}

static void
parse_address(struct load *l, const char *address)
{
	struct str s = str_from(address);
	struct sockaddr_un *un = (struct sockaddr_un *)&l->addr;

	if (str_starts(s, STR("inet:"))) {
		parse_inet(l, address + 5);
		return;
	}
	if (!str_starts(s, STR("unix:")) || s.n - 5 >= sizeof(un->sun_path))
		fatal("bad address %s", address);
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, address + 5, s.n - 5);
	l->addr_len = sizeof(*un);
}

/* What Postfix 3.7 sends at RCPT for an authenticated client, 800 bytes. */
static void
make_ask(struct load *l)
{
	struct text t;

	text_init(&t, l->ask, sizeof(l->ask));
	text_add(&t, "request=smtpd_access_policy\nprotocol_state=RCPT\n"
		     "protocol_name=ESMTP\nclient_address=192.0.2.77\n"
		     "client_name=dsl-77.provider.example\n"
		     "client_port=50112\n"
		     "reverse_client_name=dsl-77.provider.example\n"
		     "server_address=198.51.100.25\nserver_port=587\n"
		     "helo_name=[192.168.1.20]\nsender=alice@example.com\n"
		     "recipient=someone.00000000@example.net\n"
		     "recipient_count=0\nqueue_id=4ZxK5d3mNqz1Bc\n"
		     "instance=6f21.67406b1c.00000000.0\nsize=24576\n"
		     "etrn_domain=\nstress=\nsasl_method=PLAIN\n"
		     "sasl_username=user00000000@d00000000.example\n"
		     "sasl_sender=\n"
		     "ccert_subject=\nccert_issuer=\nccert_fingerprint=\n"
		     "ccert_pubkey_fingerprint=\n"
		     "encryption_protocol=TLSv1.3\n"
		     "encryption_cipher=TLS_AES_256_GCM_SHA384\n"
		     "encryption_keysize=256\npolicy_context=submission\n"
		     "compatibility_level=3.6\nmail_version=3.7.11\n\n");
	l->ask_n = t.n;
	l->recipient = strstr(l->ask, "someone.") + 8;
	l->instance = strstr(l->ask, "67406b1c.") + 9;
	l->account = strstr(l->ask, "user0") + 4;
	l->domain = strstr(l->ask, "@d0") + 2;
}

static void
put_digits(char *at, uint64_t v)
{
	for (int i = 7; i >= 0; i--, v /= 10)
		at[i] = (char)('0' + v % 10);
}

/* The next message: its own instance and recipient, one of many accounts. */
static void
next_ask(struct load *l)
{
	put_digits(l->recipient, l->sent);
	put_digits(l->instance, l->sent + (uint64_t)(l->begin_ns / 1000000));
	put_digits(l->account, l->sent % ACCOUNTS);
	put_digits(l->domain, l->sent % DOMAINS);
}

static bool
dial(struct load *l, struct conn *c)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = c};
	int yes = 1;

	c->fd = socket(l->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 ||
	    connect(c->fd, (struct sockaddr *)&l->addr, l->addr_len) < 0)
		return false;
	if (l->addr.ss_family == AF_INET)
		setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &ev) == 0;
}

static void
hang_up(struct conn *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

static void
ask(struct load *l, struct conn *c, int64_t start_ns)
{
	c->start_ns = start_ns;
	c->have = 0;
	next_ask(l);
	l->sent++;
	if (c->fd < 0 && !dial(l, c))
		fatal("connect: %s", strerror(errno));
	if (send(c->fd, l->ask, l->ask_n, MSG_NOSIGNAL) != (ssize_t)l->ask_n)
		fatal("send: %s", strerror(errno));
}

/* The answer is there, or the connection failed. */
static void
finish(struct load *l, struct conn *c, bool is_good)
{
	int64_t took = now_ns() - c->start_ns;

	l->took_ns[l->done++] = took < UINT32_MAX ? (uint32_t)took : UINT32_MAX;
	if (!is_good)
		l->errors++;
	if (!is_good || l->is_once)
		hang_up(c);
	if (l->rate > 0 || l->sent >= l->requests)
		l->idle[l->n_idle++] = (size_t)(c - l->conns);
	else
		ask(l, c, now_ns());
}

static void
on_answer(struct load *l, struct conn *c)
{
	ssize_t n =
	    recv(c->fd, c->answer + c->have, sizeof(c->answer) - c->have, 0);

	if (n <= 0) {
		finish(l, c, false);
		return;
	}
	c->have += (size_t)n;
	if (c->have >= 2 && memcmp(c->answer + c->have - 2, "\n\n", 2) == 0)
		finish(l, c, memcmp(c->answer, "action=", 7) == 0);
	else if (c->have == sizeof(c->answer))
		finish(l, c, false);
}

static int64_t
due_ns(const struct load *l)
{
	return l->begin_ns + (int64_t)(l->sent * 1000000000.0 / l->rate);
}

/* Send what is due; returns for how long nothing is, -1 for ever. */
static int64_t
ask_due(struct load *l)
{
	while (l->n_idle > 0 && l->sent < l->requests) {
		int64_t now = now_ns(), due = l->rate ? due_ns(l) : now;

		if (due > now)
			return due - now;
		ask(l, &l->conns[l->idle[--l->n_idle]], due);
	}
	return -1;
}

static void
run(struct load *l)
{
	struct epoll_event ev[EVENTS];

	l->begin_ns = now_ns();
	while (l->done < l->requests) {
		int64_t wait = ask_due(l);
		struct timespec ts = {wait / 1000000000, wait % 1000000000};
		int n = epoll_pwait2(
		    l->epoll, ev, EVENTS, wait < 0 ? NULL : &ts, NULL);

		for (int i = 0; i < n; i++)
			on_answer(l, ev[i].data.ptr);
	}
}

static int
compare(const void *a, const void *b)
{
	uint32_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

static void
report(struct load *l)
{
	double s = (double)(now_ns() - l->begin_ns) / 1e9;

	qsort(l->took_ns, l->done, sizeof(*l->took_ns), compare);
	printf("requests %llu seconds %.3f rate %.0f p50_us %.1f p99_us %.1f "
	       "max_us %.1f errors %llu\n",
	    (unsigned long long)l->done, s, (double)l->done / s,
	    l->took_ns[l->done / 2] / 1e3, l->took_ns[l->done * 99 / 100] / 1e3,
	    l->took_ns[l->done - 1] / 1e3, (unsigned long long)l->errors);
}

static void
prepare(struct load *l)
{
	if (l->connections < 1 || l->connections > CONNECTIONS_MAX ||
	    l->requests < 1 || l->requests > 100000000)
		fatal("1 to %d connections, 1 to 100000000 requests",
		    CONNECTIONS_MAX);
	make_ask(l);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->conns = xalloc(l->connections, sizeof(*l->conns));
	l->idle = xalloc(l->connections, sizeof(*l->idle));
	l->took_ns = xalloc(l->requests, sizeof(*l->took_ns));
	/* Touched now, not while the clock runs. */
	memset(l->took_ns, 0xff, l->requests * sizeof(*l->took_ns));
	for (size_t i = 0; i < l->connections; i++) {
		l->conns[i].fd = -1;
		l->idle[l->n_idle++] = i;
		if (!l->is_once && !dial(l, &l->conns[i]))
			fatal("connect: %s", strerror(errno));
	}
}

int
main(int argc, char **argv)
{
	struct load l = {.connections = 50, .requests = 200000};
	int option;

	while ((option = getopt(argc, argv, "1c:n:r:")) != -1) {
		if (option == '1')
			l.is_once = true;
		else if (option == 'c')
			l.connections = strtoul(optarg, NULL, 10);
		else if (option == 'n')
			l.requests = strtoull(optarg, NULL, 10);
		else if (option == 'r')
			l.rate = strtoull(optarg, NULL, 10);
		else
			return 2;
	}
	if (optind + 1 != argc)
		fatal("usage: policy_load [-1] [-c CONNECTIONS] "
		      "[-n REQUESTS] [-r RATE] ADDRESS");
	parse_address(&l, argv[optind]);
	prepare(&l);
	run(&l);
	report(&l);
	free(l.conns);
	free(l.idle);
	free(l.took_ns);
	return l.errors > 0;
}
