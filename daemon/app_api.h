/* app_api - the HTTP API at api_listen, for programs
 *
 * A request becomes the question that the outpost command would ask
 * (api_routes.def), of user "api:NAME", and its JSON the answer. Errors are
 * {"error":"a sentence"} with a status: 400 the question is wrong, 401 no token
 * of api_tokens, 403 without the scope, 404 no such account, case or path, 409
 * it can't be done as things are, 503 later. A POST is answered when what it
 * changed outlives a crash; with an Idempotency-Key, again, as before (for the
 * last 256 of them, until a restart).
 */
#ifndef DAEMON_APP_API_H
#define DAEMON_APP_API_H

struct app;
struct app_api;

/* NULL: there is no port for it. */
struct app_api *app_api_new(struct app *a);
/* After the port: who waits gets no answer. */
void app_api_free(struct app_api **api);

#endif
