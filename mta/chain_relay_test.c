/* chain_relay_test - two hosts: who counts what */
#include <stdio.h>

#include "mta/chain_script.h"

static struct script s;
static struct ref_keys keys;
static char line[1000];

static bool
find_account(void *ctx, const struct ref *ref, struct text *out)
{
	const char *known = ctx;

	if (!known || !ref_is_of(&keys, ref, str_from(known)))
		return false;
	text_add(out, known);
	return true;
}

static void
begin(const char *known)
{
	const struct crypto_key secret = {.b = {1}};
	struct chains_options o = {.settings = &s.settings,
	    .seed = 1,
	    .refs = &keys,
	    .ref_account = find_account,
	    .ref_ctx = (void *)(uintptr_t)known};

	script_init(&s);
	keys = (struct ref_keys){0};
	ref_keys_add(&keys, &secret);
	script_set(&s, "submission_hosts", "192.0.2.10");
	script_set(&s, "outbound_hosts", "192.0.2.20");
	s.chains = chains_new(&o, script_on_fact, &s);
}

/* cleanup's line of a reference. */
static void
refer(int at, const char *id, const char *account, int64_t made,
    const struct ref_keys *by)
{
	char header[200];
	struct text t;

	text_init(&t, header, sizeof(header));
	ref_print(by, str_from(account), SCRIPT_BEGIN + made, 7, &t);
	snprintf(line, sizeof(line),
	    "%d postfix/cleanup: %s: info: header %s from sub[192.0.2.10]; "
	    "from=<a@x> to=<b@y> proto=ESMTP helo=<sub>\n",
	    at, id, header);
	script_lines(&s, line);
}

#define FROM(id, ip) "0 postfix/smtpd: " id ": client=sub[" ip "]\n"
#define ACTIVE(t, id)                                   \
	t " postfix/qmgr: " id ": from=<a@x>, size=9, " \
	  "nrcpt=1 (queue active)\n"
#define TO(t, id, relay, rest)                                          \
	t " postfix/smtp: " id ": to=<b@y>, relay=" relay ", delay=1, " \
	  "delays=0/0/0/1, " rest "\n"
#define WORLD "mx[198.51.100.1]:25"
#define SENT "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 77)"
#define REMOVED(t, id) t " postfix/qmgr: " id ": removed\n"

static void
test_outbound(void)
{
	begin(NULL);
	script_lines(&s, FROM("410001", "192.0.2.10"));
	refer(0, "410001", "anna@x", -30, &keys);
	refer(0, "410001", "eve@x", -30, &keys);
	script_lines(&s,
	    ACTIVE("1", "410001") TO("2", "410001", WORLD,
		"dsn=4.2.0, status=deferred (host mx[198.51.100.1] said: 450 "
		"4.2.0 no)") TO("9", "410001", WORLD, SENT)
		REMOVED("9", "410001"));
	SCRIPT_FACTS(&s, "deferred anna@x b@y out\n"
			 "deferral anna@x b@y out\n"
			 "delivered anna@x b@y out\n");
	CHECK_INT(chains_count(s.chains, CHAINS_FLIGHTS), 0);
	script_done(&s);
}

/* From elsewhere, by another's key, too old, too new: nobody's account. */
static void
test_not_believed(void)
{
	const struct crypto_key secret = {.b = {2}};
	struct ref_keys others = {0};

	begin(NULL);
	ref_keys_add(&others, &secret);
	script_lines(&s, FROM("410001", "192.0.2.11"));
	refer(0, "410001", "anna@x", 0, &keys);
	script_lines(&s, FROM("410002", "192.0.2.10"));
	refer(0, "410002", "anna@x", 0, &others);
	refer(0, "410002", "anna@x", 0, &keys);
	script_lines(&s, FROM("410003", "192.0.2.10"));
	refer(0, "410003", "anna@x", -8 * 86400, &keys);
	script_lines(&s, FROM("410004", "192.0.2.10"));
	refer(0, "410004", "anna@x", 86400, &keys);
	script_lines(&s, FROM("410005", "192.0.2.10"));
	refer(0, "410005", "", 0, &keys);
	refer(0, "410005", "anna@x", 0, &keys);
	for (char id = '1'; id <= '5'; id++) {
		char lines[] = ACTIVE("1", "41000#")
		    TO("2", "41000#", WORLD, SENT) REMOVED("3", "41000#");

		for (char *p = strchr(lines, '#'); p; p = strchr(p, '#'))
			*p = id;
		script_lines(&s, lines);
	}
	script_tick(&s, 60);
	SCRIPT_FACTS(&s, "");
	CHECK_INT(chains_count(s.chains, CHAINS_UNMARKED), 3);
	CHECK_INT(chains_count(s.chains, CHAINS_FLIGHTS), 0);
	script_done(&s);
}

/* A submission host's own mail is that host's. */
static void
test_unmarked(void)
{
	begin(NULL);
	script_set(&s, "trusted_clients", "192.0.2.0/24");
	script_lines(&s,
	    FROM("410001", "192.0.2.10") ACTIVE("1", "410001")
		TO("2", "410001", WORLD, SENT) REMOVED("3", "410001"));
	SCRIPT_FACTS(&s, "");
	script_tick(&s, 60);
	SCRIPT_FACTS(&s, "accepted ip:192.0.2.10 claims a@x 9 bytes\n"
			 "pending ip:192.0.2.10 claims a@x +1\n"
			 "recipient ip:192.0.2.10 claims a@x b@y out -1\n"
			 "delivered ip:192.0.2.10 claims a@x b@y out\n");
	script_done(&s);
}

#define LONG "a.login.of.more.than.39.bytes@long.example.com"

/* Known at once, and known a while later. */
static void
test_hashed(void)
{
	begin(LONG);
	script_lines(&s, FROM("410001", "192.0.2.10"));
	refer(0, "410001", LONG, 0, &keys);
	script_lines(&s, ACTIVE("1", "410001") TO("2", "410001", WORLD, SENT)
			     REMOVED("3", "410001"));
	SCRIPT_FACTS(&s, "delivered " LONG " b@y out\n");
	script_done(&s);
	begin(NULL);
	script_lines(&s, FROM("410001", "192.0.2.10"));
	refer(0, "410001", LONG, 0, &keys);
	script_lines(&s, ACTIVE("1", "410001") TO("2", "410001", WORLD, SENT)
			     REMOVED("3", "410001"));
	SCRIPT_FACTS(&s, "");
	script_tick(&s, 60);
	SCRIPT_FACTS(&s, "");
	CHECK_INT(chains_count(s.chains, CHAINS_FLIGHTS), 0);
	script_done(&s);
}

/* The host that took it: neither delivered nor refused. */
static void
test_submission(void)
{
	begin(NULL);
	script_lines(&s,
	    "0 postfix/smtpd: 410001: client=c[192.0.2.7], sasl_method=PLAIN, "
	    "sasl_username=anna@x\n" ACTIVE("1", "410001")
		TO("2", "410001", "none",
		    "dsn=4.4.1, status=deferred (connect to "
		    "out[192.0.2.20]:25: Connection refused)") TO("3", "410001",
		    "out[192.0.2.20]:25", SENT) REMOVED("3", "410001"));
	SCRIPT_FACTS(&s, "accepted anna@x 9 bytes\n"
			 "pending anna@x +1\n"
			 "recipient anna@x b@y out -1\n");
	script_lines(&s,
	    "0 postfix/smtpd: 410001: client=c[192.0.2.7], sasl_method=PLAIN, "
	    "sasl_username=anna@x\n" ACTIVE("1", "410001")
		TO("2", "410001", "out[192.0.2.20]:25",
		    "dsn=5.7.1, status=bounced (host out[192.0.2.20] said: 554 "
		    "5.7.1 spam)") REMOVED("3", "410001"));
	SCRIPT_FACTS(&s, "accepted anna@x 9 bytes\n"
			 "pending anna@x +1\n"
			 "recipient anna@x b@y out -1\n"
			 "bounced anna@x b@y out\n");
	CHECK_INT(chains_count(s.chains, CHAINS_FLIGHTS), 0);
	script_done(&s);
}

TESTS(TEST(test_outbound), TEST(test_not_believed), TEST(test_unmarked),
    TEST(test_hashed), TEST(test_submission))
