/* dns_wire - packets to resolvers and back, by c-ares
 *
 * c-ares 1.34 has other names for most calls; the old ones do the same there.
 */
#define CARES_NO_DEPRECATED

#include "base/dns_wire.h"

#include <ares.h>
#include <stdlib.h>

#include "base/dns_answer.h"
#include "base/loop.h"
#include "base/text.h"
#include "base/time.h"

enum { SERVERS_MAX = 16, TRIES = 3 };

/* A descriptor of c-ares's. */
struct wire_fd {
	struct wire_fd *next;
	struct dns_wire *wire;
	int fd;
	struct loop_watch *watch;
};

struct dns_wire {
	struct loop *loop;
	ares_channel channel;
	struct wire_fd *fds;
	struct loop_timer *timer;
};

struct wire_ask {
	dns_wire_fn *on_done;
	void *ctx;
};

static void
arm(struct dns_wire *w)
{
	struct timeval tv, *next = ares_timeout(w->channel, NULL, &tv);

	if (next)
		loop_timer_in(w->timer, tv.tv_sec * TIME_US + tv.tv_usec);
	else
		loop_timer_stop(w->timer);
}

static void
on_time(void *ctx)
{
	struct dns_wire *w = ctx;

	ares_process_fd(w->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	arm(w);
}

/* Which of both it is ready for isn't told; c-ares reads and writes without
 * waiting. */
static void
on_ready(void *ctx)
{
	struct wire_fd *f = ctx;
	struct dns_wire *w = f->wire;
	int fd = f->fd;

	ares_process_fd(w->channel, fd, fd);
	arm(w);
}

static void
on_state(void *ctx, ares_socket_t fd, int is_read, int is_write)
{
	struct dns_wire *w = ctx;
	int events = (is_read ? LOOP_READ : 0) | (is_write ? LOOP_WRITE : 0);
	struct wire_fd **at = &w->fds, *f;

	while (*at && (*at)->fd != fd)
		at = &(*at)->next;
	f = *at;
	if (!f && events) {
		f = *at = xalloc(1, sizeof(*f));
		f->wire = w;
		f->fd = fd;
		f->watch = loop_watch_new(w->loop, fd, events, on_ready, f);
	} else if (f && events) {
		loop_watch_set(f->watch, events);
	} else if (f) {
		*at = f->next;
		loop_watch_free(&f->watch);
		free(f);
	}
}

static int
check_server(const char *name, struct error *err)
{
	struct str s = str_from(name), host = s, port = {"", 0};
	ptrdiff_t colon = str_find_last(s, STR(":"));
	uint64_t number = 53;
	struct ip ip;

	if (s.n > 0 && *s.p == '['
		? str_find(s, STR("]:")) > 0
		: str_find_char(s, ':') == colon && colon > 0) {
		host = str_head(s, (size_t)colon);
		port = str_skip(s, (size_t)colon + 1);
		if (!str_to_u64(port, &number))
			number = 0;
	}
	if (!ip_parse(host, &ip) || number == 0 || number > 65535)
		return error_set(err,
		    "dns_servers: \"%s\" is no address (192.0.2.1, "
		    "192.0.2.1:5353, 2001:db8::1, [2001:db8::1]:5353)",
		    name);
	return 0;
}

int
dns_wire_check(const struct setting_list *servers, struct error *err)
{
	if (servers->n > SERVERS_MAX)
		return error_set(err, "dns_servers: more than %d", SERVERS_MAX);
	for (size_t i = 0; i < servers->n; i++) {
		if (check_server(servers->v[i], err) < 0)
			return -1;
	}
	return 0;
}

static int
set_servers(
    struct dns_wire *w, const struct setting_list *servers, struct error *err)
{
	char csv[SERVERS_MAX * 64];
	struct text t;

	if (servers->n == 0)
		return 0;
	if (dns_wire_check(servers, err) < 0)
		return -1;
	text_init(&t, csv, sizeof(csv));
	for (size_t i = 0; i < servers->n; i++)
		text_printf(&t, "%s%s", i > 0 ? "," : "", servers->v[i]);
	int rc = ares_set_servers_ports_csv(w->channel, csv);

	if (rc == ARES_SUCCESS)
		return 0;
	return error_set(err, "dns_servers: %s", ares_strerror(rc));
}

struct dns_wire *
dns_wire_new(struct loop *l, const struct setting_list *servers, int timeout_ms,
    struct error *err)
{
	struct dns_wire *w = xalloc(1, sizeof(*w));
	/* Each answer is for us to judge: no other server is asked because one
	 * said SERVFAIL. The size is ours to give (dns_question). */
	struct ares_options o = {
	    .flags = ARES_FLAG_EDNS | ARES_FLAG_NOCHECKRESP,
	    /* It doubles with each try; who asks has an end of its own. */
	    .timeout = timeout_ms / 4,
	    .tries = TRIES,
	    .ednspsz = DNS_UDP_SIZE,
	    .sock_state_cb = on_state,
	    .sock_state_cb_data = w,
	};
	int rc = ares_init_options(&w->channel, &o,
	    ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
		ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB);

	if (rc != ARES_SUCCESS) {
		error_set(err, "c-ares: %s", ares_strerror(rc));
		free(w);
		return NULL;
	}
	w->loop = l;
	w->timer = loop_timer_new(l, on_time, w);
	if (set_servers(w, servers, err) < 0)
		dns_wire_free(&w);
	return w;
}

void
dns_wire_free(struct dns_wire **wp)
{
	struct dns_wire *w = *wp;

	if (!w)
		return;
	*wp = NULL;
	ares_destroy(w->channel);
	while (w->fds) {
		struct wire_fd *f = w->fds;

		w->fds = f->next;
		loop_watch_free(&f->watch);
		free(f);
	}
	loop_timer_free(&w->timer);
	free(w);
}

static const char *
words(int status)
{
	switch (status) {
	case ARES_ETIMEOUT:
		return "no answer in time";
	case ARES_ECONNREFUSED:
		return "no DNS server could be reached";
	case ARES_EDESTRUCTION:
	case ARES_ECANCELLED:
		return "given up";
	case ARES_ESERVFAIL:
		return "the server failed (SERVFAIL)";
	case ARES_EREFUSED:
		return "the server refused to answer";
	case ARES_EBADRESP:
		return "the answer can't be read";
	default:
		return "the question could not be asked";
	}
}

static void
on_answer(void *ctx, int status, int timeouts, unsigned char *p, int n)
{
	struct wire_ask *ask = ctx;
	struct str packet = {"", 0};

	(void)timeouts;
	if (p && n > 0)
		packet = str_make((const char *)p, (size_t)n);
	if (packet.n > 0)
		ask->on_done(ask->ctx, packet, NULL);
	else
		ask->on_done(ask->ctx, packet, words(status));
	free(ask);
}

void
dns_wire_send(struct dns_wire *w, const uint8_t *question, size_t n,
    dns_wire_fn *on_done, void *ctx)
{
	struct wire_ask *ask = xalloc(1, sizeof(*ask));

	ask->on_done = on_done;
	ask->ctx = ctx;
	ares_send(w->channel, question, (int)n, on_answer, ask);
	arm(w);
}
