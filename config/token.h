/* token - which program asks: by a secret that stands in a file of its own
 *
 * "NAME=FILE" (xarf_tokens) or "NAME:SCOPE+SCOPE=FILE" (api_tokens). It comes
 * as "Authorization: Bearer TOKEN" or "X-API-Key: TOKEN".
 */
#ifndef CONFIG_TOKEN_H
#define CONFIG_TOKEN_H

#include "base/error.h"
#include "base/setting.h"
#include "web/http.h"

enum token_scope {
	TOKEN_READ = 1,
	TOKEN_DECIDE = 2,
	TOKEN_PASSWORD = 4,
	TOKEN_LOGIN = 8,
	TOKEN_REPORT = 16,
};

struct token {
	struct str name;
	const char *file;
	unsigned scopes; /* 0: none are told */
};

/* Views into the entry. */
int token_parse(const char *entry, struct token *out, struct error *err);
/* All have scopes. */
int token_check(const struct setting_list *l, struct error *err);

/* Whose it is; all are looked at. A file that can't be read is logged when
 * *is_told isn't set yet. false: nobody's. */
bool token_find(const char *setting, const struct setting_list *l,
    const struct http_head *head, bool *is_told, struct token *out);

#endif
