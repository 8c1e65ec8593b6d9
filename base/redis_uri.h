/* redis_uri - where a Redis is and how to log in
 *
 *   unix:/path
 *   redis://[[user]:password@]host[:port][/db]
 *
 * User and password are percent-encoded; host may be [v6].
 */
#ifndef BASE_REDIS_URI_H
#define BASE_REDIS_URI_H

#include "base/error.h"

struct redis_uri {
	char *path;	       /* NULL: host and port */
	char *host;	       /* NULL: path */
	char *user, *password; /* NULL: none */
	int port, db;
	char *name; /* for people: without the login */
};

/* On error nothing needs to be freed, and the password isn't in the text. */
int redis_uri_parse(const char *uri, struct redis_uri *out, struct error *err);
void redis_uri_done(struct redis_uri *u);

#endif
