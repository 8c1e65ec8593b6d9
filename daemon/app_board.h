/* app_board - outpostd's side of Redis: the managed server, the board, the
 * stream of events, and the notifiers that listen to it */
#ifndef DAEMON_APP_BOARD_H
#define DAEMON_APP_BOARD_H

#include "base/json.h"
#include "base/loop.h"
#include "ledger/books.h"
#include "ledger/event.h"
#include "ledger/ledger.h"

struct app;
struct redis;
struct app_board;

/* Before the books are opened: who keeps what (the outbox). */
struct app_board *app_board_new(struct app *a);
struct books_part app_board_part(struct app_board *b);
/* After it: connect. Redis need not be there. */
int app_board_start(struct app_board *b, struct error *err);
/* A clean end: post what can be posted; on_left comes within two seconds, from
 * the loop. */
void app_board_leave(struct app_board *b, loop_fn *on_left, void *ctx);
/* Runs the loop while a managed Redis stops: nobody else may be left in it. */
void app_board_free(struct app_board **b);

/* The connection that writes; NULL before app_board_start. */
struct redis *app_board_redis(struct app_board *b);
/* An event of this node: kept until it was seen in the stream. */
void app_board_emit(struct app_board *b, const struct event *e);
/* Is all known that was decided elsewhere while we were away? */
bool app_board_is_current(const struct app_board *b);
/* Should a verdict wait for what other nodes know? See board_doubt. */
bool app_board_doubt(struct app_board *b, struct subject *s);
/* Before the desk answers: true when it is about a subject whose counts other
 * nodes may have; done is called once, within 50 ms. */
struct control_request;
bool app_board_prepare(struct app_board *b, const struct control_request *q,
    loop_fn *done, void *ctx);
/* NULL: not started. Both. */
struct notifiers;
struct notifiers *app_board_notifiers(const struct app_board *b);
struct board *app_board_of(const struct app_board *b);
/* The names of the other nodes that live, with commas between. */
const char *app_board_labels(const struct app_board *b);
/* Post what changed; called several times a second. */
void app_board_post(struct app_board *b);
/* New webhooks, letters, time-outs. */
void app_board_reload(struct app_board *b);
void app_board_status(struct app_board *b, struct json_out *j);
/* What is still to be told, for `outpost books`. */
void app_board_waiting(struct app_board *b, struct json_out *j);
void app_board_gauges(struct app_board *b);

#endif
