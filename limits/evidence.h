/* evidence - since when, and from where: what parts an account's own mail from
 * a thief's
 *
 * With a verdict it is kept when the evidence began and which networks the
 * account had used by then. The evidence began with the first message from a
 * network that is new within the longest window that the verdict looked at;
 * without such a network (a robbed computer, a script) with that window. What a
 * milder sanction that is still in force found out before is inherited. A
 * network is known when the account has sent from it known_after before that:
 * thieves try what they have got some hours ahead.
 *
 * An operator's order has no evidence of its own. Without any, nothing speaks
 * against any mail.
 *
 * It stands in the evidence of a SANCTION event, so that every node, whatever
 * it has seen, goes by the same: {"began":TIME, "known":["192.0.2.0/24"]}.
 * Pure.
 */
#ifndef LIMITS_EVIDENCE_H
#define LIMITS_EVIDENCE_H

#include "base/json.h"
#include "limits/judge.h"

struct evidence {
	int64_t began; /* 0: there is none */
	size_t n;      /* networks that were known by then */
	struct ip_net known[SUBJECT_NETWORKS];
};

/* earlier: of the sanction in force, NULL or empty: none. */
void evidence_find(const struct judge_input *in, const struct verdict *v,
    int64_t known_after, const struct evidence *earlier, struct evidence *out);
/* What that reads of the ledger is added: see ledger_count_only. */
void evidence_add_reads(uint64_t counts[SUBJECT_KINDS]);

/* Members of the object that is open; nothing when there is none. */
void evidence_print(const struct evidence *e, struct json_out *j);
/* From an event's evidence; false, and empty, when none is told there. */
bool evidence_read(const struct json *object, struct evidence *out);
/* The same from a whole event, as JSON. */
bool evidence_parse(struct str event, struct evidence *out);

/* Did the account use this network before the evidence began? */
bool evidence_knows(const struct evidence *e, const struct ip *client);

#endif
