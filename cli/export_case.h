/* export_case - `outpost export CASE`: the evidence of a sanction, as one file
 *
 * For whoever must be shown why: what was imposed and by which rule, what was
 * counted, the log's lines, the events before and after. Other people's
 * addresses are masked (mta/mask.h), everywhere: what is printed was put
 * together by export_copy and export_str.
 */
#ifndef CLI_EXPORT_CASE_H
#define CLI_EXPORT_CASE_H

#include "base/json.h"
#include "cli/client.h"
#include "config/settings.h"
#include "mta/mask.h"

enum exit_status export_case_run(
    const struct client_line *l, const char *socket, struct settings *s);

struct export_case {
	struct settings *settings;
	const struct json *event; /* the SANCTION */
	struct str account;	  /* empty: the case is not an account's */
	int64_t at;
	struct account_rules rules;
	struct mask mask;
	struct json_out j;
};

/* A member, masked. */
void export_str(struct export_case *c, const char *key, struct str v);
/* The same of all that is in it; key NULL: an element. */
void export_copy(
    struct export_case *c, const char *key, const struct json *value);
/* export_rules.c: members "generation" and "rules": as they were then. */
void export_rules(struct export_case *c);
/* export_log.c: member "log". */
void export_log(struct export_case *c);
/* export_print.c: the file for a person, from the object for a program. */
void export_print(const struct json *doc, struct text *out);

#endif
