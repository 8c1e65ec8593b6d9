/* api_route - the paths of the HTTP API, and which question each asks
 *
 * Pure.
 */
#ifndef DAEMON_API_ROUTE_H
#define DAEMON_API_ROUTE_H

#include "base/json.h"
#include "daemon/command.h"
#include "web/http.h"
#include "config/token.h"

struct api_route {
	enum http_method method;
	const char *path;
	enum token_scope scope;
	enum command_id command;
	const char *verb, *options;
};

enum { API_NAME = 1024 };

/* The route, and what stands in its path for {name}, decoded. NULL: none;
 * *is_other: one of another method. */
const struct api_route *api_route_find(enum http_method method, struct str path,
    struct text *name, bool *is_other);
/* The question as a line of control.h. body: NULL, or an object. false: a
 * member or a parameter is wrong, or there is no such one. */
bool api_route_print(const struct api_route *r, struct str name,
    struct str query, const struct json *body, struct text *line,
    struct error *err);
/* What a status of the command means in HTTP. */
int api_status(enum exit_status exit);

#endif
