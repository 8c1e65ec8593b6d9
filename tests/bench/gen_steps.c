/* gen_steps - what a made-up message writes into the log, line by line */
#include "tests/bench/gen_steps.h"

#include <assert.h>
#include <string.h>

#include "tests/bench/gen_text.h"

struct fate {
	unsigned tries;
	bool sent, inside;
	uint64_t hash;
};

struct steps steps;

void
steps_init(void)
{
	for (uint32_t i = 0; i < STEPS_INODES_MAX; i++)
		steps.inodes[i] = 0x20000 + STEPS_INODES_MAX - i;
	steps.free_inodes = STEPS_INODES_MAX;
}

uint32_t
steps_take_inode(void)
{
	assert(steps.free_inodes > 0);
	return steps.inodes[--steps.free_inodes];
}

static struct fate
fate_of(const struct message *m, unsigned i)
{
	uint64_t h = text_mix(m->key + i * UINT64_C(0xd1342543de82ef95));
	unsigned p = (unsigned)(h % 1000), q = (unsigned)(h >> 10) % 1000;
	struct fate f = {.hash = h};

	f.inside = m->kind == INBOUND || (h >> 20) % 100 < 12;
	f.tries = p < 25 ? 1 : p < 34 ? 2 : p < 39 ? 3 : 0;
	f.sent = q >= 30;
	return f;
}

static void
begin_line(const char *service, unsigned pid)
{
	text_stamp((int64_t)steps.now,
	    (unsigned)((steps.now - (double)(int64_t)steps.now) * 1e6));
	text_put(service);
	text_char('[');
	text_num(pid);
	text_put("]: ");
}

static void
put_id(uint32_t usec, uint32_t inode)
{
	text_hex(usec, 5);
	text_hex(inode, 6);
	text_put(": ");
}

static const char *
smtpd_of(const struct message *m)
{
	return m->kind == SUBMISSION || m->kind == LOGIN_FAILED
		   ? "postfix/submission/smtpd"
		   : "postfix/smtpd";
}

static void
put_client(const struct message *m)
{
	if (m->kind == SUBMISSION)
		text_put(m->account->client);
	else
		text_stranger(m->key);
}

static void
put_sender(const struct message *m)
{
	if (m->kind == INBOUND)
		text_outsider(m->key >> 8);
	else if (strchr(m->account->login, '@') != NULL)
		text_put(m->account->name);
	else
		text_put("someone@hosting.example");
}

/* One step of a message writes one line, or none. False: do it again. */

static bool
step_connect(struct message *m)
{
	begin_line(smtpd_of(m), m->pid);
	text_put("connect from ");
	put_client(m);
	return true;
}

static bool
step_tls(struct message *m)
{
	begin_line(smtpd_of(m), m->pid);
	text_put("Anonymous TLS connection established from ");
	put_client(m);
	text_put(": TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) "
		 "key-exchange X25519 server-signature RSA-PSS (2048 bits) "
		 "server-digest SHA256");
	return true;
}

static bool
step_client(struct message *m)
{
	begin_line(smtpd_of(m), m->pid);
	put_id(m->usec, m->inode);
	text_put("client=");
	put_client(m);
	if (m->kind == SUBMISSION) {
		text_put(m->key & 1 ? ", sasl_method=PLAIN, sasl_username="
				    : ", sasl_method=LOGIN, sasl_username=");
		text_put(
		    m->key % 50 == 0 ? m->account->login : m->account->name);
	}
	return true;
}

static bool
step_pickup(struct message *m)
{
	begin_line("postfix/pickup", 811);
	put_id(m->usec, m->inode);
	text_put(m->account == steps.locals[0] ? "uid=33 from=<www-data>"
					       : "uid=0 from=<root>");
	return true;
}

static bool
step_message_id(struct message *m)
{
	begin_line("postfix/cleanup", 1000 + m->pid % 40);
	put_id(m->usec, m->inode);
	text_put("message-id=<");
	text_hex(m->key, 16);
	text_char('.');
	text_num(m->key % 100000);
	text_put("@mail.hosting.example>");
	return true;
}

static bool
step_dkim(struct message *m)
{
	begin_line("opendkim", 702);
	put_id(m->usec, m->inode);
	text_put("DKIM-Signature field added (s=mail, d=hosting.example)");
	return true;
}

static bool
step_active(struct message *m)
{
	begin_line("postfix/qmgr", 812);
	put_id(m->usec, m->inode);
	text_put("from=<");
	put_sender(m);
	text_put(">, size=");
	text_num(900 + m->key % 90000);
	text_put(", nrcpt=");
	text_num(m->nrcpt);
	text_put(" (queue active)");
	if (m->account != NULL && m->attempt == 0)
		m->account->messages++;
	m->at = 0;
	m->deferred = false;
	return true;
}

static bool
step_tls_out(struct message *m)
{
	if (m->key % 5 == 0)
		return true;
	begin_line("postfix/smtp", 2000 + m->pid % 100);
	text_put("Trusted TLS connection established to ");
	text_stranger(m->key | 1);
	text_put(":25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 "
		 "bits)");
	return true;
}

static bool
step_disconnect(struct message *m)
{
	begin_line(smtpd_of(m), m->pid);
	text_put("disconnect from ");
	put_client(m);
	if (m->kind == LOGIN_FAILED) {
		text_put(" ehlo=1 auth=0/1 quit=1 commands=2/3");
	} else if (m->kind == REJECTED) {
		text_put(" ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4");
	} else {
		text_put(" ehlo=2 starttls=1 auth=1 mail=1 rcpt=");
		text_num(m->nrcpt);
		text_put(" data=1 quit=1 commands=");
		text_num(m->nrcpt + 7);
	}
	return true;
}

static void
count(struct message *m, const struct fate *f)
{
	bool last = m->attempt == f->tries;

	m->deferred |= !last;
	m->bounced |= last && !f->sent;
	if (m->account == NULL)
		return;
	m->account->recipients += m->attempt == 0;
	m->account->deferred += !last;
	m->account->delivered += last && f->sent;
	m->account->bounced += last && !f->sent;
}

/* The line of one recipient that is still waiting in this attempt. */
static bool
step_deliver(struct message *m)
{
	struct fate f;
	enum text_result result;
	bool last;

	for (;; m->at++) {
		if (m->at == m->nrcpt)
			return true;
		f = fate_of(m, m->at);
		if (f.tries >= m->attempt)
			break;
	}
	last = m->attempt == f.tries;
	result = !last ? TEXT_DEFERRED : f.sent ? TEXT_SENT : TEXT_BOUNCED;
	begin_line(text_agent(f.hash, f.inside, result),
	    2000 + (unsigned)(f.hash >> 32) % 100);
	put_id(m->usec, m->inode);
	text_delivery(&(struct text_delivery){.hash = f.hash,
	    .box = m->key % 900000 + m->at,
	    .inside = f.inside,
	    .result = result,
	    .age = (unsigned)((int64_t)steps.now - m->arrival)});
	count(m, &f);
	m->at++;
	return false;
}

/* The bounce of our own is a message of its own, to the sender. */
static bool
step_bounce(struct message *m)
{
	unsigned part = m->at++ - m->nrcpt;

	if (!m->bounced || part > 4)
		return true;
	if (part == 0)
		m->child = steps_take_inode();
	begin_line(part == 0   ? "postfix/cleanup"
		   : part == 1 ? "postfix/bounce"
		   : part == 3 ? "postfix/lmtp"
			       : "postfix/qmgr",
	    part == 2 || part == 4 ? 812 : 1900 + m->pid % 40);
	put_id(m->usec, part == 1 ? m->inode : m->child);
	if (part == 0) {
		text_put("message-id=<20260112080000.");
		text_hex(m->child, 11);
		text_put("@mail.hosting.example>");
	} else if (part == 1) {
		text_put("sender non-delivery notification: ");
		text_hex(m->usec, 5);
		text_hex(m->child, 6);
	} else if (part == 2) {
		text_put("from=<>, size=4711, nrcpt=1 (queue active)");
	} else if (part == 3) {
		text_delivery(
		    &(struct text_delivery){.hash = m->key, .inside = true});
	} else {
		text_put("removed");
		steps.inodes[steps.free_inodes++] = m->child;
	}
	if (part == 4)
		m->bounced = false;
	return false;
}

static bool
step_removed(struct message *m)
{
	if (m->deferred)
		return true;
	begin_line("postfix/qmgr", 812);
	put_id(m->usec, m->inode);
	text_put("removed");
	steps.inodes[steps.free_inodes++] = m->inode;
	return true;
}

static bool
step_login_failed(struct message *m)
{
	begin_line(smtpd_of(m), m->pid);
	text_put("warning: ");
	put_client(m);
	text_put(": SASL LOGIN authentication failed: (reason unavailable), "
		 "sasl_username=");
	text_put(steps.accounts[m->key % steps.n_accounts].name);
	return true;
}

static bool
step_reject(struct message *m)
{
	begin_line(smtpd_of(m), m->pid);
	text_put("NOQUEUE: reject: RCPT from ");
	put_client(m);
	text_put(": 550 5.1.1 <nobody@hosting.example>: Recipient address "
		 "rejected: User unknown in virtual mailbox table; from=<");
	text_outsider(m->key >> 8);
	text_put("> to=<nobody@hosting.example> proto=ESMTP helo=<");
	text_hex(m->key, 8);
	text_put(".example>");
	return true;
}

static bool
step_imap(struct message *m)
{
	begin_line("dovecot", 500);
	text_put("imap-login: Login: user=<");
	text_put(steps.accounts[m->key % steps.n_accounts].name);
	text_put(">, method=PLAIN, rip=198.51.100.7, lip=203.0.113.10, mpid=");
	text_num(m->key % 100000);
	text_put(", TLS, session=<");
	text_hex(m->key, 16);
	text_char('>');
	return true;
}

typedef bool step_fn(struct message *);

static step_fn *const scripts[][12] = {
    [SUBMISSION] = {step_connect, step_tls, step_client, step_message_id,
	step_dkim, step_active, step_disconnect, step_tls_out, step_deliver,
	step_bounce, step_removed, NULL},
    [INBOUND] = {step_connect, step_tls, step_client, step_message_id,
	step_active, step_disconnect, step_deliver, step_bounce, step_removed,
	NULL},
    [LOCAL] = {step_pickup, step_message_id, step_active, step_deliver,
	step_bounce, step_removed, NULL},
    [LOGIN_FAILED] = {step_connect, step_login_failed, step_disconnect, NULL},
    [REJECTED] = {step_connect, step_reject, step_disconnect, NULL},
    [IMAP] = {step_imap, NULL},
};

bool
steps_next(struct message *m)
{
	if (scripts[m->kind][m->step](m))
		m->step++;
	return scripts[m->kind][m->step] != NULL;
}

void
steps_retry(struct message *m)
{
	m->attempt++;
	for (m->step = 0; scripts[m->kind][m->step] != step_active;)
		m->step++;
}
