/* app_fbl_count - a report's owner is known: does it count, and as what? */
#include "base/time.h"
#include "daemon/app_counted.h"
#include "daemon/app_fbl_parts.h"
#include "daemon/app_state.h"
#include "fbl/authres.h"

/* Only a reference of ours proves the message: of anything else its sender may
 * have chosen the words. A complaint with less to it is a claim, whoever
 * vouches for it; and nobody but himself is opted out by it. */
static enum fact_kind
fact_of(const struct complaint *c, const struct owner *o, bool is_himself)
{
	bool is_proven = o->clue.how == OWNER_REFERENCE ||
			 o->clue.how == OWNER_CFBL_ID ||
			 o->clue.how == OWNER_FEEDBACK_ID;

	if (is_proven)
		return c->fact;
	if (c->fact == FACT_COMPLAINT || c->fact == FACT_TRAP)
		return FACT_CLAIM;
	if (c->fact == FACT_NOT_SPAM ||
	    (c->fact == FACT_OPT_OUT && !is_himself))
		return FACT_KINDS;
	return c->fact;
}

/* This person's complaints about the account, of this week. */
static bool
person_key(struct app_fbl *f, const struct complaint *c, struct str account,
    int64_t at, uint8_t key[SEEN_KEY])
{
	struct subject *s = ledger_find(
	    pipeline_ledger(f->app->pipeline), SUBJECT_ACCOUNT, account);

	return complaint_person_key(
	    c, account, at, s ? subject_mark(s) : 0, key);
}

/* Whatever number of incidents a report stands for, it is one person's. */
static const char *
add_fact(struct intake *in, struct complaint *c, int64_t now)
{
	struct app_fbl *f = in->fbl;
	struct app *a = f->app;
	const struct fbl_report *r = &in->job->report;
	const struct owner *o = &in->owner;
	uint8_t key[SEEN_KEY];
	struct str account = str_from(o->account);
	struct fact fact = {
	    .kind = c->fact,
	    .is_outward = true,
	    .is_shared =
		account_is_shared(pipeline_accounts(a->pipeline), account),
	    .at = complaint_time(r, o->clue.at, now),
	    .account = account,
	    .domain = account_domain(account),
	    .recipient = c->complainer,
	    .n = 1,
	};

	fact.accepted_at = fact.at;
	app_complaints_note(&f->complaints, r, c, o, fact.at);
	if (person_key(f, c, account, fact.at, key) &&
	    (!seen_add(f->seen, key, now) || in->is_again))
		return "again";
	pipeline_fact(a->pipeline, &fact);
	app_complaints_counted(&f->complaints, c, &r->source_ip, fact.at);
	if (fact.kind == FACT_TRAP) { /* one of both */
		fact.kind = FACT_COMPLAINT;
		pipeline_fact(a->pipeline, &fact);
	}
	return c->fact == FACT_CLAIM ? "claim" : "counted";
}

static void
read_complaint(struct intake *in, struct complaint *c)
{
	const struct fbl_report *r = &in->job->report;

	complaint_read(&in->fbl->app->settings->fbl, r, c);
	if (in->mail.is_vouched)
		complaint_vouch(r, c);
	if (in->mail.reporter)
		c->reporter = str_from(in->mail.reporter);
	if (c->fact != FACT_KINDS && in->owner.clue.how != OWNER_UNKNOWN)
		c->fact =
		    fact_of(c, &in->owner, r->format == FBL_FORMAT_UNSUBSCRIBE);
}

/* A receiver that is believed says what became of the signatures. */
static void
hear_of_signatures(const struct intake *in, const struct complaint *c)
{
	static const enum health_signed means[] = {
	    [AUTHRES_PASS] = HEALTH_SIGNED_GOOD,
	    [AUTHRES_FAIL] = HEALTH_SIGNED_BAD,
	    [AUTHRES_NONE] = HEALTH_SIGNED_NOT,
	};
	const struct fbl_report *r = &in->job->report;
	struct app *a = in->fbl->app;
	struct authres_signed v[AUTHRES_DOMAINS];
	struct str by = header_domain(c->reporter);
	size_t n =
	    c->is_vouched ? authres_signed(&r->part, &r->original, v) : 0;

	for (size_t i = 0; i < n; i++)
		app_domains_hear(a->domains, v[i].domain, means[v[i].result],
		    by, loop_now_us(a->loop) / TIME_US);
}

/* Of this message. */
static void
message_key(
    const struct intake *in, const struct complaint *c, uint8_t key[SEEN_KEY])
{
	const struct owner_clue *clue = &in->owner.clue;

	complaint_key(
	    c, str_make((const char *)clue->token, sizeof(clue->token)), key);
}

static const char *
count_owned(struct intake *in, struct complaint *c)
{
	struct app_fbl *f = in->fbl;
	int64_t now = loop_now_us(f->app->loop) / TIME_US;
	uint8_t key[SEEN_KEY];

	if (c->fact == FACT_KINDS)
		return "no_complaint";
	if (in->owner.clue.how == OWNER_UNKNOWN)
		return "nobody";
	message_key(in, c, key);
	if (!seen_add(f->seen, key, now) || in->is_elsewhere)
		return "known";
	return add_fact(in, c, now);
}

/* All of it in one turn: what is seen and what is counted are in one commit. */
static void
count_report(struct intake *in)
{
	struct app_fbl *f = in->fbl;
	struct complaint c;
	uint8_t key[SEEN_KEY];

	read_complaint(in, &c);
	hear_of_signatures(in, &c);
	complaint_report_key(&in->job->report, key);
	if (seen_add(f->seen, key, loop_now_us(f->app->loop) / TIME_US)) {
		app_fbl_result(count_owned(in, &c));
		app_fbl_settle(in, FBL_TAKEN);
	} else {
		app_fbl_result("known");
		app_fbl_settle(in, FBL_KNOWN);
	}
}

static void
on_person_asked(void *ctx, bool is_elsewhere)
{
	struct intake *in = ctx;

	in->is_again = is_elsewhere;
	if (in->fbl->app->books)
		count_report(in);
}

/* One after the other: who has the one shall have the other. */
static void
on_message_asked(void *ctx, bool is_elsewhere)
{
	struct intake *in = ctx;
	struct app_fbl *f = in->fbl;
	struct complaint c;
	uint8_t key[SEEN_KEY];

	if (!f->app->books)
		return;
	in->is_elsewhere = is_elsewhere;
	read_complaint(in, &c);
	if (!is_elsewhere && app_counted_is_asked(f->app) &&
	    person_key(f, &c, str_from(in->owner.account),
		complaint_time(&in->job->report, in->owner.clue.at,
		    loop_now_us(f->app->loop) / TIME_US),
		key) &&
	    !seen_has(f->seen, key))
		app_counted_ask(f->app, key, on_person_asked, in);
	else
		count_report(in);
}

void
app_fbl_count(struct intake *in)
{
	struct app_fbl *f = in->fbl;
	struct complaint c;
	uint8_t key[SEEN_KEY];

	read_complaint(in, &c);
	if (in->owner.clue.how != OWNER_UNKNOWN && c.fact != FACT_KINDS &&
	    c.fact != FACT_CLAIM && app_counted_is_asked(f->app)) {
		message_key(in, &c, key);
		app_counted_ask(f->app, key, on_message_asked, in);
	} else {
		count_report(in);
	}
}
