/* redis_login - the URI of the Redis that hosts share, with its password */
#include "daemon/redis_login.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { PASSWORD = 512 };

static int
read_password(const char *path, char line[PASSWORD], struct error *err)
{
	FILE *f = fopen(path, "re");
	bool is_read = f && fgets(line, PASSWORD, f);
	int why = f ? EINVAL : errno;

	if (f)
		fclose(f);
	if (!is_read)
		return error_set(
		    err, "redis_password_file: %s: %s", path, strerror(why));
	line[strcspn(line, "\r\n")] = '\0';
	return 0;
}

int
redis_login_uri(const struct daemon_settings *s, char uri[REDIS_LOGIN_URI],
    struct error *err)
{
	struct str rest = str_from(s->redis_uri), user = STR("");
	char password[PASSWORD] = "";
	struct text t;

	text_init(&t, uri, REDIS_LOGIN_URI);
	if (!*s->redis_password_file) {
		text_str(&t, rest);
		return 0;
	}
	if (!str_take(&rest, STR("redis://")))
		return error_set(err, "redis_password_file: redis_uri must be "
				      "redis://[USER@]HOST");
	ptrdiff_t at = str_find_last(rest, STR("@"));

	if (at >= 0) {
		user = str_head(rest, (size_t)at);
		rest = str_skip(rest, (size_t)at + 1);
	}
	if (str_find_char(user, ':') >= 0)
		return error_set(
		    err, "redis_password_file: redis_uri has a password, too");
	if (read_password(s->redis_password_file, password, err) < 0)
		return -1;
	text_printf(&t, "redis://%.*s:", STR_ARG(user));
	for (const char *p = password; *p; p++)
		text_printf(&t, "%%%02x", (unsigned)(unsigned char)*p);
	text_printf(&t, "@%.*s", STR_ARG(rest));
	explicit_bzero(password, sizeof(password));
	return t.is_cut ? error_set(err, "redis_uri: too long") : 0;
}
