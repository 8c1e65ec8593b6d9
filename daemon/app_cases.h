/* app_cases - cases in the daemon: opened by events, followed, brought to an
 * end
 *
 * Every event goes by here (app_events.c); the store (notify/case_store.h)
 * keeps what is of a case. The node that judged copies what the case stands on
 * (app_cases_evidence.c). What an owner's answer or a new password means
 * follows here, on the node that heard it.
 */
#ifndef DAEMON_APP_CASES_H
#define DAEMON_APP_CASES_H

#include "base/loop.h"
#include "daemon/holder.h"
#include "notify/case_store.h"

struct app;
struct app_cases;
struct json_out;
struct control_request;

/* After the books are open. */
struct app_cases *app_cases_new(struct app *a);
void app_cases_free(struct app_cases **c);

struct cases *app_cases_store(struct app_cases *c);
/* The case of this id, cause, or account (its newest), with all that is known
 * of it; NULL: none. case_file_free. */
struct case_file *app_cases_file(struct app *a, struct str name);

/* An event about a case, made by case_event_begin: gets its identity, a cause
 * unless it has one, and takes effect, with what follows from it (a confirmed
 * password lifts). */
void app_cases_say(struct app *a, struct event *e);
/* What is imposed on the case's account is lifted; held: NULL, or what becomes
 * of held mail. false: nothing is imposed. */
bool app_cases_lift(struct app *a, const struct case_head *head, struct str by,
    struct str reason, bool is_innocent, const struct holder_order *held);

/* app_events.c: is it news? It takes effect. */
bool app_cases_is_news(struct app_cases *c, const struct event *e);
void app_cases_effect(struct app_cases *c, const struct event *e);
/* A CASE_TOLD event came. */
void app_cases_hear(struct app_cases *c, const struct event *told);
/* app_books.c: what was added so far is in the books. */
void app_cases_seal(struct app_cases *c);
void app_cases_commit(struct app_cases *c);
/* Once a second, a slice: who is to be reminded, what is over. */
void app_cases_tick(struct app *a);

/* All of an account's cases go, for good; returns how many. */
size_t app_cases_forget(struct app *a, struct str account);

/* app_cases_told.c: how a case is told to nodes that may not know it. What is
 * of the case alone goes as it is; what is of the account's standing, too, goes
 * inside a CASE_TOLD event, lest it takes effect again there. Of a case that
 * has been over for long nothing is told, of one that is over what was said and
 * decided. emit gets events with is_again. */
typedef void app_cases_emit_fn(void *ctx, const struct event *e);
void app_cases_tell(struct app_cases *c, const struct case_head *head,
    app_cases_emit_fn *emit, void *ctx);
/* What is inside; false: nothing that can be understood. */
bool app_cases_told(const struct event *told, struct event *out);

/* app_cases_complaints.c: a case of complaints that are few again is closed, if
 * nobody has taken it. */
enum case_due app_cases_complaints_due(
    struct app *a, const struct case_head *head);

/* app_cases_check.c: before `case N --verify` is answered; true: done comes
 * later. */
struct app_check;
struct app_check *app_check_new(struct app *a);
void app_check_free(struct app_check **c);
bool app_check_prepare(struct app_check *c, const struct control_request *q,
    loop_fn *done, void *done_ctx);
/* What came out; NULL: nothing was checked. */
const struct cases_check *app_check_get(const struct app_check *c);

void app_cases_status(struct app *a, struct json_out *j);
void app_cases_gauges(struct app *a);

/* app_cases_evidence.c: what the node remembers for evidence. */
struct app_evidence;
struct app_evidence *app_evidence_new(struct app *a);
void app_evidence_free(struct app_evidence **e);
/* Once a second. */
void app_evidence_tick(struct app_evidence *e);
/* A raw line of a log. */
void app_evidence_line(struct app_evidence *e, struct str line);
/* The lines that name it are blotted out; returns how many. */
size_t app_evidence_forget(struct app_evidence *e, struct str account);
/* A case that was judged here opened; its evidence is filed soon. */
void app_evidence_file(struct app_evidence *e, const struct case_head *head);
struct app_evidence *app_cases_evidence(struct app_cases *c);

#endif
