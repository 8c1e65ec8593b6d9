/* users - names of local users, looked up once */
#ifndef DAEMON_USERS_H
#define DAEMON_USERS_H

#include "base/text.h"

/* For chain_uid_fn; ctx is not used. Nothing is added when the system knows no
 * name. An answer is kept for the life of the process: a uid's name doesn't
 * change under us, and getpwuid may ask a network. */
void users_name(void *ctx, uint32_t uid, struct text *out);

#endif
