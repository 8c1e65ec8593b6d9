/* redis_login - the URI of the Redis that hosts share, with its password */
#ifndef DAEMON_REDIS_LOGIN_H
#define DAEMON_REDIS_LOGIN_H

#include "config/settings.h"

enum { REDIS_LOGIN_URI = 4096 };

/* redis_uri, with what the first line of redis_password_file says put behind
 * its user. -1: the file can't be read, or the URI can't take a password. */
int redis_login_uri(const struct daemon_settings *s, char uri[REDIS_LOGIN_URI],
    struct error *err);

#endif
