/* app_fbl - reports come in: whose message it was, and what counts
 *
 * However a report came, it goes this way: read beside the loop (fbl_job),
 * whose message it was, has it been counted already, a fact; and it is
 * acknowledged when the commit that has all that is on disk.
 */
#ifndef DAEMON_APP_FBL_H
#define DAEMON_APP_FBL_H

#include "daemon/fbl_server.h"
#include "fbl/seen.h"
#include "ledger/books.h"

struct app;
struct app_fbl;

struct app_complaints;

struct app_fbl *app_fbl_new(struct app *a);
void app_fbl_free(struct app_fbl **f);
struct books_part app_fbl_part(struct app_fbl *f);
struct app_complaints *app_fbl_complaints(struct app_fbl *f);
/* Opens the door; what is wrong with it is logged: no reason not to guard. */
void app_fbl_start(struct app_fbl *f);

/* Where a mail lies that can be read again: what is noted of it in the commit
 * that has what it says. */
struct app_fbl_place {
	uint8_t taken[SEEN_KEY], stayed[SEEN_KEY];
};
/* What is not copied must live until the answer. */
struct app_fbl_mail {
	struct str bytes;     /* copied */
	bool is_vouched;      /* by the way it came */
	const char *reporter; /* who that is; NULL: its From */
	bool stays; /* what is no report isn't kept here: FBL_STAYED */
	const struct app_fbl_place *place; /* NULL: none */
};
void app_fbl_take(struct app_fbl *f, const struct app_fbl_mail *mail,
    fbl_answer_fn *answer, void *answer_ctx);
bool app_fbl_has_seen(const struct app_fbl *f, const uint8_t key[SEEN_KEY]);
/* The same without a mail. */
void app_fbl_note(struct app_fbl *f, const uint8_t key[SEEN_KEY]);
/* Once a second. */
void app_fbl_tick(struct app_fbl *f);
void app_fbl_gauges(struct app_fbl *f);

#endif
