/* holder_state - what the files of holder share */
#ifndef DAEMON_HOLDER_STATE_H
#define DAEMON_HOLDER_STATE_H

#include "daemon/holder.h"

struct holder_account {
	struct held_scope scope; /* whose mail it is; views of text */
	int64_t until;
	size_t n, waiting; /* held; to be held */
	int64_t bytes;
	bool is_stopped, is_new, is_full_told, is_doubt;
	char cause[40]; /* of whose evidence this is */
	struct evidence evidence;
	struct str name; /* its bytes follow */
	char text[];
};

struct holder {
	struct holder_options o;
	struct queue_book held;	  /* wanted: it shall leave */
	struct queue_book wanted; /* to be held */
	struct queue_book left;	  /* tried: foreign, gone ... */
	struct map accounts;	  /* stopped ones, and see holder_scope.c */
	struct map exempt;  /* accounts, while any but accounts are stopped */
	size_t n_wide;	    /* of accounts: domains and networks */
	unsigned nets[129]; /* of these the networks, by length */
	enum queue_verb asked;
	bool is_asked, is_listed, is_listing;
	int64_t listed_at, left_at, kept_told_at;
	/* For the books: lines "+MESSAGE" and "-INSTANCE ID". */
	struct text changes;
	struct text unfolded; /* keys, a NUL after each */
	bool is_kept;
};

/* What stands in the place of a message's due time: an order; that it shall
 * stay after all, but may have been let go meanwhile; or an end in the past. */
enum {
	HOLDER_DUE_RETURN = -1,
	HOLDER_DUE_RELEASE,
	HOLDER_DUE_UNSURE,
	HOLDER_DUE_OVER,
};

static inline bool
holder_is_ordered(const struct queue_message *m)
{
	return m->due <= HOLDER_DUE_RELEASE;
}

static inline bool
holder_is_unsure(const struct queue_message *m)
{
	return m->due == HOLDER_DUE_UNSURE;
}

/* Before outpost-queue's timer lets everything go that is overdue, what isn't
 * clean has been decided about: so long before. */
enum { HOLDER_AHEAD = 1800 };

/* What speaks against a message of this account, from there and then. */
enum queue_origin holder_origin(const struct holder *h,
    const struct holder_account *a, const struct ip *client, int64_t at);
/* May no more of it be held? */
bool holder_is_full(const struct holder *h, const struct holder_account *a);

/* Every change of what is held goes through these. */
void holder_keep(struct holder *h, const struct queue_message *m);
void holder_drop(struct holder *h, struct queue_entry *e);
/* What isn't clean stays so much longer, for the operator. */
bool holder_is_doubtful(enum queue_origin origin);
int64_t holder_extra(const struct holder *h, enum queue_origin origin);
/* Until when the account's mail is held: its end, or the lease's. */
int64_t holder_due(
    const struct holder *h, const struct holder_account *a, int64_t now);

/* holder_stop.c */
void holder_forget_exempt(struct holder *h);
/* holder_scope.c */
struct holder_account *holder_find(
    const struct holder *h, const struct held_scope *s);
struct holder_account *holder_add(struct holder *h, const struct held_scope *s);
void holder_remove(struct holder *h, struct holder_account *a);
/* By which a message is to be held; NULL: by none. */
struct holder_account *holder_stop_of(
    const struct holder *h, struct str account, const struct ip *client);

/* holder_stop.c: what was left alone and may be tried again; of this scope all
 * (NULL: of none). */
void holder_forget_left(struct holder *h, const struct held_scope *of);

/* holder_books.c: it changed. */
void holder_note(struct holder *h, const struct queue_message *m, bool is_gone);

#endif
