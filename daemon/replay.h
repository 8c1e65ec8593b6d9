/* replay - the same parser, ledger and judge over old logs; no effects */
#ifndef DAEMON_REPLAY_H
#define DAEMON_REPLAY_H

#include "daemon/client.h"
#include "daemon/settings.h"

/* `outpost replay [--totals] [--now TIME] [--json] FILE...` */
enum exit_status replay_run(const struct client_line *l, struct settings *s);

#endif
