/* runner - runs programs (base/child.h) in threads, and brings their output
 * to the loop: a directory_run_fn */
#ifndef DAEMON_RUNNER_H
#define DAEMON_RUNNER_H

#include "notify/directory.h"

struct runner;
struct runner *runner_new(struct loop *l);
/* Output that is longer than there is room for is cut, not a failure. */
void runner_cut(struct runner *r);
/* Who waits is answered: ended. */
void runner_free(struct runner **r);
/* ctx is the runner. At most DIRECTORY_ANSWER bytes are taken. */
directory_run_fn runner_run;

#endif
