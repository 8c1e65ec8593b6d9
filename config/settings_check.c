/* settings_check - what the daemon could only find out when it is too late */
#include <unistd.h>

#include "base/dns.h"
#include "base/sock.h"
#include "config/settings.h"
#include "config/token.h"

static int
check_address(
    const char *name, const char *form, const char *value, struct error *err)
{
	char address[512];
	struct text t;

	text_init(&t, address, sizeof(address));
	text_printf(&t, "%s%s", form, value);
	if (t.is_cut)
		return error_set(err, "%s: too long", name);
	if (sock_check(address, err) < 0)
		return error_prefix(err, "%s", name);
	return 0;
}

static int
check_web(
    const char *name, const char *value, bool may_be_unix, struct error *err)
{
	bool is_unix = may_be_unix && str_starts(str_from(value), STR("unix:"));

	if (!*value)
		return 0;
	return check_address(name, is_unix ? "" : "inet:", value, err);
}

static int
check_mode(const char *mode, struct error *err)
{
	size_t n = strlen(mode);

	if (n == strspn(mode, "01234567") &&
	    (n == 3 || (n == 4 && *mode == '0')))
		return 0;
	return error_set(err,
	    "policy_mode must be an octal mode such as \"0666\", not \"%s\"",
	    mode);
}

static int
check_path(const char *name, const char *path, struct error *err)
{
	if (*path == '/')
		return 0;
	return error_set(
	    err, "%s must be an absolute path, not \"%s\"", name, path);
}

static int
check_redis(const char *uri, struct error *err)
{
	struct str s = str_from(uri);

	if (strcmp(uri, "managed") == 0 || str_starts(s, STR("redis://")))
		return 0;
	if (str_starts(s, STR("unix:")))
		return check_address("redis_uri", "", uri, err);
	return error_set(err,
	    "redis_uri must be \"managed\", unix:/PATH or redis://HOST:PORT");
}

static int
check_unreleased(const char *word, struct error *err)
{
	if (strcmp(word, "return") == 0 || strcmp(word, "keep") == 0 ||
	    strcmp(word, "release") == 0)
		return 0;
	return error_set(err,
	    "held_unreleased must be return, keep or release, not \"%s\"",
	    word);
}

static int
check_api(const struct daemon_settings *s, struct error *err)
{
	if (token_check(&s->api_tokens, err) < 0)
		return -1;
	if (s->auth_policy_facts && (!*s->api_listen || s->api_tokens.n == 0))
		return error_set(err,
		    "auth_policy_facts needs api_listen and api_tokens: else "
		    "no login would count");
	return 0;
}

int
settings_check(const struct daemon_settings *s, struct error *err)
{
	for (size_t i = 0; i < s->listen.n; i++) {
		if (check_address("listen", "", s->listen.v[i], err) < 0)
			return -1;
	}
	if (check_mode(s->policy_mode, err) < 0 ||
	    check_unreleased(s->held_unreleased, err) < 0 ||
	    check_path("state_dir", s->state_dir, err) < 0 ||
	    check_path("secret_file", s->secret_file, err) < 0 ||
	    check_address("control_socket", "unix:", s->control_socket, err) <
		0)
		return -1;
	if (check_web("http_listen", s->http_listen, false, err) < 0 ||
	    check_web("page_listen", s->page_listen, true, err) < 0 ||
	    check_web("api_listen", s->api_listen, true, err) < 0)
		return -1;
	if (check_api(s, err) < 0 || dns_check(&s->dns_servers, err) < 0)
		return -1;
	return check_redis(s->redis_uri, err);
}

struct dns_options
settings_dns(const struct daemon_settings *s)
{
	return (struct dns_options){
	    .servers = s->dns_servers,
	    .timeout_ms = s->dns_timeout * 1000,
	    .in_flight = s->dns_in_flight,
	    .cache = s->dns_cache,
	    .cache_bytes = s->dns_cache_bytes,
	};
}

void
settings_host(const struct daemon_settings *s, char host[SETTINGS_HOST])
{
	struct text t;

	memset(host, 0, SETTINGS_HOST);
	if (!*s->node_name && gethostname(host, SETTINGS_HOST - 1) == 0)
		return;
	text_init(&t, host, SETTINGS_HOST);
	text_add(&t, s->node_name);
}
