/* others - what the other nodes posted about a subject, added to our own
 *
 * A page is one node's whole record of one subject. A page of a lower version
 * never replaces one of a higher, so that an old copy of the board takes
 * nothing back. Pages age like our own records: what is over is folded away,
 * what holds nothing any more is freed, and a subject that is silent here for
 * half an hour forgets them all (it is read again when it is next touched), so
 * the memory is bounded by the subjects active on this node. They are not in
 * the books: after a start they are read again.
 */
#ifndef LEDGER_OTHERS_H
#define LEDGER_OTHERS_H

#include "ledger/ledger.h"
#include "ledger/nodes.h"

struct others_version {
	uint64_t starts, seq;
};

struct others_page {
	struct str node;
	struct others_version version;
	int64_t posted_at; /* that node's clock, seconds */
	/* What its policy admitted and its log doesn't show yet. */
	int64_t recipients, messages;
	bool is_ended;	   /* nothing is pending there any more */
	struct str record; /* see ledger_changed_fn */
};

/* How long what is said to be pending elsewhere is believed when nothing is
 * heard any more: as long as an admission lives. */
enum { OTHERS_PENDING_HOLDS = 900 };

enum others_result {
	OTHERS_DAMAGED, /* nothing changed */
	OTHERS_KNOWN,	/* this version, or a higher one */
	OTHERS_NEWS
};
enum others_result others_set(
    struct ledger *l, struct subject *s, const struct others_page *page);
struct others_sketches {
	struct others_version version;
	struct str packed; /* see ledger_changed_fn */
	bool is_long;	   /* as nodes of before packed them */
};
enum others_result others_set_sketches(
    struct subject *s, struct str node, const struct others_sketches *sketches);

/* Of nodes that another has taken the place of (nodes_one's ends_at) nothing
 * counts that ended later than that. */
void others_note_ends(struct ledger *l, const struct nodes *nodes);

/* When the pages of this subject were last read, by the caller's clock; 0:
 * never. */
int64_t others_read_at(const struct subject *s);
void others_set_read_at(struct subject *s, int64_t at);

/* Admitted elsewhere, or about to be, and in no log yet. What is pending in the
 * others' logs is part of subject_pending. */
void others_admitted(
    const struct subject *s, int64_t *recipients, int64_t *messages);
/* How many nodes' pages are held. */
size_t others_count(const struct subject *s);

#endif
