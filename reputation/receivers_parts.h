/* receivers_parts - what the files of receivers share */
#ifndef REPUTATION_RECEIVERS_PARTS_H
#define REPUTATION_RECEIVERS_PARTS_H

#include "base/map.h"
#include "base/text.h"
#include "reputation/receivers.h"

enum { RECEIVERS_DOMAIN = 255, RECEIVERS_HOSTS = 256 };

/* A domain. */
struct receiver {
	struct receiver *older, *newer; /* by when it was seen last */
	char provider[PROVIDERS_NAME];
	size_t n;
	char domain[];
};

struct receivers {
	size_t max;
	struct map map; /* by domain */
	struct receiver *oldest, *newest;
	/* Hosts seen lately, of these providers. */
	uint64_t providers;
	struct {
		uint64_t hash;
		const char *provider;
	} hosts[RECEIVERS_HOSTS];
	bool is_kept;
	struct text
	    changes; /* since the last save: "+DOMAIN PROVIDER", "-DOMAIN" */
	struct text unfolded; /* domains, each with a NUL */
};

/* Without a word to the books. provider empty: it is forgotten. */
void receivers_put(struct receivers *r, struct str domain, struct str provider);
/* receivers_books.c: tells them. */
void receivers_changed(
    struct receivers *r, struct str domain, struct str provider);

#endif
