/* app_auth_policy - Dovecot's auth policy protocol, at api_listen
 *
 *   POST /auth-policy?command=allow    may it log in? {"status":0} or -1
 *   POST /auth-policy?command=report   how it ended: a fact about logins
 *
 * Of who has a token with the scope login. Whatever fails here, the answer is
 * that it may.
 */
#ifndef DAEMON_APP_AUTH_POLICY_H
#define DAEMON_APP_AUTH_POLICY_H

struct app;

/* The route, if there is a port for it. */
void app_auth_policy_start(struct app *a);

#endif
