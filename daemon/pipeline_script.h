/* pipeline_script - what the tests of the pipeline share: a script of log
 * lines and policy requests, at times that the test sets. Included by them. */
#ifndef DAEMON_PIPELINE_SCRIPT_H
#define DAEMON_PIPELINE_SCRIPT_H

#include "daemon/pipeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"
#include "base/time.h"

enum { BEGAN = 1795300000 }; /* 2026-11-21 or so */

static struct {
	struct settings *settings;
	struct pipeline *p;
	struct ref_keys refs;
	int64_t now;   /* of lines and requests */
	int64_t ahead; /* of that: the wall clock */
	const char *client; /* its address; NULL: any one */
	unsigned n_messages, n_asked;
	bool is_live; /* verdicts take effect */
	struct text verdicts;
} t;

static inline void
on_verdict(void *ctx, const struct event *e, const struct verdict *v)
{
	(void)ctx;
	(void)v;
	text_printf(&t.verdicts, "%s %s%s%s by %s|", e->subject,
	    e->type == EVENT_WARNING ? "warning" : e->rung,
	    e->is_observed ? " (observed)" : "",
	    e->type == EVENT_WARNING ? " of" : "", e->rule);
	if (t.is_live)
		pipeline_fold(t.p, e);
}

static inline int64_t
on_now_us(void *ctx)
{
	(void)ctx;
	return (t.now + t.ahead) * TIME_US;
}

static inline void
load_settings(const char *words)
{
	char path[] = "/tmp/pipeline-XXXXXX";
	int fd = mkstemp(path);
	struct error err;

	if (fd < 0 || write(fd, words, strlen(words)) < 0)
		fatal("%s", path);
	close(fd);
	t.settings = settings_load(path, &err);
	unlink(path);
	if (!t.settings)
		fatal("%s", err.text);
}

static inline void
set_mode(bool is_enforcing)
{
	struct standing_state state;
	struct sanction_about about;
	struct event e;

	pipeline_about(t.p, SUBJECT_ALL, STR(""), &state, &about);
	sanction_mode(&about, is_enforcing, STR("root"), STR("test"), &e);
	pipeline_fold(t.p, &e);
}

static inline void
begin_with(const char *config, const struct pipeline_hooks *hooks)
{
	struct error err;

	memset(&t, 0, sizeof(t));
	load_settings(config);
	t.now = BEGAN;
	t.is_live = true;
	text_grow(&t.verdicts, 1 << 20);
	const struct pipeline_options o = {
	    .settings = t.settings,
	    .hooks = *hooks,
	    .node = "0123456789abcdef",
	    .first_seq = 1,
	    .refs = &t.refs,
	};

	t.p = pipeline_new(&o, &err);
	if (!t.p)
		fatal("%s", err.text);
	pipeline_source(t.p, 0, t.now);
	pipeline_tick(t.p, t.now);
	set_mode(true);
}

static inline void
begin(const char *config)
{
	const struct pipeline_hooks hooks = {
	    .on_verdict = on_verdict, .now_us = on_now_us};

	begin_with(config, &hooks);
}

static inline void
end(void)
{
	pipeline_free(&t.p);
	settings_free(&t.settings);
	text_done(&t.verdicts);
}

/* One line of Postfix's, at t.now. */
static void line(const char *service, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static inline void
line(const char *service, const char *fmt, ...)
{
	char buf[2048];
	struct text w;
	va_list ap;

	text_init(&w, buf, sizeof(buf));
	time_rfc3339(&w, t.now);
	text_printf(&w, " mx postfix/%s[7]: ", service);
	va_start(ap, fmt);
	text_vprintf(&w, fmt, ap);
	va_end(ap);
	pipeline_line(t.p, 0, text_view(&w));
}

/* A message is accepted; its number names its queue id. */
static inline unsigned
accept_mail(const char *login, unsigned recipients)
{
	unsigned id = ++t.n_messages;

	line("submission/smtpd",
	    "4F%06u: client=c.example[%s], sasl_method=PLAIN, "
	    "sasl_username=%s",
	    id, t.client ? t.client : "192.0.2.9", login);
	line("cleanup", "4F%06u: message-id=<%u@c.example>", id, id);
	line("qmgr", "4F%06u: from=<%s>, size=999, nrcpt=%u (queue active)", id,
	    login, recipients);
	return id;
}

static inline void
deliver(unsigned id, unsigned recipients)
{
	for (unsigned i = 0; i < recipients; i++)
		line("smtp",
		    "4F%06u: to=<r%u.%u@far.example>, "
		    "relay=mx.far.example[203.0.113.5]:25, delay=1, "
		    "delays=0.1/0/0.4/0.5, dsn=2.0.0, status=sent (250 2.0.0 "
		    "Ok)",
		    id, i, id);
	line("qmgr", "4F%06u: removed", id);
}

static inline void
send_mail(const char *login, unsigned recipients)
{
	deliver(accept_mail(login, recipients), recipients);
}

static inline struct str
verdicts(void)
{
	static char buf[1 << 16];
	struct text w;

	text_init(&w, buf, sizeof(buf));
	text_str(&w, text_view(&t.verdicts));
	text_clear(&t.verdicts);
	return text_view(&w);
}

struct ask {
	const char *login, *instance, *queue_id;
	unsigned n; /* which recipient, or how many */
};

static inline struct str
ask(enum policy_state state, const struct ask *a)
{
	static char action[POLICY_ACTION_MAX + 1];
	char rcpt[64] = "";
	struct text w;

	if (state == POLICY_RCPT)
		snprintf(rcpt, sizeof(rcpt), "p%u@far.example", a->n);
	const struct policy_request q = {
	    .state = state,
	    .client_address = STR("192.0.2.9"),
	    .sasl_username = str_from(a->login),
	    .sender = str_from(a->login),
	    .instance = str_from(a->instance),
	    .queue_id = str_from(a->queue_id),
	    .recipient = str_from(rcpt),
	    .recipient_count = state == POLICY_RCPT ? 0 : a->n,
	};

	/* Expected or not, the answer is the same. */
	if (t.n_asked++ % 3 > 0)
		pipeline_expect(t.p, &q);
	text_init(&w, action, sizeof(action));
	pipeline_answer(t.p, &q, &w);
	return text_view(&w);
}

static inline bool
is_dunno(struct str action)
{
	return action.n == 0 || str_is(action, STR("DUNNO"));
}

/* Recipients one by one, until one is refused: how many were let through. */
static inline unsigned
ask_many(const struct ask *a, unsigned n)
{
	struct ask one = *a;

	for (unsigned i = 0; i < n; i++) {
		one.n = a->n + i;
		if (!is_dunno(ask(POLICY_RCPT, &one)))
			return i;
	}
	return n;
}

static inline enum standing
standing_of(const char *account)
{
	struct standing_state state;

	standings_get(pipeline_standings(t.p), SUBJECT_ACCOUNT,
	    str_from(account), t.now, &state);
	return state.rung;
}

static inline void
operate(enum event_type type, const char *account)
{
	struct standing_state state;
	struct sanction_about about;
	struct event e;

	pipeline_about(t.p, SUBJECT_ACCOUNT, str_from(account), &state, &about);
	if (type == EVENT_LIFT)
		sanction_lift(
		    &about, t.now, false, STR("root"), STR("settled"), &e);
	else
		sanction_order(&about, STANDING_SUSPENDED, TIME_NEVER,
		    STR("root"), STR("seen"), &e);
	CHECK(pipeline_fold(t.p, &e));
}

#define ALICE "alice@example.com"
#define EVE "eve@example.com"
/* The burst and its limit in one: what suspends by itself in these tests. */
#define SUSPENDING                                         \
	"limits = ( { name = \"person-hour\"; max = 300; " \
	"action = \"suspend\"; } );"

#endif
