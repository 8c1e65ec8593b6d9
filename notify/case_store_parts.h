/* case_store_parts - what the files of the store share */
#ifndef NOTIFY_CASE_STORE_PARTS_H
#define NOTIFY_CASE_STORE_PARTS_H

#include "base/crypto.h"
#include "base/map.h"
#include "notify/case_store.h"

enum {
	CASES_FORMAT = 1,
	CASES_KEY = 64,		/* cause, time, node, seq: the event's order */
	CASES_EVENTS_MAX = 600, /* of one case */
	CASES_FILED_MAX = 300,
};

enum cases_table {
	CASES_EVENTS, /* key: JSON */
	CASES_FILED,  /* the same of evidence, which the heads need not */
	CASES_GONE,   /* the same: what was taken away, and why */
	CASES_CHAIN,  /* number: struct cases_link */
	CASES_META,   /* "base", "head": number and hash */
	CASES_TABLES,
};

/* As it stands in the table. */
struct cases_link {
	uint8_t hash[CRYPTO_SHA256];	/* of the one before, number, content */
	uint8_t content[CRYPTO_SHA256]; /* of table, key and value */
	uint8_t table;
	char key[CASES_KEY];
};

struct cases_entry {		     /* not yet on disk */
	struct cases_entry *next;    /* in the order they came */
	struct cases_entry *next_of; /* of this case */
	struct known_case *of;	     /* NULL: it is gone */
	enum cases_table table;
	char key[CASES_KEY];
	uint64_t number;
	struct cases_link link;
	char *json;
};

struct known_case {
	struct case_head head;
	struct known_case *older; /* of this account, known before */
	struct cases_entry *waiting;
	size_t index; /* in `all` */
	uint32_t events, filed;
};

struct cases_mark {
	uint64_t number;
	uint8_t hash[CRYPTO_SHA256];
};

struct cases {
	struct map by_cause, by_id, by_account;
	struct known_case **all; /* for walks */
	size_t n, cap, max;
	struct disk *disk;		  /* NULL: memory alone */
	struct cases_mark head, written;  /* of all; of what is on disk */
	struct cases_entry *first, **end; /* waiting */
	size_t waiting, sealed, under_way;
	bool is_failing; /* the disk tries again */
	disk_done_fn *on_done;
	void *on_done_ctx;
};

void cases_key(const char *cause, const struct event *e, char key[CASES_KEY]);
/* Adds the case, in memory. */
struct known_case *cases_know(struct cases *c, const struct case_head *head);
/* Appends an entry and its link. */
void cases_append(struct cases *c, struct known_case *k, enum cases_table table,
    const char *key, struct str json);
/* The case isn't known any more; freed. */
void cases_drop(struct cases *c, struct known_case *k);

void cases_number(uint64_t number, char key[8]);
void cases_hash(const struct cases_mark *before, const struct cases_link *l,
    struct cases_mark *out);
void cases_content(enum cases_table table, const char *key, struct str json,
    uint8_t out[CRYPTO_SHA256]);
void cases_mark_print(const struct cases_mark *m, struct cases_chain *out);
bool cases_mark_read(struct str value, struct cases_mark *out);

/* Its entries are committed: they need not wait in memory. */
void cases_written(struct cases *c, size_t n);

/* case_disk.c */
bool cases_is_stored(struct cases *c, enum cases_table table, const char *key);

#endif
