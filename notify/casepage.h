/* casepage - what the owner of an account sees of a case: a page of HTML
 *
 * By the templates page.*.html and the words page.* of each language. It tells
 * what happened, in which state the case is, and takes one of three answers: it
 * was me, it was not me, a human please. Pure.
 *
 * Whoever has the link may not be the owner: it stands in letters and in the
 * refusal that a thief's program shows, too. So the page tells nobody what
 * would be of use to a thief:
 *   - of recipients the domain and the first letter of what stands before it:
 *     the owner knows who is meant, nobody learns addresses
 *   - networks from which the mail in question came, not whole addresses, and
 *     never those that the owner is known by
 *   - what was counted, never at which number it would have passed unseen
 *   - of earlier answers which it was, and when, not what was written
 *   - nothing differs for who asks from a network in the evidence
 */
#ifndef NOTIFY_CASEPAGE_H
#define NOTIFY_CASEPAGE_H

#include "notify/case_file.h"
#include "notify/template_set.h"

enum casepage_kind {
	CASEPAGE_CASE,
	CASEPAGE_ME,
	CASEPAGE_NOT_ME,
	CASEPAGE_HUMAN,
	CASEPAGE_GONE,	 /* no link, or none that is good */
	CASEPAGE_DOMAIN, /* casepage_domain.h */
	CASEPAGES
};

enum casepage_fault {
	CASEPAGE_NO_FAULT,
	CASEPAGE_EMPTY, /* a question was not answered */
	CASEPAGE_LONG,
	CASEPAGE_FORM, /* not a form of ours, in this browser */
	CASEPAGE_BUSY, /* it could not be kept */
	CASEPAGE_MUCH, /* so many answers are enough */
	CASEPAGE_FAULTS
};

/* Of one of the owner's texts: bytes; the form says so many characters less. */
enum {
	CASEPAGE_TEXT = 900,
	CASEPAGE_LETTERS = 600,
	CASEPAGE_BYTES = 512 * 1024
};

struct casepage {
	enum casepage_kind kind;
	const struct case_file *file; /* NULL for CASEPAGE_GONE */
	struct str language;
	struct str token;	     /* of the link */
	struct str form, once;	     /* for CASEPAGE_ME, NOT_ME and HUMAN */
	struct str what, to, agreed; /* as typed, if they come back */
	enum casepage_fault fault;
	struct str provider, help;		/* may be empty */
	struct str password_page, bulk_service; /* may be empty */
};

/* NULL and *err: a template is no good, or a word is missing. */
struct template_set *casepage_load(
    const struct template_places *p, struct error *err);
void casepage_write(
    const struct template_set *set, const struct casepage *p, struct text *out);

/* The language to answer in: `wanted` (?lang=), else that of the case's last
 * letter, else the first of Accept-Language that there is, else the set's. */
struct str casepage_language(const struct template_set *set, struct str wanted,
    const struct case_file *f, struct str accept);

/* What stands between <style> and </style>; empty when nothing does. */
struct str casepage_style(struct str page);

#endif
