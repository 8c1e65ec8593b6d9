/* queue_service - outpost-queue: who may ask what, one question at a time */
#include "queue/queue_service.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sock.h"
#include "base/time.h"

enum { ASK_US = 5 * 1000 * 1000, TELL_US = 20 * 1000 * 1000 };

static volatile sig_atomic_t is_ending;

static void
on_term(int signo)
{
	(void)signo;
	is_ending = 1;
}

/* What the peer is called; its rights. */
static enum queue_rights
rights_of(const struct queue_service *s, unsigned uid, struct text *who)
{
	const struct passwd *pw = getpwuid((uid_t)uid);
	const char *name = pw ? pw->pw_name : "";

	if (pw)
		text_add(who, name);
	else
		text_printf(who, "uid %u", uid);
	if (uid == 0)
		return QUEUE_ORDERS;
	for (size_t i = 0; i < s->admins->n; i++) {
		if (*name && strcmp(s->admins->v[i], name) == 0)
			return QUEUE_ORDERS;
	}
	return *s->user && strcmp(s->user, name) == 0 ? QUEUE_HOLDS
						      : QUEUE_NOTHING;
}

bool
queue_service_may(const struct queue_service *s, unsigned uid,
    const struct queue_request *q, char who[65], struct error *err)
{
	enum queue_rights needs = queue_verb_rights(q->verb);
	struct text t;

	text_init(&t, who, 65);
	enum queue_rights has = rights_of(s, uid, &t);

	if (has < needs) {
		error_set(err, "%s may not %s (see admins in outpost.conf)",
		    who, queue_verb_text(q->verb));
		return false;
	}
	if (queue_verb_needs_reason(q->verb) && str_trim(q->reason).n == 0) {
		error_set(err, "%s needs a reason", queue_verb_text(q->verb));
		return false;
	}
	/* outpostd says for whom. */
	if (has == QUEUE_HOLDS && q->operator.n) {
		text_add(&t, " for ");
		text_printable(&t, q->operator);
	}
	return true;
}

/* false: the time is over, or nobody is there any more. */
static bool
wait_ready(int fd, short what, int64_t end_us)
{
	for (;;) {
		struct pollfd p = {fd, what, 0};
		int64_t left_us = end_us - time_mono_us();

		if (left_us <= 0)
			return false;
		int n = poll(&p, 1, (int)(left_us / 1000) + 1);

		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
	}
}

static bool
read_question(int fd, struct text *in)
{
	int64_t end_us = time_mono_us() + ASK_US;
	char buf[65536];

	while (!queue_request_is_whole(text_view(in))) {
		if (in->is_cut || !wait_ready(fd, POLLIN, end_us))
			return false;
		ssize_t n = sock_recv(fd, buf, sizeof(buf));

		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return false;
		if (n > 0)
			text_bytes(in, buf, (size_t)n);
	}
	return !in->is_cut;
}

static void
write_answer(int fd, struct str rest)
{
	int64_t end_us = time_mono_us() + TELL_US;

	while (rest.n > 0 && wait_ready(fd, POLLOUT, end_us)) {
		ssize_t n = sock_send(fd, rest.p, rest.n);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return;
		if (n > 0)
			rest = str_skip(rest, (size_t)n);
	}
}

/* Who may nothing waits for nothing, nor lets others wait. */
static bool
is_somebody(const struct queue_service *s, int fd, uid_t *uid, struct text *out)
{
	char who[65], sentence[160];
	struct text t, words;

	text_init(&t, who, sizeof(who));
	if (sock_peer(fd, uid, NULL, NULL) == 0 &&
	    rights_of(s, *uid, &t) != QUEUE_NOTHING)
		return true;
	log_warning("refused: %s may not ask", t.n ? who : "somebody");
	text_init(&words, sentence, sizeof(sentence));
	text_printf(&words,
	    "%s may not ask outpost-queue (see admins in outpost.conf)",
	    t.n ? who : "somebody");
	queue_answer_failed(out, text_view(&words));
	return false;
}

/* Hurrying messages lasts as long as Postfix likes. Who wants to hold some
 * doesn't wait for that: it is done by a process of its own, one at a time. */
static pid_t
hurry_beside(struct text *out)
{
	static pid_t hurries;

	if (hurries > 0 && waitpid(hurries, NULL, WNOHANG) == 0) {
		queue_answer_failed(
		    out, STR("messages are being hurried already"));
		return hurries;
	}
	hurries = fork();
	if (hurries < 0)
		queue_answer_failed(out, STR("no process to hurry messages"));
	return hurries;
}

/* The answer is the caller's to write; true: the caller is a process of its
 * own, which ends then. */
static bool
answer(
    const struct queue_service *s, uid_t uid, struct text *in, struct text *out)
{
	struct queue_request *q = xalloc(1, sizeof(*q));
	bool is_beside = false;
	struct error err;
	char who[65];

	if (!queue_request_parse(text_view(in), q, &err)) {
		queue_answer_failed(out, str_from(err.text));
	} else if (!queue_service_may(s, uid, q, who, &err)) {
		log_warning("refused: %s", err.text);
		queue_answer_failed(out, str_from(err.text));
	} else {
		is_beside = q->verb == QUEUE_VERB_TRY && hurry_beside(out) == 0;
		if (is_beside || q->verb != QUEUE_VERB_TRY)
			queue_work(
			    &s->place, q, who, time_now_us() / TIME_US, out);
	}
	free(q);
	return is_beside;
}

static void
serve(const struct queue_service *s, int fd)
{
	bool is_beside = false;
	struct text in, out;
	uid_t uid;

	text_grow(&in, QUEUE_REQUEST_MAX);
	text_grow(&out, QUEUE_ANSWER_MAX);
	if (is_somebody(s, fd, &uid, &out)) {
		if (read_question(fd, &in))
			is_beside = answer(s, uid, &in, &out);
		else
			queue_answer_failed(
			    &out, STR("no question came in time"));
	}
	write_answer(fd, text_view(&out));
	if (is_beside)
		_exit(0);
	text_done(&in);
	text_done(&out);
	close(fd);
}

void
queue_service_run(const struct queue_service *s, int listener, int idle_s)
{
	const struct sigaction end = {.sa_handler = on_term};

	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGINT, &end, NULL);
	signal(SIGPIPE, SIG_IGN);
	while (!is_ending) {
		struct pollfd p = {listener, POLLIN, 0};
		int n = poll(&p, 1, idle_s ? idle_s * 1000 : -1);

		if (n == 0)
			return;
		int fd = n > 0 ? sock_accept(listener) : -1;

		if (fd >= 0)
			serve(s, fd);
	}
}
