/* roster - what is remembered of a domain in whose name mail leaves
 *
 * A line of text for each, as it stands in the books: when mail was seen, when
 * it was looked at and what was found, under which selectors its mail is
 * signed. Pure.
 */
#ifndef DOMAINS_ROSTER_H
#define DOMAINS_ROSTER_H

#include "domains/health.h"

enum {
	ROSTER_SELECTORS = 8,
	ROSTER_SELECTOR = 64,
	ROSTER_ID = 32,
	ROSTER_FINDING = 320,
	ROSTER_BYTES = 1400, /* of the text */
};

struct roster {
	int64_t seen;	 /* the last mail in its name; 0: none was */
	int64_t named;	 /* when it last stood in sending_domains; or 0 */
	int64_t checked; /* 0: never */
	uint64_t site;	 /* by what it was judged: who judges says so */
	/* As last told; what could not be told changes none. INFO: not yet. */
	enum health_colour colours[HEALTH_JUDGED];
	bool is_unsure;	 /* the last look could not tell all */
	bool is_account; /* it is the domain of accounts */
	bool spf_fails;	 /* at the last look SPF let none of us send */
	bool spf_failed; /* at the one before it, by the same site, too */
	struct health_told told;
	unsigned links;	 /* the generation of its links, of 256 in turn */
	int64_t written; /* when somebody was last written to because of it */
	/* The worst finding. */
	char id[ROSTER_ID], finding[ROSTER_FINDING];
	char selectors[ROSTER_SELECTORS][ROSTER_SELECTOR]; /* learned */
	size_t n_selectors;
};

void roster_print(const struct roster *r, struct text *out);
/* false: no such text. */
bool roster_parse(struct str s, struct roster *out);

/* Of two nodes' texts about one domain one holds. What was revoked stays so:
 * with the later generation of the two, if that is the lost one's. false: it
 * isn't, or one is no such text. */
bool roster_join(struct str holds, struct str lost, struct text *out);

/* A colour that another one took the place of. */
struct roster_change {
	enum health_part part;
	enum health_colour from, to;
	const char *id, *text; /* why; views into the health */
};

/* Takes in what was found: how many colours changed since it was last judged
 * by the same site; the first time none does. */
size_t roster_take(struct roster *r, const struct health *h, uint64_t site,
    int64_t now, struct roster_change changes[HEALTH_JUDGED]);

/* When it is looked at next: `every` seconds after the last time, and up to a
 * quarter more, by its name, so that they spread out; sooner when not all could
 * be told. 0: it never was. */
int64_t roster_due(const struct roster *r, struct str domain, int64_t every);

/* What was found of its mail's signatures; false: that is no news, nor is what
 * is older. */
bool roster_hear(struct roster *r, const struct health_told *told);

/* A selector under which its mail is signed: the oldest gives way. false: it is
 * known. */
bool roster_learn(struct roster *r, struct str selector);

#endif
