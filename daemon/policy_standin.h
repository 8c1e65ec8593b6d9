/* policy_standin - who answers DUNNO while outpostd can't
 *
 * With try_limit=1 Postfix never asks again in an SMTP session once a request
 * timed out on an open connection (attr_clnt.c keeps the dead stream; only a
 * refused connect or an answer lets it go): a thief who keeps a session open
 * would be unseen after outpostd was frozen, stalled, or slow to start. And
 * try_limit=2 costs seconds for every recipient. So no request may time out:
 * a small process shares the listeners, and while outpostd's sign of life is
 * older than a second it accepts in its place and answers DUNNO at once.
 *
 * It touches nothing else, sleeps otherwise, and ends with outpostd. If both
 * are frozen (systemctl freeze), mail flows after Postfix's time-out and is
 * unseen until each session ends.
 */
#ifndef DAEMON_POLICY_STANDIN_H
#define DAEMON_POLICY_STANDIN_H

#include "daemon/policy_server.h"

struct policy_standin;

/* Fork it, before any thread and loop, as early at start as the listeners are
 * there: it serves while the books are read. listeners stay the caller's. */
struct policy_standin *policy_standin_start(
    const int *listeners, size_t n, struct error *err);
void policy_standin_stop(struct policy_standin **s);

/* false: it has ended, by no doing of ours. There is none until the next start:
 * a process with threads can't fork another. */
bool policy_standin_is_there(struct policy_standin *s);

/* For policy_config.duty (ctx: the stand-in): a sign of life. Always true. */
bool policy_standin_alive(void *standin);

/* How many requests it let through since it was started. */
uint64_t policy_standin_answers(const struct policy_standin *s);

#endif
