/* world - the accounts of a made-up mail host, whom they know, what they send
 *
 * All is planned before a line is written: a message is its time, its account,
 * its client and its recipients, whose fate is part of their number. Times are
 * milliseconds from the first day's midnight (UTC); days before the judged
 * ones are there to learn from.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stddef.h>

#include "tests/sim/places.h"

enum ordinary {
#define ORDINARY(name, text, share, who) ORDINARY_##name,
#include "tests/sim/people.def"
#undef ORDINARY
	ORDINARIES
};

enum attack {
	ATTACK_NONE,
#define ATTACK(name, text, share, what) ATTACK_##name,
#include "tests/sim/attacks.def"
#undef ATTACK
	ATTACKS
};

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

enum { HOMES = 8, RECIPIENTS_MAX = 200, INCIDENTS = 4 };

/* A recipient is a number; its upper bits say what becomes of mail to it. */
#define RECIPIENT_DEAD (UINT32_C(1) << 31)    /* no such user */
#define RECIPIENT_REFUSES (UINT32_C(1) << 30) /* its filter calls it spam */
#define RECIPIENT_INSIDE (UINT32_C(1) << 29)  /* a colleague on this host */
#define RECIPIENT_FULL (UINT32_C(1) << 28)
#define RECIPIENT_NUMBER (RECIPIENT_FULL - 1)

enum way {
	WAY_SUBMISSION,
	WAY_LOCAL,     /* pickup, by uid */
	WAY_FORWARD,   /* came in from outside, leaves again */
	WAY_AUTOREPLY, /* came in; answered with the null sender */
	WAY_ALIAS,     /* one recipient named, the host's list behind it */
	WAY_ABORTED,   /* recipients named, then reset */
	WAY_FILTERED,  /* the content filter refuses it at the end of DATA */
	WAY_FAILED,    /* no message: a login that fails */
};

struct account {
	char name[64];
	enum ordinary kind;
	enum attack attack;
	struct rng rng;
	double activity;
	client homes[HOMES];
	unsigned n_homes;
	bool is_dynamic; /* another address of its provider each day */
	bool has_mobile;
	bool is_night;	/* works at night */
	int shift;	/* of its hours, while it is abroad */
	double refused; /* share of receivers whose filters dislike its mail */
	int64_t born;	/* sends nothing before */
	uint32_t *contacts;
	size_t n_contacts;
	uint32_t domain;
	int64_t attack_at; /* when the thief's first message is handed in */
	uint64_t attacked; /* recipients of his */
};

struct message {
	int64_t at;
	client from;
	uint32_t account, first, size, shape;
	uint16_t n, disguise;
	uint8_t way;
	bool is_attack;
};

/* A large provider treats all mail of the host so, for some hours. */
struct incident {
	enum { INCIDENT_DOWN, INCIDENT_SLOWED, INCIDENT_BLOCKED } what;
	unsigned provider; /* see fate_provider */
	int64_t from, until;
};

struct world {
	uint64_t seed;
	unsigned n_accounts, n_hijacked;
	unsigned n_throwaway; /* more of them, all in one hour */
	int before, days;     /* days to learn from, days judged */
	struct account *accounts;
	struct message *messages;
	size_t n_messages, messages_max;
	uint32_t *recipients;
	size_t n_recipients, recipients_max;
	client webmail;
	struct incident incidents[INCIDENTS];
	int64_t brakes_at; /* when the throw-away accounts begin */
};

void world_make(struct world *w); /* from its members before `accounts` */
void world_free(struct world *w);

/* world_plan adds a message; what lies outside the time that is told, or
 * before the account was born, is left out. */
struct plan {
	int64_t at;
	client from;
	enum way way;
	uint32_t size;
	uint32_t shape;	   /* messages with the same text; 0: of its own */
	uint16_t disguise; /* another domain's sender; 0: the account's own */
	bool is_attack;
	double refused; /* share of its receivers; 0: the account's */
	unsigned n;
	uint32_t to[RECIPIENTS_MAX];
};
void world_plan(struct world *w, struct account *a, const struct plan *p);

/* Somebody the account never wrote to, of whom `dead` are gone. */
uint32_t world_stranger(struct rng *r, double dead);
uint32_t world_contact(struct account *a); /* the best known most often */
void world_meet(struct account *a, uint32_t who);
client world_client(struct account *a, int64_t at); /* where it sends from */

int64_t world_end(const struct world *w);
int64_t world_judged(const struct world *w); /* where the judged days begin */

/* Whether people of this kind sit at several places, with telephones. */
bool world_is_person(enum ordinary kind);

/* people.c: what an account plans for this day, innocently. */
void people_day(struct world *w, struct account *a, int day);
/* attacks.c: all that a thief does with it. */
void attack_plan(struct world *w, struct account *a);

const char *ordinary_text(enum ordinary k);
const char *attack_text(enum attack a);

#endif
