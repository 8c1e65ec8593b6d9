/* ledger_effects - which counts a fact makes, and for whom; what nobody reads
 * is left out
 */
#include "ledger/ledger_state.h"

#define NO_COUNT COUNTS

/* Who reads little has room for whom it will judge again soon. */
enum { COOL_LATE = 91 /* minutes */, SPELT_MORE = 4096 /* records */ };

/* What a fact about an inside or an outward recipient counts. */
static const uint8_t counted[FACT_KINDS][2] = {
    [FACT_ACCEPTED] = {COUNT_MESSAGES, COUNT_MESSAGES},
    [FACT_RECIPIENT] = {COUNT_INSIDE, COUNT_RECIPIENTS},
    [FACT_DELIVERED] = {COUNT_INSIDE_DELIVERED, COUNT_DELIVERED},
    [FACT_DEFERRED] = {NO_COUNT, COUNT_DEFERRED},
    [FACT_DEFERRAL] = {NO_COUNT, COUNT_DEFERRALS},
    [FACT_UNKNOWN_USER] = {COUNT_INSIDE_FAILED, COUNT_UNKNOWN_USER},
    [FACT_REFUSED] = {COUNT_INSIDE_FAILED, COUNT_REFUSED},
    [FACT_BOUNCED] = {COUNT_INSIDE_FAILED, COUNT_BOUNCED},
    [FACT_PENDING] = {NO_COUNT, NO_COUNT},
    [FACT_LOGIN_FAILED] = {COUNT_LOGIN_FAILED, COUNT_LOGIN_FAILED},
    [FACT_ATTEMPT] = {COUNT_ATTEMPTS, COUNT_ATTEMPTS},
    [FACT_LOST_LINES] = {NO_COUNT, NO_COUNT},
    [FACT_LOGIN] = {COUNT_LOGINS, COUNT_LOGINS},
    [FACT_COMPLAINT] = {COUNT_COMPLAINTS, COUNT_COMPLAINTS},
    [FACT_TRAP] = {COUNT_TRAPS, COUNT_TRAPS},
    [FACT_NOT_SPAM] = {COUNT_NOT_SPAM, COUNT_NOT_SPAM},
    [FACT_OPT_OUT] = {COUNT_OPT_OUTS, COUNT_OPT_OUTS},
    [FACT_CLAIM] = {COUNT_CLAIMS, COUNT_CLAIMS},
    [FACT_SPF_FAILED] = {COUNT_SPF_FAILED, COUNT_SPF_FAILED},
    [FACT_CLIENT_LISTED] = {COUNT_CLIENT_LISTED, COUNT_CLIENT_LISTED},
    [FACT_FILTERED] = {COUNT_FILTERED, COUNT_FILTERED},
    [FACT_RETURNED] = {COUNT_RETURNED, COUNT_RETURNED},
    [FACT_FOREIGN_SENDER] = {COUNT_DISGUISED, COUNT_DISGUISED},
};

uint64_t
ledger_raised(const struct fact *f, const struct ledger_touched *t)
{
	uint8_t c = counted[f->kind][f->is_outward];

	if (f->kind == FACT_PENDING)
		return f->n > 0 ? 1ull << COUNT_RECIPIENTS : 0;
	if (f->kind == FACT_RECIPIENT && f->is_outward)
		return 1ull << LEDGER_DISTINCT_RECIPIENTS | t->met |
		       (uint64_t)!f->was_pending << COUNT_RECIPIENTS;
	if (f->kind == FACT_ACCEPTED)
		return 1ull << COUNT_MESSAGES | 1ull << COUNT_KIB |
		       1ull << LEDGER_DISTINCT_NETWORKS | t->met;
	return (c == NO_COUNT ? 0 : 1ull << c) | t->met;
}

/* Bits per kind of subject. */
enum {
	EVERYBODY = (1u << SUBJECT_KINDS) - 1,
	SENDERS = 1u << SUBJECT_ACCOUNT | 1u << SUBJECT_CLAIMED,
	WITH_PENDING = SENDERS | 1u << SUBJECT_DOMAIN,
};

struct readers {
	uint8_t of[LEDGER_COUNTS]; /* who is read for this count */
	uint8_t of_any;
};

/* Outcomes follow; by the clock of another host perhaps before what they are
 * of. */
static bool
is_beginning(enum fact_kind kind)
{
	return kind == FACT_ACCEPTED || kind == FACT_ATTEMPT ||
	       kind == FACT_FOREIGN_SENDER || kind == FACT_LOGIN_FAILED;
}

static struct ledger_effect
effect_of(enum fact_kind kind, bool is_outward, const struct readers *r)
{
	uint8_t c = counted[kind][is_outward];
	uint8_t pending = WITH_PENDING & (r->of[COUNT_RECIPIENTS] |
					     r->of[LEDGER_DISTINCT_RECIPIENTS]);
	struct ledger_effect e = {.count = c,
	    .counted = c == NO_COUNT ? 0 : r->of[c],
	    .is_beginning = is_beginning(kind)};

	if (kind == FACT_PENDING || kind == FACT_RECIPIENT)
		e.pending = pending;
	if (kind == FACT_ACCEPTED) {
		e.kib = r->of[COUNT_KIB];
		e.networks = SENDERS & r->of[LEDGER_DISTINCT_NETWORKS];
	}
	if (kind == FACT_RECIPIENT && is_outward)
		e.recipients = SENDERS & r->of[LEDGER_DISTINCT_RECIPIENTS];
	if (kind == FACT_RECIPIENT && is_outward)
		e.known =
		    SENDERS & (r->of[COUNT_STRANGERS] | r->of[COUNT_FOREIGN] |
				  r->of[COUNT_FOREIGN_STRANGERS]);
	if (kind == FACT_ACCEPTED)
		e.networks |= SENDERS & (r->of[COUNT_FOREIGN] |
					    r->of[COUNT_FOREIGN_STRANGERS]);
	if (kind == FACT_ACCEPTED)
		e.habits = 1u << SUBJECT_ACCOUNT &
			   (r->of[COUNT_WIDE] | r->of[COUNT_DISGUISED] |
			       r->of[COUNT_ALIKE] | r->of[COUNT_SPRAYED]);
	if (kind == FACT_RECIPIENT && !is_outward)
		e.inside = SENDERS & r->of[COUNT_INSIDE_FOREIGN];
	if (kind == FACT_ACCEPTED || kind == FACT_LOGIN_FAILED)
		e.places = 1u << SUBJECT_ACCOUNT & r->of[COUNT_SPRAYED];
	if (kind == FACT_ATTEMPT || kind == FACT_FOREIGN_SENDER)
		e.tried = 1u << SUBJECT_ACCOUNT;
	e.seen = e.networks | e.recipients | e.known | e.habits | e.inside |
		 e.places;
	e.touched = e.counted | e.pending | e.kib | e.seen;
	if (e.is_beginning)
		e.touched = r->of_any;
	return e;
}

static void
set_effects(struct ledger *l, const struct readers *r)
{
	for (int k = 0; k < FACT_KINDS; k++) {
		for (int out = 0; out < 2; out++)
			l->effects[k][out] =
			    effect_of((enum fact_kind)k, out, r);
	}
}

void
ledger_count_all(struct ledger *l)
{
	struct readers r;

	memset(&r, EVERYBODY, sizeof(r));
	set_effects(l, &r);
}

void
ledger_count_only(struct ledger *l, const uint64_t counts[SUBJECT_KINDS])
{
	struct readers r = {0};

	for (unsigned k = 0; k < SUBJECT_KINDS; k++) {
		for (int c = 0; c < LEDGER_COUNTS; c++)
			r.of[c] |= (counts[k] >> c & 1) << k;
		r.of_any |= (uint8_t)((counts[k] != 0) << k);
	}
	r.of_any |= WITH_PENDING; /* ways go by their names */
	set_effects(l, &r);
	l->cool_after = COOL_LATE;
	l->is_brief = true;
	record_spelling_free(&l->spelling);
	l->spelling = record_spelling_new(SPELT_MORE);
}
