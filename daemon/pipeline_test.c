/* pipeline_test - from log lines and policy requests to verdicts and answers */
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
	int64_t now; /* of lines and requests */
	unsigned n_messages;
	bool is_live; /* verdicts take effect */
	struct text verdicts;
} t;

static void
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

static int64_t
on_now_us(void *ctx)
{
	(void)ctx;
	return t.now * TIME_US;
}

static void
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

static void
set_mode(bool is_enforcing)
{
	struct standing_state state;
	struct sanction_about about;
	struct event e;

	pipeline_about(t.p, SUBJECT_ALL, STR(""), &state, &about);
	sanction_mode(&about, is_enforcing, STR("root"), STR("test"), &e);
	pipeline_fold(t.p, &e);
}

static void
begin(const char *config)
{
	struct error err;

	memset(&t, 0, sizeof(t));
	load_settings(config);
	t.now = BEGAN;
	t.is_live = true;
	text_grow(&t.verdicts, 1 << 20);
	const struct pipeline_options o = {
	    .settings = t.settings,
	    .hooks = {.on_verdict = on_verdict, .now_us = on_now_us},
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

static void
end(void)
{
	pipeline_free(&t.p);
	settings_free(&t.settings);
	text_done(&t.verdicts);
}

/* One line of Postfix's, at t.now. */
static void line(const char *service, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
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
static unsigned
accept_mail(const char *login, unsigned recipients)
{
	unsigned id = ++t.n_messages;

	line("submission/smtpd",
	    "4F%06u: client=c.example[192.0.2.9], sasl_method=PLAIN, "
	    "sasl_username=%s",
	    id, login);
	line("cleanup", "4F%06u: message-id=<%u@c.example>", id, id);
	line("qmgr", "4F%06u: from=<%s>, size=999, nrcpt=%u (queue active)", id,
	    login, recipients);
	return id;
}

static void
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

static void
send_mail(const char *login, unsigned recipients)
{
	deliver(accept_mail(login, recipients), recipients);
}

static struct str
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

static struct str
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

	text_init(&w, action, sizeof(action));
	pipeline_answer(t.p, &q, &w);
	return text_view(&w);
}

static bool
is_dunno(struct str action)
{
	return action.n == 0 || str_is(action, STR("DUNNO"));
}

/* Recipients one by one, until one is refused: how many were let through. */
static unsigned
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

static enum standing
standing_of(const char *account)
{
	struct standing_state state;

	standings_get(pipeline_standings(t.p), SUBJECT_ACCOUNT,
	    str_from(account), t.now, &state);
	return state.rung;
}

static void
operate(enum event_type type, const char *account)
{
	struct standing_state state;
	struct sanction_about about;
	struct event e;

	pipeline_about(t.p, SUBJECT_ACCOUNT, str_from(account), &state, &about);
	if (type == EVENT_LIFT)
		sanction_lift(&about, t.now, STR("root"), STR("settled"), &e);
	else
		sanction_order(&about, STANDING_SUSPENDED, TIME_NEVER,
		    STR("root"), STR("seen"), &e);
	CHECK(pipeline_fold(t.p, &e));
}

#define ALICE "alice@example.com"
#define EVE "eve@example.com"

static void
an_ordinary_account_is_left_alone(void)
{
	begin("");
	for (int i = 0; i < 48; i++) {
		send_mail(ALICE, 1 + (unsigned)i % 5);
		t.now += 600;
	}
	CHECK_STR(verdicts(), STR(""));
	CHECK_INT(standing_of(ALICE), STANDING_GOOD);
	end();
}

static void
lines_become_a_verdict(void)
{
	begin("");
	send_mail(ALICE, 2);
	for (int i = 0; i < 40; i++) {
		send_mail(EVE, 10);
		t.now++;
	}
	struct str v = verdicts();

	CHECK(str_find(v, STR(EVE " suspended by ")) >= 0);
	CHECK(str_find(v, STR(ALICE)) < 0);
	CHECK_INT(standing_of(EVE), STANDING_SUSPENDED);
	end();
}

static void
observed_verdicts_have_no_effect(void)
{
	begin("");
	set_mode(false);
	for (int i = 0; i < 40; i++)
		send_mail(EVE, 10);
	CHECK(str_find(verdicts(), STR("suspended (observed)")) > 0);
	CHECK_INT(standing_of(EVE), STANDING_GOOD);
	const struct ask a = {EVE, "1.1.1", "", 1};

	CHECK(is_dunno(ask(POLICY_RCPT, &a)));
	CHECK(is_dunno(ask(POLICY_DATA, &a)));
	/* A person's decision holds in any mode. */
	operate(EVENT_SANCTION, ALICE);
	const struct ask b = {ALICE, "1.1.2", "", 1};

	CHECK(str_starts(ask(POLICY_RCPT, &b), STR("REJECT 5.7.1 ")));
	end();
}

static void
a_suspended_account_is_refused(void)
{
	begin("");
	operate(EVENT_SANCTION, EVE);
	const struct ask a = {EVE, "1.1.1", "", 1};
	const struct ask upper = {"Eve@Example.COM", "1.1.2", "", 1};
	const struct ask other = {ALICE, "1.1.3", "", 1};

	CHECK(str_starts(ask(POLICY_RCPT, &a), STR("REJECT 5.7.1 ")));
	CHECK(str_find(ask(POLICY_RCPT, &a), STR(EVE)) > 0);
	CHECK(str_starts(ask(POLICY_DATA, &a), STR("REJECT 5.7.1 ")));
	CHECK(str_starts(ask(POLICY_END_OF_MESSAGE, &a), STR("REJECT")));
	CHECK(str_starts(ask(POLICY_RCPT, &upper), STR("REJECT 5.7.1 ")));
	CHECK(is_dunno(ask(POLICY_RCPT, &other)));
	/* Receiving goes on. */
	const struct ask inbound = {"", "1.1.4", "", 1};

	CHECK(is_dunno(ask(POLICY_RCPT, &inbound)));
	CHECK(is_dunno(ask(POLICY_CONNECT, &a)));
	CHECK(is_dunno(ask(POLICY_MAIL, &a)));
	operate(EVENT_LIFT, EVE);
	CHECK(is_dunno(ask(POLICY_RCPT, &a)));
	end();
}

#define SMALL                                                      \
	"limits = ( { name = \"small\"; of = \"account\";"         \
	" count = \"recipients\"; window = \"1h\"; max = 20; } );" \
	"signals = ( { name = \"burst\"; enabled = false; } );"

static void
the_limit_defers(void)
{
	begin(SMALL);
	const struct ask a = {EVE, "1.1.1", "", 0};

	CHECK_INT(ask_many(&a, 30), 20);
	const struct ask more = {EVE, "1.1.1", "", 99};

	CHECK(
	    str_starts(ask(POLICY_RCPT, &more), STR("DEFER_IF_PERMIT 4.7.1 ")));
	CHECK_INT(standing_of(EVE), STANDING_THROTTLED);
	CHECK(str_find(verdicts(), STR(EVE " throttled by small|")) >= 0);
	/* Another account of the same client and domain is not meant. */
	const struct ask other = {ALICE, "2.1.1", "", 0};

	CHECK_INT(ask_many(&other, 15), 15);
	end();
}

/* Whichever stages are wired, and when the log shows it too: 10 and 10. */
static void
a_message_counts_once(void)
{
	static const enum policy_state stages[] = {
	    POLICY_RCPT, POLICY_DATA, POLICY_END_OF_MESSAGE};

	for (unsigned wired = 1; wired < 8; wired++) {
		begin(SMALL);
		for (unsigned m = 0; m < 2; m++) {
			char instance[16], id[16];

			snprintf(instance, sizeof(instance), "9.%u.0", m);
			snprintf(id, sizeof(id), "4F%06u", m + 1);
			struct ask a = {EVE, instance, "", 100 * m};

			for (unsigned s = 0; s < 3; s++) {
				if (!(wired & 1u << s))
					continue;
				if (stages[s] == POLICY_RCPT) {
					CHECK_INT(ask_many(&a, 10), 10);
					continue;
				}
				a.n = 10;
				a.queue_id = id;
				CHECK(is_dunno(ask(stages[s], &a)));
			}
			deliver(accept_mail(EVE, 10), 10);
		}
		/* Full now, and not a bit more. */
		CHECK_INT(standing_of(EVE), STANDING_GOOD);
		CHECK(str_find(verdicts(), STR("throttled")) < 0);
		const struct ask last = {EVE, "9.9.9", "", 999};

		CHECK(!is_dunno(ask(POLICY_RCPT, &last)));
		end();
	}
}

static void
many_recipients_at_once_are_deferred_not_suspended(void)
{
	begin("");
	send_mail(ALICE, 3);
	t.now += 60;
	const struct ask a = {ALICE, "3.1.1", "4F000002", 0};
	unsigned n = ask_many(&a, 301);

	CHECK(n < 301 && n > 50);
	for (unsigned i = n; i < 301; i++) {
		const struct ask more = {ALICE, "3.1.1", "4F000002", i};

		CHECK(str_starts(
		    ask(POLICY_RCPT, &more), STR("DEFER_IF_PERMIT 4.7.1 ")));
	}
	CHECK_INT(standing_of(ALICE), STANDING_THROTTLED);
	CHECK(str_find(verdicts(), STR("suspended")) < 0);
	end();
	/* The same, where only DATA is wired. */
	begin("");
	const struct ask data = {ALICE, "3.1.1", "", 301};

	CHECK(
	    str_starts(ask(POLICY_DATA, &data), STR("DEFER_IF_PERMIT 4.7.1 ")));
	CHECK_INT(standing_of(ALICE), STANDING_THROTTLED);
	end();
}

static void
a_lift_is_not_followed_by_the_same(void)
{
	begin("");
	for (int i = 0; i < 40; i++)
		send_mail(EVE, 10);
	unsigned late = accept_mail(EVE, 200);

	CHECK_INT(standing_of(EVE), STANDING_SUSPENDED);
	t.now += 60;
	operate(EVENT_LIFT, EVE);
	verdicts();
	const struct ask a = {EVE, "4.1.1", "", 1};

	CHECK(is_dunno(ask(POLICY_RCPT, &a)));
	CHECK_INT(standing_of(EVE), STANDING_GOOD);
	/* What was in the queue then goes out now. */
	t.now += 60;
	deliver(late, 200);
	send_mail(EVE, 5);
	CHECK(is_dunno(ask(POLICY_RCPT, &a)));
	CHECK_STR(verdicts(), STR(""));
	CHECK_INT(standing_of(EVE), STANDING_GOOD);
	/* But what is new counts. */
	for (int i = 0; i < 40; i++)
		send_mail(EVE, 10);
	CHECK_INT(standing_of(EVE), STANDING_SUSPENDED);
	end();
}

static void
data_gets_a_reference(void)
{
	struct crypto_key key = {{1, 2, 3}};

	begin("");
	const struct ask a = {ALICE, "5.1.1", "", 1};
	const struct ask inbound = {"", "5.1.2", "", 1};

	CHECK(is_dunno(ask(POLICY_DATA, &a)));
	ref_keys_add(&t.refs, &key);
	CHECK(is_dunno(ask(POLICY_RCPT, &a)));
	CHECK(str_starts(ask(POLICY_DATA, &a), STR("PREPEND X-Outpost-Ref: ")));
	CHECK(ask(POLICY_DATA, &a).n <= strlen("PREPEND ") + 120);
	CHECK(is_dunno(ask(POLICY_END_OF_MESSAGE, &a)));
	CHECK(is_dunno(ask(POLICY_DATA, &inbound)));
	operate(EVENT_SANCTION, ALICE);
	CHECK(str_starts(ask(POLICY_DATA, &a), STR("REJECT ")));
	end();
}

/* What happens to a day of lines, twice. */
static void
write_day(void)
{
	for (int i = 0; i < 60; i++) {
		send_mail(ALICE, 2);
		send_mail(EVE, i < 30 ? 1 : 12);
		send_mail("carol@example.org", (unsigned)i % 7 + 1);
		t.now += 20;
	}
	pipeline_settle(t.p);
}

static void
the_same_lines_give_the_same_verdicts(void)
{
	static char first[1 << 16];
	struct text w;

	for (int i = 0; i < 2; i++) {
		begin("");
		write_day();
		if (i == 0) {
			text_init(&w, first, sizeof(first));
			text_str(&w, verdicts());
			CHECK(str_find(text_view(&w), STR("suspended")) > 0);
		} else {
			CHECK_STR(verdicts(), text_view(&w));
		}
		end();
	}
}

/* A catch-up: what would be over already is not imposed. */
static void
late_lines_impose_nothing(void)
{
	int64_t written;

	begin("");
	written = t.now;
	for (int i = 0; i < 40; i++) {
		t.now = written;
		unsigned id = accept_mail(EVE, 10);

		deliver(id, 10);
	}
	CHECK_INT(standing_of(EVE), STANDING_SUSPENDED);
	t.now = written + 40 * 86400;
	CHECK(standing_of(EVE) < STANDING_THROTTLED);
	end();
}

static void
unreadable_lines_are_counted(void)
{
	struct pipeline_counters c;

	begin("");
	pipeline_line(t.p, 0, STR(""));
	pipeline_line(t.p, 0, STR("rubbish"));
	pipeline_line(t.p, 63, STR("\xff\xfe\x00\x01"));
	line("smtpd", "something new that nobody understands");
	line("qmgr", "4F000009: removed");
	pipeline_counters(t.p, &c);
	CHECK_INT(c.lines, 5);
	CHECK_INT(c.unreadable, 3);
	CHECK_INT(c.other, 1);
	end();
}

TESTS(TEST(an_ordinary_account_is_left_alone), TEST(lines_become_a_verdict),
    TEST(observed_verdicts_have_no_effect),
    TEST(a_suspended_account_is_refused), TEST(the_limit_defers),
    TEST(a_message_counts_once),
    TEST(many_recipients_at_once_are_deferred_not_suspended),
    TEST(a_lift_is_not_followed_by_the_same), TEST(data_gets_a_reference),
    TEST(the_same_lines_give_the_same_verdicts),
    TEST(late_lines_impose_nothing), TEST(unreadable_lines_are_counted))
