/* token - which program asks */
#include "config/token.h"

#include <string.h>

#include "base/crypto.h"
#include "base/log.h"
#include "config/secret_line.h"

enum { TOKEN_MIN = 20 };

static const struct {
	struct str word;
	enum token_scope scope;
} scopes[] = {
    {STR_INIT("read"), TOKEN_READ},
    {STR_INIT("decide"), TOKEN_DECIDE},
    {STR_INIT("password"), TOKEN_PASSWORD},
    {STR_INIT("login"), TOKEN_LOGIN},
    {STR_INIT("report"), TOKEN_REPORT},
};

static unsigned
scope_of(struct str word)
{
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		if (str_is(word, scopes[i].word))
			return scopes[i].scope;
	}
	return 0;
}

static int
parse_scopes(struct str words, struct token *out, struct error *err)
{
	while (words.n > 0) {
		struct str word = words;

		if (!str_cut(&words, '+', &word))
			words = STR("");
		unsigned scope = scope_of(str_trim(word));

		if (!scope)
			return error_set(err,
			    "there is no scope \"%.*s\", but read, decide, "
			    "password, login, report",
			    STR_ARG(str_trim(word)));
		out->scopes |= scope;
	}
	return 0;
}

int
token_parse(const char *entry, struct token *out, struct error *err)
{
	struct str file = str_from(entry), words = {"", 0}, name;

	if (!str_cut(&file, '=', &words) || file.n == 0)
		return error_set(err, "\"%s\": NAME=FILE is needed", entry);
	name = words;
	if (!str_cut(&words, ':', &name))
		words = STR("");
	*out = (struct token){.name = str_trim(name), .file = file.p};
	if (out->name.n == 0)
		return error_set(err, "\"%s\": NAME is missing", entry);
	return parse_scopes(words, out, err);
}

int
token_check(const struct setting_list *l, struct error *err)
{
	for (size_t i = 0; i < l->n; i++) {
		struct token t;

		if (token_parse(l->v[i], &t, err) < 0)
			return error_prefix(err, "api_tokens");
		if (!t.scopes)
			return error_set(err,
			    "api_tokens: \"%s\": NAME:SCOPE=FILE is needed",
			    l->v[i]);
	}
	return 0;
}

/* Takes the same time wherever they differ. */
static bool
is_same(struct str a, struct str b)
{
	struct crypto_key key;
	uint8_t x[32], y[32];
	unsigned differ = 0;

	crypto_random(&key, sizeof(key));
	crypto_hmac(&key, a, x);
	crypto_hmac(&key, b, y);
	for (size_t i = 0; i < sizeof(x); i++)
		differ |= x[i] ^ y[i];
	return differ == 0;
}

static bool
is_in_file(
    const char *setting, struct str token, const char *file, bool *is_told)
{
	char line[SECRET_LINE];
	struct error err;

	if (secret_line_read(file, line, &err) < 0) {
		if (!*is_told)
			log_error("%s: %s; who has that token is refused (told "
				  "once)",
			    setting, err.text);
		*is_told = true;
		return false;
	}
	bool is = strlen(line) >= TOKEN_MIN && is_same(token, str_from(line));

	explicit_bzero(line, sizeof(line));
	return is;
}

bool
token_find(const char *setting, const struct setting_list *l,
    const struct http_head *head, bool *is_told, struct token *out)
{
	struct str value = http_field(head, STR("Authorization"));
	bool is_found = false;
	struct error err;

	if (str_is_nocase(str_head(value, 7), STR("Bearer ")))
		value = str_trim(str_skip(value, 7));
	else
		value = http_field(head, STR("X-API-Key"));
	if (value.n == 0)
		return false;
	for (size_t i = 0; i < l->n; i++) {
		struct token t = {.scopes = 0};

		if (token_parse(l->v[i], &t, &err) == 0 &&
		    is_in_file(setting, value, t.file, is_told)) {
			*out = t;
			is_found = true;
		}
	}
	return is_found;
}
