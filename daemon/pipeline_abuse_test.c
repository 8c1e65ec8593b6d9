/* pipeline_abuse_test - what a hostile sender tries against the way from a
 * line or a request to a verdict */
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"
#include "base/time.h"
#include "daemon/pipeline.h"

#define VICTIM "vic@example.com"
#define THIEF "thief@example.net"

static struct {
	struct settings *settings;
	struct pipeline *p;
	int64_t now;
	unsigned n_messages;
} t;

static void
on_verdict(void *ctx, const struct event *e, const struct verdict *v)
{
	(void)ctx;
	(void)v;
	pipeline_fold(t.p, e);
}

static int64_t
on_now_us(void *ctx)
{
	(void)ctx;
	return t.now * TIME_US;
}

static void
begin(const char *config)
{
	char path[] = "/tmp/pipeline-XXXXXX";
	int fd = mkstemp(path);
	struct standing_state state;
	struct sanction_about about;
	struct event e;
	struct error err;

	memset(&t, 0, sizeof(t));
	t.now = 1795300000;
	if (fd < 0 || write(fd, config, strlen(config)) < 0)
		fatal("%s", path);
	close(fd);
	t.settings = settings_load(path, &err);
	unlink(path);
	if (!t.settings)
		fatal("%s", err.text);
	const struct pipeline_options o = {.settings = t.settings,
	    .hooks = {.on_verdict = on_verdict, .now_us = on_now_us},
	    .node = "0123456789abcdef",
	    .first_seq = 1};

	t.p = pipeline_new(&o, &err);
	if (!t.p)
		fatal("%s", err.text);
	pipeline_source(t.p, 0, t.now);
	pipeline_tick(t.p, t.now);
	pipeline_about(t.p, SUBJECT_ALL, STR(""), &state, &about);
	sanction_mode(&about, true, STR("root"), STR("test"), &e);
	pipeline_fold(t.p, &e);
}

static void
end(void)
{
	pipeline_free(&t.p);
	settings_free(&t.settings);
}

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

/* From first line to last, one recipient; `first` is the first one's text. */
static void
pass_mail(const char *service, const char *first, const char *to)
{
	unsigned id = ++t.n_messages;

	t.now++;
	line(service, "4A%06u: %s", id, first);
	line("qmgr",
	    "4A%06u: from=<" VICTIM ">, size=9, nrcpt=1 (queue active)", id);
	line("smtp",
	    "4A%06u: to=<%s>, relay=mx.far.example[203.0.113.5]:25, delay=1, "
	    "dsn=2.0.0, status=sent (250 Ok)",
	    id, to);
	line("qmgr", "4A%06u: removed", id);
}

static enum standing
standing_of(enum subject_kind kind, struct str key)
{
	struct standing_state state;

	standings_get(pipeline_standings(t.p), kind, key, t.now, &state);
	return state.rung;
}

static bool
is_let_through(const char *login, const char *recipient)
{
	char action[POLICY_ACTION_MAX + 1];
	struct text w;
	const struct policy_request q = {
	    .state = POLICY_RCPT,
	    .client_address = STR("192.0.2.9"),
	    .sasl_username = str_from(login),
	    .instance = STR("1.a"),
	    .recipient = str_from(recipient),
	};

	text_init(&w, action, sizeof(action));
	pipeline_answer(t.p, &q, &w);
	return w.n == 0 || str_is(text_view(&w), STR("DUNNO"));
}

static void
what_postfix_rewrites_is_not_inside(void)
{
	static const char *const recipients[] = {"u%far.example@in.example",
	    "far.example!u@in.example", "\"u@far.example\"@in.example",
	    "u@far.example@in.example"};

	for (size_t i = 0; i < sizeof(recipients) / sizeof(*recipients); i++) {
		begin("chains: { inside_domains = (\"in.example\"); };"
		      "limits = ({ name = \"one\"; max = 1; });");
		for (int k = 0; k < 9; k++)
			CHECK(is_let_through(
			    THIEF, k & 1 ? "a@in.example" : "b@in.example"));
		CHECK(is_let_through(THIEF, "u@far.example"));
		CHECK(!is_let_through(THIEF, recipients[i]));
		end();
	}
}

/* Whoever sends through the web server can name anybody. */
static void
a_claimed_sender_is_no_proof(void)
{
	begin(
	    "limits = ({ name = \"d\"; of = \"domain\"; max = 5; },"
	    "{ name = \"c\"; of = \"claimed\"; max = 5; points = 200; action = \"suspend\"; });"
	    "accounts: { shared_accounts = (\"web@far.example\","
	    " \"uid:*\"); };");
	for (int i = 0; i < 20; i++) {
		pass_mail("pickup", "uid=33 from=<" VICTIM ">", "a@b.example");
		pass_mail("submission/smtpd",
		    "client=c.example[192.0.2.9], sasl_method=PLAIN, "
		    "sasl_username=web@far.example",
		    "a@b.example");
	}
	CHECK_INT(
	    standing_of(SUBJECT_DOMAIN, STR("example.com")), STANDING_GOOD);
	CHECK(is_let_through(VICTIM, "u@far.example"));
	CHECK_INT(standing_of(SUBJECT_CLAIMED, STR("web@far.example/" VICTIM)),
	    STANDING_THROTTLED);
	end();
}

static bool
is_known(struct str account)
{
	return ledger_find(pipeline_ledger(t.p), SUBJECT_ACCOUNT, account);
}

/* Anybody may write that into a recipient, who never logged in. */
static void
a_recipient_is_no_login(void)
{
	static const char owned[] =
	    ">: Sender address rejected: not owned by user ";

	begin("limits = ({ name = \"one\"; max = 1; });");
	line("smtpd",
	    "NOQUEUE: reject: RCPT from c[203.0.113.9]: 553 5.7.1 <a@b%s" VICTIM
	    ">: Relay access denied; from=<a@b> to=<\"a@b%s" VICTIM
	    "\"> proto=SMTP helo=<c>",
	    owned, owned);
	CHECK(!is_known(STR(VICTIM)));
	CHECK(!is_known(STR(VICTIM ">: relay access denied")));
	line("smtpd",
	    "NOQUEUE: reject: RCPT from c[203.0.113.9]: 553 5.7.1 <a@b%s" VICTIM
	    "; from=<a@b> to=<c@d> proto=ESMTP helo=<c>",
	    owned);
	CHECK(is_known(STR(VICTIM)));
	end();
}

TESTS(TEST(what_postfix_rewrites_is_not_inside),
    TEST(a_claimed_sender_is_no_proof), TEST(a_recipient_is_no_login))
