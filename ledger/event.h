/* event - any change of a standing, in one stream; events are the truth
 *
 * An event has its own identity (time, node, seq) and a cause: two nodes, or a
 * replay, that come to the same verdict name the same cause, and an event whose
 * cause is known already changes nothing.
 */
#ifndef LEDGER_EVENT_H
#define LEDGER_EVENT_H

#include "base/error.h"
#include "base/text.h"

enum event_type {
#define EVENT(name, text, help) EVENT_##name,
#include "ledger/events.def"
#undef EVENT
	EVENT_TYPES
};

const char *event_type_text(enum event_type t);
bool event_type_parse(struct str s, enum event_type *t);

enum {
	EVENT_ID = 64,	       /* "time_us-node-seq" with its NUL */
	EVENT_TEXT = 512,      /* reason, in words */
	EVENT_EVIDENCE = 6144, /* JSON object: reasons, counts, samples */
};

/* Fixed-size texts, so that an event can be kept and passed by value of its
 * pointer; all NUL-terminated. */
struct event {
	enum event_type type;
	int64_t at_us;
	char node[17];
	uint64_t seq;
	char kind[12];	   /* subject kind: "account", "domain", ... */
	char subject[321]; /* its key; empty for installation-wide events */
	char rung[16];	   /* standing's name, for sanctions */
	char rule[64];	   /* what caused it: a limit's or signal's name */
	char class[64];	   /* the account's class, of automatic sanctions */
	char how[12];	   /* what is special about it: see limits/brake.h */
	char config[17];   /* generation of the configuration it was made by */
	char cause[33];	   /* hex; same cause, same change */
	char after[33];	   /* told only to those who were told this cause */
	char file[33];	   /* the case it is of, by its cause: notify/case.h */
	int64_t until;	   /* seconds; TIME_NEVER: until lifted */
	int64_t mark;	   /* lift: facts up to here count no more */
	bool is_operator;  /* by a person, else automatic */
	bool is_observed;  /* born in observe mode: no effect */
	bool is_innocent;  /* lift: what it ended was wrong */
	bool is_again;	   /* put back after Redis lost its data */
	bool is_sane;	   /* evidence was written here, an object, whole */
	char by[65];	   /* user name of the operator, or "outpost" */
	char reason[EVENT_TEXT];
	char evidence[EVENT_EVIDENCE];
};

/* The identity: "1763764800000000-0123456789abcdef-7". */
void event_id(const struct event *e, char id[EVENT_ID]);
/* <0, 0, >0: by time, then node, then seq. */
int event_compare(const struct event *a, const struct event *b);

/* One JSON object, as in the stream, the webhook and `outpost events --json`.
 * Unknown members are ignored when reading; a bad one is false. */
void event_print(const struct event *e, struct text *out);
bool event_parse(struct str json, struct event *out, struct error *err);

#endif
