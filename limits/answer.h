/* answer - what Postfix is told about one request
 *
 * From the standings and verdicts of all subjects of a request to one line
 * after "action=": DUNNO, DEFER_IF_PERMIT 4.7.1 TEXT or REJECT 5.7.1 TEXT.
 * Printable ASCII, at most 400 bytes; what stands in an account's name can
 * neither end the line nor be taken for a placeholder.
 */
#ifndef LIMITS_ANSWER_H
#define LIMITS_ANSWER_H

#include "limits/standings.h"

/* HOLD is the caller's to choose, instead of DEFER. */
enum answer_action { ANSWER_DUNNO, ANSWER_DEFER, ANSWER_REJECT, ANSWER_HOLD };
enum { ANSWER_ACTIONS = ANSWER_HOLD + 1 };

/* One of the request's subjects. verdict may be NULL: not judged. */
struct answer_subject {
	enum subject_kind kind;
	struct str key;
	const struct standing_state *state;
	const struct verdict *verdict;
};

struct answer {
	enum answer_action action;
	/* Why: one of the subjects, NULL with DUNNO; standing_state decided,
	 * or (is_verdict) the verdict. */
	const struct answer_subject *subject;
	bool is_verdict;
};

/* The worst over all. A standing's rung is in effect already or not (observed
 * ones are GOOD); verdicts count when enforcing. A held subject is deferred. */
void answer_choose(const struct answer_subject *v, size_t n, bool is_enforcing,
    struct answer *out);

/* Links to the page of a case; print: false, and nothing is printed, when there
 * is none of this cause. */
struct answer_links {
	bool (*print)(
	    void *ctx, const char *cause, int64_t now, struct text *out);
	void *ctx;
};

/* "HOLD TEXT", for Postfix's log. */
void answer_print_hold(const struct answer *a, struct text *out);

/* The line, without "action=" and line end. `account` is shown for %a, its
 * first 100 bytes: what stands behind must have room. links may be NULL. */
enum { ANSWER_BYTES = 400 };
void answer_print(const struct answer *a, const struct limits_settings *s,
    struct str account, int64_t now, const struct answer_links *links,
    struct text *out);

/* false: *unknown follows a % and means nothing (0: the text ends in %). */
bool answer_text_is_known(const char *text, char *unknown);

#endif
