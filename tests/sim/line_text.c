/* line_text - one line of the made-up log, as Postfix would write it */
#include "tests/sim/line_text.h"

#include <stdio.h>
#include <string.h>

#include "tests/bench/gen_text.h"
#include "tests/sim/fate.h"

/* What is being written. */
static struct {
	const struct world *w;
	const struct lines_options *o;
} out;

static void
put_stamp(int64_t at)
{
	text_stamp(out.o->start + at / SECOND, (unsigned)(at % SECOND * 1000));
}

/* Which of a message's queue ids is delivered, 0 or 1. */
static unsigned
last_id(void)
{
	return out.o->hop == HOP_FILTER || out.o->hop == HOP_TIER;
}

static bool
is_second_hop(enum step step)
{
	return step >= STEP_BACK_CLIENT && step != STEP_BOUNCE_DELIVERED;
}

static void
begin(const struct line *l, const char *service)
{
	put_stamp(l->at);
	text_put(out.o->hop == HOP_TIER && is_second_hop(l->step)
		     ? "postfix-out/"
		     : "postfix/");
	text_put(service);
	text_char('[');
	text_num(1000 + l->message % 211);
	text_put("]: ");
}

/* Long queue ids, one space for each of a message's three. */
static void
put_id(const struct line *l, unsigned which)
{
	static const char digits[] = "0123456789BCDFGHJKLMNPQRSTVWXYZ";
	uint64_t v = (uint64_t)l->message * 3 + which + 1;
	char id[13] = "4cXsZ0000000";

	for (int i = 11; i > 4; i--, v /= 31)
		id[i] = digits[v % 31];
	text_put(id);
	text_put(": ");
}

static void
put_recipient(const struct account *a, uint32_t who)
{
	text_put("box");
	text_num(who & RECIPIENT_NUMBER);
	text_char('@');
	if (who & RECIPIENT_INSIDE)
		text_put(strchr(a->name, '@') + 1);
	else
		fate_put_domain(who);
}

static const char *
smtpd_of(const struct message *m)
{
	return m->way == WAY_FORWARD ? "smtpd" : "submission/smtpd";
}

static void
put_sender(const struct message *m, const struct account *a)
{
	if (m->way == WAY_FORWARD) {
		text_put("friend");
		text_num(m->first % 997);
		text_put("@elsewhere.example");
	} else if (m->disguise > 0) {
		text_put("service@brand");
		text_num(m->disguise);
		text_put(".example");
	} else if (m->way != WAY_AUTOREPLY) {
		text_put(a->name);
	}
}

static void
put_orig(const struct message *m, const struct account *a)
{
	if (m->way == WAY_FORWARD) {
		text_put(">, orig_to=<");
		text_put(a->name);
	} else if (m->way == WAY_ALIAS) {
		text_put(">, orig_to=<list");
		text_put(strchr(a->name, '@'));
	}
}

static void
put_delivery(
    const struct line *l, const struct message *m, const struct account *a)
{
	uint32_t who = out.w->recipients[m->first + l->recipient];
	struct fate f;

	begin(l, who & RECIPIENT_INSIDE ? "lmtp" : "smtp");
	put_id(l, last_id());
	text_put("to=<");
	put_recipient(a, who);
	/* Whoever takes it in first maps it. */
	if (last_id() == 0)
		put_orig(m, a);
	text_char('>');
	if (who & RECIPIENT_INSIDE) {
		text_put(
		    ", relay=mail.hosting.example[private/dovecot-lmtp], "
		    "delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent "
		    "(250 2.0.0 Saved)");
		return;
	}
	if (out.o->hop == HOP_SMARTHOST) {
		text_put(", relay=smtp.relay.example[198.51.100.7]:587, "
			 "delay=0.4, delays=0.1/0/0.1/0.2, dsn=2.0.0, "
			 "status=sent (250 2.0.0 Ok: queued as 4F");
		text_hex(l->message, 8);
		text_char(')');
		return;
	}
	f = fate_of(out.w, m, l->recipient, l->at);
	fate_put(out.w, m, l->recipient, &f, l->step == STEP_DEFERRED);
}

static void
put_active(const struct line *l, const struct message *m,
    const struct account *a, unsigned which)
{
	begin(l, "qmgr");
	put_id(l, which);
	text_put("from=<");
	put_sender(m, a);
	text_put(">, size=");
	text_num(m->size);
	text_put(", nrcpt=");
	text_num(m->n);
	text_put(" (queue active)");
}

static void
put_client(
    const struct line *l, const struct message *m, const struct account *a)
{
	begin(l, smtpd_of(m));
	put_id(l, 0);
	text_put("client=");
	places_put(m->from);
	if (m->way == WAY_FORWARD)
		return;
	text_put(", sasl_method=PLAIN, sasl_username=");
	text_put(a->name);
}

static void
put_milter(
    const struct line *l, const struct message *m, const struct account *a)
{
	begin(l, "cleanup");
	put_id(l, 0);
	text_put("milter-reject: END-OF-MESSAGE from ");
	places_put(m->from);
	text_put(": 5.7.1 Spam message rejected; from=<");
	put_sender(m, a);
	text_put("> to=<");
	put_recipient(a, out.w->recipients[m->first]);
	text_put("> proto=ESMTP helo=<[127.0.0.1]> sasl_username=<");
	text_put(a->name);
	text_char('>');
}

static void
put_failed(
    const struct line *l, const struct message *m, const struct account *a)
{
	begin(l, smtpd_of(m));
	text_put("warning: ");
	places_put(m->from);
	text_put(": SASL PLAIN authentication failed: (reason unavailable), "
		 "sasl_username=");
	text_put(a->name);
}

static void
put_message_id(const struct line *l, unsigned which)
{
	begin(l, "cleanup");
	put_id(l, which);
	text_put("message-id=<");
	text_hex(rng_mix(l->message + which), 16);
	text_put("@client.example>");
}

static void
put_notice(const struct line *l)
{
	if (out.o->hop == HOP_SMARTHOST) {
		begin(l, "smtpd");
		put_id(l, 2);
		text_put("client=smtp.relay.example[198.51.100.7]");
		return;
	}
	begin(l, "bounce");
	put_id(l, last_id());
	text_put("sender non-delivery notification: ");
	put_id(l, 2);
	text_end -= 2;
}

static void
put_bounce(const struct line *l, const struct account *a)
{
	switch (l->step) {
	case STEP_BOUNCE_ID:
		put_message_id(l, 2);
		break;
	case STEP_BOUNCE:
		put_notice(l);
		break;
	case STEP_BOUNCE_ACTIVE:
		begin(l, "qmgr");
		put_id(l, 2);
		text_put("from=<>, size=4200, nrcpt=1 (queue active)");
		break;
	case STEP_BOUNCE_DELIVERED:
		begin(l, "lmtp");
		put_id(l, 2);
		text_put("to=<");
		text_put(a->name);
		text_put(">, relay=mail.hosting.example[private/dovecot-lmtp], "
			 "delay=0.1, delays=0/0/0/0, dsn=2.0.0, status=sent "
			 "(250 2.0.0 Saved)");
		break;
	default:
		begin(l, "qmgr");
		put_id(l, 2);
		text_put("removed");
	}
}

static void
put_filter(
    const struct line *l, const struct message *m, const struct account *a)
{
	switch (l->step) {
	case STEP_TO_FILTER:
		begin(l, "smtp");
		put_id(l, 0);
		text_put("to=<");
		put_recipient(a, out.w->recipients[m->first + l->recipient]);
		put_orig(m, a);
		text_put(">, relay=127.0.0.1[127.0.0.1]:10024, delay=0.3, "
			 "delays=0.1/0/0/0.2, dsn=2.0.0, status=sent (250 "
			 "2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 "
			 "Ok: queued as ");
		put_id(l, 1);
		text_end -= 2;
		text_char(')');
		break;
	case STEP_BACK_CLIENT:
		begin(l, "smtpd");
		put_id(l, 1);
		text_put("client=localhost[127.0.0.1]");
		break;
	case STEP_BACK_ID:
		begin(l, "cleanup");
		put_id(l, 1);
		text_put("message-id=<");
		text_hex(rng_mix(l->message), 16);
		text_put("@client.example>");
		break;
	case STEP_BACK_ACTIVE:
		put_active(l, m, a, 1);
		break;
	default:
		begin(l, "qmgr");
		put_id(l, 0);
		text_put("removed");
	}
}

static void
put_session(const struct line *l, const struct message *m)
{
	begin(l, smtpd_of(m));
	text_put(l->step == STEP_CONNECT ? "connect from "
		 : l->step == STEP_LOST	 ? "lost connection after RCPT from "
					 : "disconnect from ");
	places_put(m->from);
	if (l->step == STEP_DISCONNECT)
		text_put(" ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 "
			 "quit=1 commands=8");
}

void
line_write(
    const struct world *w, const struct lines_options *o, const struct line *l)
{
	const struct message *m = &w->messages[l->message];
	const struct account *a = &w->accounts[m->account];

	out.w = w;
	out.o = o;
	switch (l->step) {
	case STEP_CLIENT:
		put_client(l, m, a);
		break;
	case STEP_PICKUP:
		begin(l, "pickup");
		put_id(l, 0);
		text_put("uid=5000 from=<");
		put_sender(m, a);
		text_char('>');
		break;
	case STEP_MESSAGE_ID:
		put_message_id(l, 0);
		break;
	case STEP_ACTIVE:
		put_active(l, m, a, 0);
		break;
	case STEP_AGAIN:
		put_active(l, m, a, last_id());
		break;
	case STEP_FAILED:
		put_failed(l, m, a);
		break;
	case STEP_MILTER:
		put_milter(l, m, a);
		break;
	case STEP_DEFERRED:
	case STEP_DELIVERED:
		put_delivery(l, m, a);
		break;
	case STEP_REMOVED:
		begin(l, "qmgr");
		put_id(l, last_id());
		text_put("removed");
		break;
	case STEP_CONNECT:
	case STEP_DISCONNECT:
	case STEP_LOST:
		put_session(l, m);
		break;
	default:
		if (l->step >= STEP_BOUNCE)
			put_bounce(l, a);
		else
			put_filter(l, m, a);
	}
	text_char('\n');
	text_flush(false);
}
