/* check_dovecot - does Dovecot ask Outpost at logins, as etc/dovecot has it? */
#include "cli/check_parts.h"
#include "config/secret_line.h"
#include "config/token.h"

enum { CONF_MAX = 64 * 1024 };

#define MEND_CONF                                                    \
	"cp /usr/share/outpost/dovecot/90-outpost-auth-policy.conf " \
	"/etc/dovecot/conf.d/   (Dovecot 2.4: the one in 2.4/; doveadm reload)"

/*
 * Of doveconf's "auth_policy_name = value" lines (Dovecot 2.4 prints a block,
 * with names that lack the prefix); empty: none.
 */
static struct str
value_of(struct str conf, const char *name)
{
	struct str line, key;

	while (str_cut(&conf, '\n', &line)) {
		if (!str_cut(&line, '=', &key))
			continue;
		key = str_trim(key);
		str_take(&key, STR("auth_policy_"));
		if (str_is(key, str_from(name)))
			return str_trim(line);
	}
	return STR("");
}

/* Is this the token of one that may tell of logins? */
static bool
is_token(const struct check *c, struct str token)
{
	const struct setting_list *all = &c->settings->daemon.api_tokens;
	struct token t;

	for (size_t i = 0; i < all->n; i++) {
		char line[SECRET_LINE];

		if (token_parse(all->v[i], &t, NULL) == 0 &&
		    t.scopes & TOKEN_LOGIN &&
		    secret_line_read(t.file, line, NULL) == 0 &&
		    str_is(token, str_from(line)))
			return true;
	}
	return false;
}

static bool
has_login_token(const struct check *c)
{
	const struct setting_list *all = &c->settings->daemon.api_tokens;
	struct token t;

	for (size_t i = 0; i < all->n; i++) {
		if (token_parse(all->v[i], &t, NULL) == 0 &&
		    t.scopes & TOKEN_LOGIN)
			return true;
	}
	return false;
}

static void
check_url(struct check *c, struct str url)
{
	struct str host = url,
		   listen = str_from(c->settings->daemon.api_listen);
	ptrdiff_t at = str_find(listen, STR(":"));
	bool is_here = str_starts(url, STR("http://127.0.0.1:")) ||
		       str_starts(url, STR("http://localhost:"));

	str_take(&host, STR("http://"));
	if (!str_ends(url, STR("/auth-policy")))
		check_say(c, CHECK_FAIL, "dovecot", MEND_CONF,
		    "auth_policy_server_url is %.*s: Outpost answers at "
		    "/auth-policy only, suspended accounts log in to send",
		    STR_ARG(url));
	else if (listen.n == 0)
		check_say(c, CHECK_FAIL, "dovecot",
		    "api: { api_listen = \"127.0.0.1:8427\"; };",
		    "it asks %.*s at each login, and api_listen is empty",
		    STR_ARG(url));
	else if (is_here && at >= 0 &&
		 str_find(host, str_skip(listen, (size_t)at)) < 0)
		check_say(c, CHECK_FAIL, "dovecot", MEND_CONF,
		    "it asks %.*s at each login, but api_listen is %.*s",
		    STR_ARG(url), STR_ARG(listen));
	else
		check_say(c, CHECK_OK, "dovecot", NULL, "asks %.*s at logins",
		    STR_ARG(url));
}

static void
check_answers(struct check *c, struct str conf)
{
	struct str header = value_of(conf, "server_api_header");
	ptrdiff_t at = str_find_last(header, STR(" "));

	if (value_of(conf, "hash_nonce").n == 0)
		check_say(c, CHECK_FAIL, "dovecot",
		    "/etc/dovecot/outpost-token.conf.ext: "
		    "auth_policy_hash_nonce = ANY RANDOM STRING",
		    "auth_policy_hash_nonce is empty: it asks nobody");
	if (!is_token(c, str_skip(header, (size_t)(at + 1))))
		check_say(c, CHECK_FAIL, "dovecot",
		    "/etc/dovecot/outpost-token.conf.ext: "
		    "auth_policy_server_api_header = X-API-Key: THE TOKEN",
		    "its token is none of api_tokens with scope login (or this "
		    "user can't read them): it is not answered");
	if (str_is(value_of(conf, "reject_on_fail"), STR("yes")))
		check_say(c, CHECK_FAIL, "dovecot",
		    "auth_policy_reject_on_fail = no",
		    "nobody logs in while outpostd is stopped");
	if (str_is(value_of(conf, "check_before_auth"), STR("no")))
		check_say(c, CHECK_WARN, "dovecot",
		    "auth_policy_check_before_auth = yes",
		    "it doesn't ask before a login");
	if (c->settings->daemon.auth_policy_facts &&
	    str_is(value_of(conf, "report_after_auth"), STR("no")))
		check_say(c, CHECK_FAIL, "dovecot",
		    "auth_policy_report_after_auth = yes",
		    "auth_policy_facts is on, and it reports no login: none "
		    "counts");
}

void
check_dovecot(struct check *c)
{
	const char *file = client_option(c->line, "dovecot-config");
	const char *const argv[] = {"doveconf", file ? "-c" : "-f",
	    file ? file : "service=auth", "auth_policy_server_url",
	    "auth_policy_hash_nonce", "auth_policy_server_api_header",
	    "auth_policy_check_before_auth", "auth_policy_report_after_auth",
	    "auth_policy_reject_on_fail", NULL};
	/* What stands in a block of this name is nowhere else in 2.4. */
	const char *const block[] = {"doveconf", file ? "-c" : "-f",
	    file ? file : "service=auth", "auth_policy", NULL};
	bool is_meant =
	    c->settings->daemon.auth_policy_facts || has_login_token(c);
	struct text t;

	text_grow(&t, CONF_MAX);
	bool is_there = check_command(argv, &t);
	if (is_there && value_of(text_view(&t), "server_url").n == 0) {
		text_clear(&t);
		(void)check_command(block, &t);
	}
	struct str url = value_of(text_view(&t), "server_url");

	if (is_there && url.n > 0) {
		check_url(c, url);
		check_answers(c, text_view(&t));
	} else if (is_meant) {
		check_say(c,
		    c->settings->daemon.auth_policy_facts ? CHECK_FAIL
							  : CHECK_WARN,
		    "dovecot", MEND_CONF,
		    "%s, but api_tokens has one for it: suspended accounts log "
		    "in to send%s",
		    is_there ? "it asks nobody at logins"
			     : "its configuration can't be read here",
		    c->settings->daemon.auth_policy_facts
			? ", and no login counts (auth_policy_facts)"
			: "");
	}
	text_done(&t);
}
