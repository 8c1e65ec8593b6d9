/* chain_fuzz - any order of lines, with queue ids that meet by chance
 *
 * Three bytes are a line: what, of which queue ids and recipients, how much
 * later. Half way the chains are saved and read again. In the end nothing is
 * left in flight, waiting or pending.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "ledger/books.h"
#include "mta/chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { IDS = 6, SETTINGS_FLIGHTS = 8, BYTES_MAX = 12000 };

#define RELAY(r) ", relay=" r ", delay=1, delays=0/0/0/1, "
#define REMOTE RELAY("mx[198.51.100.1]:25")
#define OWN RELAY("f[127.0.0.1]:25")

/* @ is a queue id, # another one, $ and % recipients. */
static const char *const lines[] = {
    "smtpd: @: client=c[192.0.2.7], sasl_method=PLAIN, sasl_username=u$",
    "smtpd: @: client=m[203.0.113.1]",
    "smtpd: @: client=l[127.0.0.1]",
    "smtpd: @: client=l[127.0.0.1], orig_queue_id=#, "
    "orig_client=c[192.0.2.7]",
    "pickup: @: uid=3 from=<u$>",
    "pickup: @: uid=107 from=<u$> orig_id=#",
    "qmgr: @: from=<u$>, size=5, nrcpt=3 (queue active)",
    "smtp: @: to=<$>" REMOTE "dsn=2.0.0, status=sent (250 ok)",
    "smtp: @: to=<$>, orig_to=<%>" REMOTE "dsn=4.0.0, status=deferred (later)",
    "smtp: @: to=<$>" REMOTE "dsn=5.1.1, status=bounced (no)",
    "smtp: @: to=<$>" OWN "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as #)",
    "smtp: @: to=<$>, orig_to=<%>" OWN
    "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as #)",
    "local: @: to=<$>" RELAY("local") "dsn=2.0.0, status=sent (forwarded as #)",
    "virtual: @: to=<$>" RELAY("virtual") "dsn=2.0.0, status=sent (done)",
    "qmgr: @: from=<u$>, status=expired, returned to sender",
    "qmgr: @: removed",
    "bounce: @: sender non-delivery notification: #",
    "cleanup: @: milter-reject: END-OF-MESSAGE from c[192.0.2.7]: 5.7.1 no; "
    "from=<a> to=<b> proto=ESMTP helo=<h>",
    "smtpd: proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as @; "
    "from=<a> to=<b> proto=ESMTP helo=<h> sasl_username=<u$>",
    "smtpd: NOQUEUE: client=l[127.0.0.1]",
    "smtpd: proxy-reject: END-OF-MESSAGE: 550 5.7.1 no; from=<a> to=<b> "
    "proto=ESMTP helo=<h>",
    "smtpd: @: client=s[192.0.2.10]",
    "smtpd: @: client=s[192.0.2.10], sasl_method=PLAIN, sasl_username=u$",
    "cleanup: @: info: header X-Outpost-Ref: ^ from s[192.0.2.10]; "
    "from=<a> to=<b> proto=ESMTP helo=<h>",
    "smtp: @: to=<$>" RELAY("o[192.0.2.20]:25") "dsn=2.0.0, status=sent (250 "
						"2.0.0 Ok: queued as #)",
    "smtp: @: to=<$>" RELAY("none") "dsn=4.4.1, status=deferred (connect to "
				    "o[192.0.2.20]:25: Connection refused)",
    "smtpd: @: client=t[192.0.2.30], orig_queue_id=#, "
    "orig_client=c[192.0.2.7]",
    "smtp: @: to=<$>" RELAY("t[192.0.2.30]:25") "dsn=2.0.0, status=sent (250 "
						"2.0.0 Ok: queued as #)",
    "smtpd: warning: c[192.0.2.7]: SASL PLAIN authentication failed: x",
    "dovecot: auth: sql(u$,192.0.2.7): Password mismatch",
    "dovecot: imap-login: Login: user=<u$>, method=PLAIN, rip=192.0.2.7",
    "dovecot: imap-login: Disconnected (auth failed, 3 attempts in 2 secs): "
    "user=<u$>, method=PLAIN, rip=192.0.2.7",
};

static int64_t pending;
static struct ref_keys keys;

/* Of hashed references, half are known. */
static bool
find_account(void *ctx, const struct ref *ref, struct text *out)
{
	(void)ctx;
	if (ref->hash[0] & 1)
		text_add(out, "long@x");
	return ref->hash[0] & 1;
}

static void
put_reference(struct text *t, uint8_t d, int64_t at)
{
	static const char *const accounts[] = {"", "anna@x",
	    "a.login.of.more.than.39.bytes@long.example.com",
	    "b.login.of.more.than.39.bytes@long.example.com"};
	char header[REF_HEADER + 1];
	struct text h;

	text_init(&h, header, sizeof(header));
	ref_print(
	    &keys, str_from(accounts[d % 4]), d & 4 ? at - 700000 : at, 1, &h);
	text_str(t, str_skip(text_view(&h), sizeof(REF_NAME) + 1));
	if (d & 8)
		t->p[t->n - 9] ^= 1;
}

static void
on_fact(void *ctx, const struct fact *f)
{
	(void)ctx;
	pending += f->kind == FACT_PENDING ? f->n : -f->was_pending;
	if (f->kind != FACT_PENDING && f->kind != FACT_LOGIN_FAILED &&
	    f->account.n == 0)
		abort();
	if (pending < 0)
		abort();
}

static void
put_line(struct text *t, const uint8_t d[3], int64_t at)
{
	const char *p = lines[d[0] % (sizeof(lines) / sizeof(lines[0]))];
	const char *colon = strchr(p, ':');

	time_rfc3339(t, at);
	if (*p == 'd')
		text_add(t, " mx dovecot");
	else
		text_printf(t, " mx postfix%s/%.*s[1]",
		    d[0] & 0x80 ? "-two" : "", (int)(colon - p), p);
	for (p = colon; *p; p++) {
		if (*p == '@')
			text_printf(t, "A%05d", d[1] % IDS);
		else if (*p == '#')
			text_printf(t, "A%05d", d[1] / IDS % IDS);
		else if (*p == '$')
			text_printf(t, "%c@x", 'a' + (d[1] / 36) % 4);
		else if (*p == '%')
			text_printf(t, "%c@x", 'c' + d[2] % 3);
		else if (*p == '^')
			put_reference(t, d[2], at);
		else
			text_char(t, *p);
	}
}

static int64_t
advance(int64_t at, uint8_t d)
{
	static const int64_t steps[] = {0, 0, 1, 1, 5, 20, 4000, 600000};

	return at + steps[d / 32];
}

/* What `old` is goes to a new one, by way of the books. */
static struct chains *
reborn(const struct chains_options *o, struct chains *old)
{
	struct chains *c = chains_new(o, on_fact, NULL);
	struct books_part from = chains_part(old), to = chains_part(c);
	struct text t;

	/* What is over the maximum goes with the next line, here before. */
	chains_tick(old, 1);
	text_grow(&t, 1 << 26);
	from.save(from.ctx, &t);
	if (t.n > 0 && !to.replay(to.ctx, text_view(&t)))
		abort();
	text_done(&t);
	chains_tick(c, 1);
	if (chains_count(c, CHAINS_FLIGHTS) !=
	    chains_count(old, CHAINS_FLIGHTS))
		abort();
	chains_free(&old);
	return c;
}

static void
run(const struct chains_options *o, const uint8_t *data, size_t n)
{
	struct chains *c = chains_new(o, on_fact, NULL);
	struct logline_clock clock;
	int64_t at = 1795255200;
	char buf[1000];

	pending = 0;
	logline_clock_init(&clock, 0);
	if (n > BYTES_MAX)
		n = BYTES_MAX;
	for (size_t i = 0; i + 3 <= n; i += 3) {
		struct logline line;
		struct postfix_line l;
		struct text t;

		text_init(&t, buf, sizeof(buf));
		at = advance(at, data[i + 2]);
		put_line(&t, data + i, at);
		if (!logline_parse(&clock, text_view(&t), &line))
			abort();
		postfix_parse(&line, &l);
		if (l.kind == LINE_OTHER)
			abort();
		chains_line(c, &line, &l);
		if (i == n / 6 * 3)
			c = reborn(o, c);
	}
	/* Time-outs one after the other: a link's, a new one's, the queue's. */
	for (int i = 0; i < 40; i++)
		chains_tick(c, at += 86400);
	if (pending != 0 || chains_count(c, CHAINS_FLIGHTS) != 0 ||
	    chains_count(c, CHAINS_WAITING) != 0)
		abort();
	chains_free(&c);
}

static void
set(struct mta_settings *settings, struct arena *a, const char *name,
    const char *value)
{
	struct error err;

	for (size_t i = 0; i < mta_settings_table.n; i++) {
		const struct setting *one = &mta_settings_table.v[i];

		if (strcmp(one->name, name) == 0 &&
		    setting_put(one, str_from(value), a, settings, &err) == 0)
			return;
	}
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct mta_settings settings;
	struct arena arena;
	const struct chains_options o = {.settings = &settings,
	    .seed = 1,
	    .is_kept = true,
	    .refs = &keys,
	    .ref_account = find_account};

	if (keys.n == 0)
		ref_keys_add(&keys, &(struct crypto_key){.b = {1}});
	arena_init(&arena);
	setting_put_defaults(&mta_settings_table, &arena, &settings);
	set(&settings, &arena, "submission_hosts", "192.0.2.10");
	set(&settings, &arena, "outbound_hosts", "192.0.2.20");
	set(&settings, &arena, "trusted_clients", "127.0.0.1, 192.0.2.30");
	settings.flights_max = n % 2 ? SETTINGS_FLIGHTS : 1000;
	settings.waiting_max = n % 3 ? 20 : 1000;
	settings.recipients_max = n % 5 ? 1000 : 3;
	run(&o, data, n);
	arena_done(&arena);
	return 0;
}
