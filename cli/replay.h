/* replay - the same parser, ledger and judge over old logs; no effects */
#ifndef CLI_REPLAY_H
#define CLI_REPLAY_H

#include "cli/client.h"
#include "config/settings.h"

/* `outpost replay [--totals] [--now TIME] [--json] FILE...` */
enum exit_status replay_run(const struct client_line *l, struct settings *s);

#endif
