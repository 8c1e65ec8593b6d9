/* incident - a provider refuses or slows one of our addresses, or a domain
 *
 * An incident is a fold of events that doesn't depend on their order of
 * arrival, nor on how often each comes: every node that has seen the same
 * events has the same incidents. One for an address or domain at a provider,
 * however many lines and nodes; when it comes again within `reopen` after its
 * end it is opened again. Which node is in trouble is told apart: it is over
 * when all of them are calm.
 *
 * How the events use their fields: kind is "incident", subject
 * "PROVIDER/IP" or "PROVIDER/@DOMAIN", file the incident's cause.
 *   INCIDENT_OPENED  rung is "slowed" or "blocked", rule the reply's rule,
 *                    class its class, reason a sentence; how "again": it was
 *                    over before; evidence as INCIDENT_NEWS
 *   INCIDENT_NEWS    rung is that or "none": what it is for this node now;
 *                    evidence {"host":H,"reply":TEXT,"all":N,"delivered":N,
 *                    "slowed":N,"blocked":N,"causes":[...]}
 *   INCIDENT_CLOSED  rung "none": all nodes are calm
 * Pure.
 */
#ifndef REPUTATION_INCIDENT_H
#define REPUTATION_INCIDENT_H

#include "ledger/case_id.h"
#include "ledger/event.h"
#include "reputation/incident_watch.h"

#define INCIDENT_KIND "incident"

enum { INCIDENT_NODES = 16, INCIDENT_SUBJECT = 321, INCIDENTS_TIMES = 32 };

struct incident_node {
	char node[17];
	int64_t at_us; /* of its last event */
	enum incident_level level;
};

struct incident {
	struct incident *older, *newer; /* by when it was opened first */
	char cause[33];
	char id[CASE_ID];
	char subject[INCIDENT_SUBJECT];
	struct str provider, what; /* views into it: "google", "out1" */
	bool is_domain;		   /* what begins with "@" */
	int64_t opened, last;	   /* seconds; of its events */
	int64_t closed;		   /* 0: it goes on */
	int64_t opened_us;	   /* the latest time */
	uint32_t times;		   /* how often it was opened */
	uint32_t ended;		   /* of these how many are told to be over */
	enum incident_level worst;
	struct incident_node nodes[INCIDENT_NODES];
	size_t n_nodes;
	/* Of the latest event that has them. */
	int64_t told_us;
	char rule[64], class[64];
	char *evidence; /* JSON; NULL: none */
	/* Causes of INCIDENT_OPENED, to tell how often. */
	uint64_t opened_by[INCIDENTS_TIMES];
};

struct incidents;
struct incidents *incidents_new(size_t max);
void incidents_free(struct incidents **s);

/* What was told of who caused one is dropped where this account is named. */
void incidents_forget(struct incidents *s, struct str account);

bool incident_is_event(enum event_type t);
/* false: it is none of these, or known. */
bool incidents_fold(struct incidents *s, const struct event *e);
/* Would it change something? */
bool incidents_is_news(const struct incidents *s, const struct event *e);

/* "PROVIDER/WHAT" */
void incident_subject(struct str provider, struct str what, struct text *out);
/* The cause of an incident that begins now, and of what is told of it (the same
 * on every node): what is "opened" or "closed". */
void incident_begin_cause(struct str subject, int64_t now, char cause[33]);
void incident_told_cause(
    const char *file, enum event_type t, uint32_t times, char cause[33]);

/* What it is now: the worst of its nodes; NONE: it is over. */
enum incident_level incident_level(const struct incident *i);
/* The latest of this subject; NULL: there was none. */
const struct incident *incidents_of(
    const struct incidents *s, struct str subject);
/* By id as people type it, "google/out1", or "google": the latest. */
const struct incident *incidents_find(
    const struct incidents *s, struct str name);
const struct incident *incidents_get(
    const struct incidents *s, const char *cause);
/* Newest first; from there on ->older. */
const struct incident *incidents_newest(const struct incidents *s);
size_t incidents_open(const struct incidents *s);

/* How an own IP (its name) stands at a provider, and since when. */
enum incident_level incidents_level(const struct incidents *s, struct str ip,
    struct str provider, int64_t *since);

#endif
