/* owner - what the directory says about an account's owner
 *
 * As JSON, from a command or by HTTP:
 *
 *   {"addresses": ["alice@home.example"], "language": "de", "name": "A. Smith",
 *    "plan": "business", "created": "2024-03-01", "password_page":
 * "https://..."}
 *
 * each member may be absent or null, others are ignored; {} is an account that
 * the directory doesn't know. A Redis hash has fields of the same names, the
 * addresses with commas. What is wrong in one makes all of it wrong: nothing is
 * guessed. Pure.
 */
#ifndef NOTIFY_OWNER_H
#define NOTIFY_OWNER_H

#include "base/error.h"
#include "base/str.h"

enum { OWNER_ADDRESSES = 4 };

/* Texts are NUL-terminated, empty when not known. */
struct owner_entry {
	char addresses[OWNER_ADDRESSES][255];
	size_t n;
	char language[16], name[200], plan[64], password_page[512];
	int64_t created; /* seconds; 0: not known */
};

/* Adds to the entry what is told, in place of what it has. -1: *err says what
 * is wrong. *is_known: it told anything. */
int owner_read_json(
    struct owner_entry *e, struct str json, bool *is_known, struct error *err);
int owner_read_field(struct owner_entry *e, struct str name, struct str value,
    struct error *err);

/* * stands for any bytes; ASCII case is ignored. */
bool owner_is_like(struct str pattern, struct str account);

/* false: it is none, or there is no room for it. */
bool owner_add_address(struct owner_entry *e, struct str address);

/* %a the account, %u what stands before its @, %d what follows, %% a percent
 * sign; is_url: their bytes are percent-encoded. false: too long, or it has
 * another %. */
struct text;
bool owner_expand(
    struct str pattern, struct str account, bool is_url, struct text *out);

#endif
