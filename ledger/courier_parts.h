/* courier_parts - what courier.c and courier_group.c share, nobody else */
#ifndef LEDGER_COURIER_PARTS_H
#define LEDGER_COURIER_PARTS_H

#include "base/loop.h"
#include "ledger/courier.h"
#include "ledger/recent.h"

enum { COURIER_STREAM_ID = 48, COURIER_TARGET = 96 };

enum parcel_step { WAITING, ASKING, SENDING, MARKING, RIDING };

/* What became of the cause that this one is told after. */
enum parcel_before { BEFORE_OPEN, BEFORE_SENT, BEFORE_UNWANTED };

/* An event in our hands. */
struct parcel {
	struct parcel *next;
	struct courier *courier;
	struct courier_delivery *delivery; /* while SENDING */
	char id[COURIER_STREAM_ID];	   /* empty: not of the stream */
	char name[EVENT_ID];  /* its cause; its own id if it has none */
	char after[EVENT_ID]; /* the cause it is told after; empty: none */
	enum parcel_before before;
	char *json;
	size_t json_n;
	enum parcel_step step;
	unsigned attempts;
	bool is_fresh; /* no attempt yet, and none has to wait */
	bool is_leased;
	bool is_refused;  /* the last attempt */
	bool is_taken;	  /* only the mark is missing */
	bool is_unwanted; /* the target wanted none of it */
	bool is_failed;	  /* an attempt did, and its owner knows */
	int64_t at_us;
	int64_t due_us;		 /* WAITING: not before */
	int64_t until_us;	 /* given up then; 0: as the options say */
	char kind[COURIER_KIND]; /* gathered under; empty: not */
};

/* Outlives its parcel when the courier is freed meanwhile. */
struct courier_delivery {
	struct parcel *parcel; /* NULL: abandoned */
};

struct courier {
	struct loop *loop;
	struct courier_options options;
	struct courier_hooks hooks;
	struct redis *writer, *reader;
	struct loop_timer *tick;
	char group[COURIER_TARGET], consumer[17];
	struct parcel *first;
	size_t n, n_busy, bytes;
	size_t n_fresh; /* without an attempt yet */
	uint64_t sent, failed, given_up;
	struct parcel *leader; /* the gathered one that is on its way; NULL */
	struct recent told;    /* names, should their marks get lost */

	/* The group. */
	bool is_ready, is_making, is_reading, is_reading_own, is_claiming;
	bool was_ready; /* in this life */
	bool has_own;	/* what a former life left pending was read again */
	char own_from[COURIER_STREAM_ID], claim_from[COURIER_STREAM_ID];
	unsigned ticks;

	size_t n_asked; /* answers that will come */
	bool is_dead;	/* freed when they have */
};

/* courier.c */
/* Asks the writer; on_reply begins with courier_is_over. */
void courier_ask(struct courier *c, const struct str *argv, size_t n,
    redis_reply_fn *on_reply, void *ctx);
/* An answer came. true: for nobody, and c may be gone. */
bool courier_is_over(struct courier *c);
/* It is in our hands no more. */
void courier_drop(struct parcel *p);
void courier_ack(struct courier *c, struct str id);
void courier_start_due(struct courier *c);
/* Its step is WAITING, and it is none of the busy ones. */
void courier_take(struct parcel *p);
void courier_put_back(struct parcel *p); /* try it later */
void courier_release(struct parcel *p);	 /* its lease */
/* NULL: not in hand. */
struct parcel *courier_find(struct courier *c, const char *name);

/* courier_flood.c */
/* An attempt failed. */
void courier_fail(struct parcel *p);
/* Those who ride with it. */
void courier_riders_done(struct parcel *leader, bool is_taken);

/* courier_group.c */
void courier_add_parcel(
    struct courier *c, struct str id, const struct event *e, struct str json);
void courier_make_group(struct courier *c);
void courier_read_on(struct courier *c);
void courier_on_tick(void *courier);

#endif
