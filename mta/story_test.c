/* Lines in, stories out: links, reused ids, who it was, what became of it. */
#include "base/test.h"

#include "base/time.h"
#include "mta/story.h"

static struct ref_keys refs;

/* 2026-11-21T10:00:00Z */
#define BEGIN 1795255200

struct script {
	struct arena arena;
	struct mta_settings settings;
	struct stories *stories;
	struct logline_clock clock;
	struct text told;
};

static void
on_uid(void *ctx, uint32_t uid, struct text *out)
{
	(void)ctx;
	if (uid == 33)
		text_add(out, "www-data");
}

/* "SECOND [HOST/ ]TAG: TEXT", as in the chains' tests; "*" before it: the
 * caller's bit 0 is set. */
static void
add_line(struct script *s, struct str line)
{
	struct str second, host = STR("mx"), tag;
	bool is_matched = str_take(&line, STR("*"));
	struct logline parsed;
	struct postfix_line p;
	uint64_t at = 0;
	char buf[4096];
	struct text t;

	str_cut(&line, ' ', &second);
	str_to_u64(second, &at);
	if (str_find(line, STR("/ ")) >= 0 &&
	    str_find(line, STR("/ ")) < str_find_char(line, ':')) {
		str_cut(&line, '/', &host);
		line = str_skip(line, 1);
	}
	str_cut(&line, ':', &tag);
	text_init(&t, buf, sizeof(buf));
	time_rfc3339(&t, BEGIN + (int64_t)at);
	text_printf(&t, " %.*s %.*s[9]:%.*s", STR_ARG(host), STR_ARG(tag),
	    STR_ARG(line));
	CHECK(logline_parse(&s->clock, text_view(&t), &parsed));
	postfix_parse(&parsed, &p);
	CHECK(stories_add(
	    s->stories, text_view(&t), &parsed, &p, is_matched ? 1 : 0));
}

static void
print(struct text *t, const struct story *story)
{
	static const char *const who[] = {"?", "account", "inbound", "notice"};

	text_printf(t, "%s %.*s%s%.*s <%.*s>:", who[story->who],
	    STR_ARG(story->account), story->is_shared ? " as " : "",
	    STR_ARG(story->claimed), STR_ARG(story->sender));
	for (size_t i = 0; i < story->n_flights; i++)
		text_printf(t, "%s%s %.*s", i > 0 ? ", " : " ",
		    story_link_text(story->flights[i]->link),
		    STR_ARG(story->flights[i]->queue_id));
	text_printf(t, "; %zu lines", story->n_lines);
	for (struct story_recipient *r = story->recipients; r; r = r->next)
		text_printf(t, "; %.*s%s%.*s %s x%u", STR_ARG(r->to),
		    r->orig_to.n ? " for " : "", STR_ARG(r->orig_to),
		    story_outcome_text(r->outcome), (unsigned)r->attempts);
	if (story->not_tried)
		text_printf(t, "; %llu not tried",
		    (unsigned long long)story->not_tried);
	text_char(t, '\n');
}

static void
check(const char *lines, uint32_t want, const char *told)
{
	struct script s = {0};
	struct str rest = str_from(lines), line;
	size_t n;

	arena_init(&s.arena);
	setting_put_defaults(&mta_settings_table, &s.arena, &s.settings);
	const struct stories_options o = {.settings = &s.settings,
	    .uid_name = on_uid,
	    .refs = &refs,
	    .lines_max = 1000,
	    .bytes_max = 1000000};

	for (size_t i = 0; i < mta_settings_table.n; i++) {
		const struct setting *one = &mta_settings_table.v[i];

		if (strcmp(one->name, "submission_hosts") == 0)
			setting_put(
			    one, STR("192.0.2.1"), &s.arena, &s.settings, NULL);
	}
	s.stories = stories_new(&o);
	text_grow(&s.told, 1 << 16);
	logline_clock_init(&s.clock, 0);
	while (str_cut(&rest, '\n', &line))
		add_line(&s, line);
	struct story *const *v = stories_tell(s.stories, want, &n);

	for (size_t i = 0; i < n; i++)
		print(&s.told, v[i]);
	CHECK_STR(text_view(&s.told), str_from(told));
	stories_free(&s.stories);
	text_done(&s.told);
	arena_done(&s.arena);
}

#define SENT(server, reply)                                             \
	"relay=" server ", delay=1, delays=0/0/0/1, dsn=2.0.0, status=" \
	"sent (" reply ")\n"
#define LOGIN "sasl_method=PLAIN, sasl_username="

static void
simple(void)
{
	check(
	    "0 postfix/smtpd: AAAAA1: client=x[192.0.2.7], " LOGIN
	    "Bob@a.example\n"
	    "0 postfix/cleanup: AAAAA1: message-id=<1@a>\n"
	    "0 postfix/qmgr: AAAAA1: from=<bob@a.example>, size=500, nrcpt=3 (queue active)\n"
	    "1 postfix/smtp: AAAAA1: to=<x@b.example>, " SENT("b[192.0.2.9]:25",
		"250 ok") "2 postfix/smtp: AAAAA1: to=<y@b.example>, relay=b[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=5.7.1, status=bounced (host b[192.0.2.9] said: 550 5.7.1 spam)\n"
			  "3 postfix/smtp: AAAAA1: to=<z@b.example>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (connect to b: timed out)\n"
			  "9 postfix/smtp: AAAAA1: to=<z@b.example>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (connect to b: timed out)\n",
	    0,
	    "account bob@a.example <bob@a.example>: first AAAAA1; 7 lines; "
	    "x@b.example delivered x1; y@b.example refused x1; "
	    "z@b.example deferred x2\n");
}

static void
reused_ids(void)
{
	check(
	    "0 postfix/smtpd: AAAAA1: client=x[192.0.2.7], " LOGIN "a\n"
	    "1 postfix/qmgr: AAAAA1: from=<a@a>, size=5, nrcpt=1 (queue active)\n"
	    "2 postfix/qmgr: AAAAA1: removed\n"
	    "2 postfix/smtp: AAAAA1: to=<late@b>, " SENT("b[192.0.2.9]:25",
		"250 ok") "3 postfix/smtpd: AAAAA1: client=x[192.0.2.8], " LOGIN
			  "b\n"
			  "3 postfix/qmgr: AAAAA1: from=<b@a>, size=5, nrcpt=1 (queue active)\n"
			  "90 postfix/qmgr: AAAAA1: from=<b@a>, size=5, nrcpt=1 (queue active)\n"
			  "4 other/ postfix/pickup: AAAAA1: uid=33 from=<c>\n"
			  "4 other/ postfix/qmgr: AAAAA1: from=<c@a>, size=5, nrcpt=1 (queue active)\n"
			  "5 postfix-two/smtpd: AAAAA1: client=x[192.0.2.8], " LOGIN
			  "d\n"
			  "6 postfix-out/smtp: AAAAA1: to=<d@b>, " SENT(
			      "b[192.0.2.9]:25", "250 ok"),
	    0,
	    "account a <a@a>: first AAAAA1; 4 lines; late@b delivered x1\n"
	    "account b <b@a>: first AAAAA1; 3 lines; 1 not tried\n"
	    "account uid:www-data as c@a <c@a>: first AAAAA1; 2 lines; 1 not tried\n"
	    "account d <>: first AAAAA1; 2 lines; d@b delivered x1\n");
}

/* A filter without XFORWARD, a bounce by its second link. */
static void
filter_and_bounce(void)
{
	check(
	    "0 postfix/smtpd: AAAAA1: client=x[192.0.2.7], " LOGIN
	    "a@a.example\n"
	    "0 postfix/qmgr: AAAAA1: from=<a@a.example>, size=5, nrcpt=2 (queue active)\n"
	    "1 postfix/smtpd: BBBBB1: client=localhost[127.0.0.1]\n"
	    "1 postfix/smtp: AAAAA1: to=<x@b>, " SENT(
		"127.0.0.1[127.0.0.1]:10024",
		"250 2.0.0 Ok: queued as BBBBB1") "1 postfix/smtp: AAAAA1: to=<y@b>, " SENT("127.0.0.1[127.0.0.1]:10024",
		"250 2.0.0 Ok: queued as BBBBB1") "2 postfix/smtp: BBBBB1: to=<x@b>, " SENT("b[192.0.2.9]:25",
		"250 ok") "*2 postfix/smtp: BBBBB1: to=<y@b>, relay=b[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host b[192.0.2.9] said: 550 5.1.1 unknown user)\n"
			  "2 postfix/cleanup: CCCCC1: message-id=<c@mx>\n"
			  "2 postfix/bounce: BBBBB1: sender non-delivery notification: CCCCC1\n"
			  "2 postfix/qmgr: CCCCC1: from=<>, size=5, nrcpt=1 (queue active)\n"
			  "3 postfix/smtp: CCCCC1: to=<a@a.example>, " SENT(
			      "a[192.0.2.1]:25",
			      "250 ok") "5 postfix/smtpd: DDDDD1: client=y[192.0.2.66]\n",
	    1,
	    "account a@a.example <a@a.example>: first AAAAA1, handed on to BBBBB1, "
	    "notice CCCCC1; 11 lines; x@b delivered x1; y@b unknown user x1\n");
}

/* A remote server names a message that is in our queue. */
static void
forged_id(void)
{
	check(
	    "0 postfix/smtpd: BBBBB1: client=x[192.0.2.7], " LOGIN "b\n"
	    "0 postfix/cleanup: BBBBB1: message-id=<b@a>\n"
	    "0 postfix/smtpd: CCCCC1: client=localhost[127.0.0.1]\n"
	    "1 postfix/smtpd: AAAAA1: client=x[192.0.2.7], " LOGIN "a\n"
	    "1 postfix/cleanup: AAAAA1: message-id=<b@a>\n"
	    "*2 postfix/smtp: AAAAA1: to=<x@b>, " SENT("evil[192.0.2.9]:25",
		"250 Ok: queued as BBBBB1") "*2 postfix/smtp: AAAAA1: to=<y@b>, " SENT("evil[192.0.2.9]:25",
		"250 Ok: queued as CCCCC1") "*2 postfix/smtp: AAAAA1: to=<z@b>, " SENT("127.0.0.1[127.0.0.1]:25",
		"250 2.0.0 Ok: queued as BBBBB1"),
	    1,
	    "account a <>: first AAAAA1; 5 lines; x@b delivered x1; "
	    "y@b delivered x1; z@b delivered x1\n");
}

static void
forward_and_requeue(void)
{
	check(
	    "0 postfix/smtpd: AAAAA1: client=far[203.0.113.9]\n"
	    "0 postfix/qmgr: AAAAA1: from=<s@far.example>, size=5, nrcpt=1 (queue active)\n"
	    "1 postfix/cleanup: BBBBB1: message-id=<1@far>\n"
	    "1 postfix/local: AAAAA1: to=<games@l.example>, " SENT("local",
		"forwarded as BBBBB1") "1 postfix/qmgr: BBBBB1: from=<s@far.example>, size=5, nrcpt=1 (queue active)\n"
				       "2 postfix/smtp: BBBBB1: to=<gone@w>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (no)\n"
				       "50 postfix/postsuper: BBBBB1: requeued\n"
				       "51 postfix/pickup: DDDDD1: uid=102 from=<s@far.example> orig_id=BBBBB1\n"
				       "52 postfix/smtp: DDDDD1: to=<gone@w>, orig_to=<games@l.example>, " SENT(
					   "w[192.0.2.9]:25", "250 ok"),
	    0,
	    "inbound fwd:games@l.example <s@far.example>: first AAAAA1, forwarded as BBBBB1, "
	    "requeued as DDDDD1; 9 lines; gone@w for games@l.example delivered x1\n");
}

/* Another host of ours, by what it logged and by one Message-ID. */
static void
two_hosts(void)
{
	check(
	    "0 postfix/smtpd: AAAAA1: client=x[192.0.2.7], " LOGIN "a\n"
	    "0 postfix/cleanup: AAAAA1: message-id=<1@a>\n"
	    "1 out/ postfix/smtpd: EEEEE1: client=mx[192.0.2.1]\n"
	    "1 out/ postfix/cleanup: EEEEE1: message-id=<1@a>\n"
	    "1 postfix/smtp: AAAAA1: to=<x@b>, " SENT("out[192.0.2.2]:25",
		"250 2.0.0 Ok: queued as EEEEE1") "2 out/ postfix/smtp: EEEEE1: to=<x@b>, " SENT("b[192.0.2.9]:25",
		"250 ok"),
	    0,
	    "account a <>: first AAAAA1, relayed to EEEEE1; 6 lines; "
	    "x@b delivered x1\n");
}

/* An outbound host: the first reference counts, from submission hosts only. */
static void
reference(void)
{
	static const char *const clients[] = {"192.0.2.1", "192.0.2.66"};
	char lines[2048], told[256], first[REF_HEADER + 1],
	    second[REF_HEADER + 1];
	const struct crypto_key secret = {{7}};
	struct text t;

	ref_keys_add(&refs, &secret);
	text_init(&t, first, sizeof(first));
	ref_print(&refs, STR("anna@a.example"), BEGIN, 1, &t);
	text_init(&t, second, sizeof(second));
	ref_print(&refs, STR("bob@a.example"), BEGIN, 1, &t);
	for (size_t i = 0; i < 2; i++) {
		text_init(&t, lines, sizeof(lines));
		text_printf(&t,
		    "0 postfix/smtpd: AAAAA1: client=sub[%s]\n"
		    "0 postfix/cleanup: AAAAA1: info: header %s from "
		    "sub[%s]; from=<s@a.example> to=<x@b> proto=ESMTP "
		    "helo=<sub>\n"
		    "0 postfix/cleanup: AAAAA1: info: header %s from "
		    "sub[%s]; from=<s@a.example> to=<x@b> proto=ESMTP "
		    "helo=<sub>\n"
		    "1 postfix/qmgr: AAAAA1: from=<s@a.example>, size=5, "
		    "nrcpt=1 (queue active)\n",
		    clients[i], first, clients[i], second, clients[i]);
		text_init(&t, told, sizeof(told));
		text_printf(&t,
		    "%s <s@a.example>: first AAAAA1; 4 lines; 1 not tried\n",
		    i == 0 ? "account anna@a.example" : "inbound ");
		check(lines, 0, told);
	}
	refs = (struct ref_keys){0};
}

static void
ends(void)
{
	check(
	    "0 postfix/qmgr: AAAAA1: from=<a@a>, size=5, nrcpt=1 (queue active)\n"
	    "1 postfix/smtp: AAAAA1: to=<x@b>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (no)\n"
	    "2 postfix/qmgr: AAAAA1: from=<a@a>, status=expired, returned to sender\n"
	    "2 postfix/qmgr: AAAAA1: removed\n"
	    "3 postfix/qmgr: BBBBB1: from=<a@a>, size=5, nrcpt=1 (queue active)\n"
	    "4 postfix/smtp: BBBBB1: to=<x@b>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (no)\n"
	    "5 postfix/postsuper: BBBBB1: removed\n"
	    "6 postfix/smtpd: NOQUEUE: reject: RCPT from x[192.0.2.7]: 550 5.1.1 <n@a>: Recipient address rejected: no; from=<s@far> to=<n@a> proto=ESMTP helo=<x>\n",
	    0,
	    "?  <a@a>: first AAAAA1; 4 lines; x@b expired x1\n"
	    "?  <a@a>: first BBBBB1; 3 lines; x@b deleted x1\n"
	    "inbound  <s@far>: first ; 1 lines; n@a turned away x1\n");
}

TESTS(TEST(simple), TEST(reused_ids), TEST(filter_and_bounce), TEST(forged_id),
    TEST(forward_and_requeue), TEST(two_hosts), TEST(reference), TEST(ends))
