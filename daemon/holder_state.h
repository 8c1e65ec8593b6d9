/* holder_state - what the files of holder share */
#ifndef DAEMON_HOLDER_STATE_H
#define DAEMON_HOLDER_STATE_H

#include "daemon/holder.h"

struct holder_account {
	int64_t until;
	size_t n, waiting; /* held; to be held */
	int64_t bytes;
	bool is_stopped, is_full_told;
	struct str name; /* its bytes follow */
	char text[];
};

struct holder {
	struct holder_options o;
	struct queue_book held;	  /* wanted: it shall leave */
	struct queue_book wanted; /* to be held */
	struct queue_book left;	  /* tried: foreign, gone ... */
	struct map accounts;	  /* stopped ones */
	enum queue_verb asked;
	bool is_asked, is_listed, is_listing;
	int64_t listed_at, left_at;
	/* For the books: lines "+MESSAGE" and "-INSTANCE ID". */
	struct text changes;
	struct text unfolded; /* keys, a NUL after each */
	bool is_kept;
};

/* Every change of what is held goes through these. */
void holder_keep(struct holder *h, const struct queue_message *m);
void holder_drop(struct holder *h, struct queue_entry *e);
/* holder_books.c: it changed. */
void holder_note(struct holder *h, const struct queue_message *m, bool is_gone);

#endif
