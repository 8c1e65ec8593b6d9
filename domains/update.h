/* update - messages that change a zone (RFC 2136), and ask what stands there
 *
 * Pure, and about TXT records alone: the ones that a sending domain needs. A
 * change names what must stand there now, to the byte, so that it is refused
 * when somebody else was quicker.
 */
#ifndef DOMAINS_UPDATE_H
#define DOMAINS_UPDATE_H

#include "base/arena.h"
#include "base/dns_answer.h"
#include "base/error.h"

enum {
	UPDATE_BYTES = 65535, /* of a message */
	UPDATE_RECORDS = 100, /* of a name */
};

/* All TXT records of a name, as they stand in the zone. */
struct update_set {
	const char *name;  /* dns_name's */
	const char *alias; /* a CNAME stands there; or NULL */
	bool is_foreign;   /* the server isn't in charge of the name */
	uint32_t ttl;
	size_t n;
	struct str v[UPDATE_RECORDS]; /* their data */
};

/* A TXT record's data from its text: strings of at most 255 bytes; and back,
 * joined. */
void update_data(struct text *out, struct str txt);
void update_text(struct text *out, struct str data);
/* The same records, in whatever order. */
bool update_is_same(const struct update_set *a, const struct update_set *b);
bool update_has(const struct update_set *set, struct str data);

/* The question for them. */
void update_ask(struct text *out, uint16_t id, const char *name);
/* What an authoritative server answered to it; texts are in the arena. -1: it
 * is no such answer. */
int update_read(struct str packet, uint16_t id, const char *name,
    struct arena *a, struct update_set *out, struct error *err);

struct update {
	struct text message; /* the caller frees it (text_done) */
	uint16_t expected, changed;
};

void update_begin(struct update *u, uint16_t id, const char *zone);
/* Exactly these records stand there, and no CNAME. Before all changes. */
void update_expect(struct update *u, const struct update_set *set);
/* What is in `from` and not in `to` goes, what is in `to` alone comes. Others
 * are not touched. */
void update_change(struct update *u, const struct update_set *from,
    const struct update_set *to);
/* false: it has become too long for a message. */
bool update_end(struct update *u);

enum update_result {
	UPDATE_DONE,
	UPDATE_CHANGED, /* something else stands there than was expected */
	UPDATE_REFUSED, /* the error says why */
};
enum update_result update_result(
    struct str packet, uint16_t id, struct error *err);

#endif
