/* postfix_table_login - the spellings of a login for check_sasl_access */
#include "mta/postfix_table.h"

/* A spelling as long as an account with a suffix on both sides. */
enum { SPELLING = 3 * ACCOUNT_MAX };

struct spelling {
	const struct account_rules *rules;
	struct str account;
	postfix_table_key_fn *on_key;
	void *ctx;
};

static bool
is_kind(struct str account)
{
	return str_starts(account, STR("uid:")) ||
	       str_starts(account, STR("ip:")) ||
	       str_starts(account, STR("fwd:")) ||
	       str_starts(account, STR("cert:"));
}

/* Suffix i of the rules, the one before the first being none; false when it
 * can't be spelt out. */
static bool
get_suffix(const struct account_rules *r, size_t i, struct str *out)
{
	*out = STR("");
	if (i > 0)
		*out = str_from(r->strip_suffixes.v[i - 1]);
	return str_find_char(*out, '*') < 0;
}

/* Postfix looks up in lower case. Only what the rules lead back to this
 * account is its key: "x+a" is no spelling of "x" with a rule "+b". */
static void
spell(const struct spelling *s, struct str local, struct str realm)
{
	char buf[SPELLING], back[ACCOUNT_TEXT];
	struct text key, account;

	text_init(&key, buf, sizeof(buf));
	text_init(&account, back, sizeof(back));
	text_str(&key, local);
	text_str(&key, realm);
	for (size_t i = 0; i < key.n; i++)
		if (key.p[i] >= 'A' && key.p[i] <= 'Z')
			key.p[i] |= 0x20;
	if (!key.is_cut &&
	    account_from_login(s->rules, text_view(&key), &account) &&
	    str_is(text_view(&account), s->account))
		s->on_key(s->ctx, text_view(&key));
}

static void
spell_local(
    const struct spelling *s, struct str local, struct str realm, bool is_bare)
{
	char buf[SPELLING];
	struct text t;
	struct str suffix;

	for (size_t i = 0; i <= s->rules->strip_suffixes.n; i++) {
		if (!get_suffix(s->rules, i, &suffix))
			continue;
		text_init(&t, buf, sizeof(buf));
		text_str(&t, local);
		text_str(&t, suffix);
		if (t.is_cut)
			continue;
		spell(s, text_view(&t), realm);
		if (is_bare)
			spell(s, text_view(&t), STR(""));
	}
}

void
postfix_table_login_keys(const struct account_rules *rules, struct str account,
    postfix_table_key_fn *on_key, void *ctx)
{
	struct spelling s = {rules, account, on_key, ctx};
	struct str realm, suffix;
	char buf[SPELLING];
	struct text t;
	ptrdiff_t at;

	if (account.n == 0 || is_kind(account))
		return;
	str_take(&account, STR("login:"));
	at = str_find_last(account, STR("@"));
	realm = at < 0 ? STR("") : str_skip(account, (size_t)at);
	if (at >= 0)
		account.n = (size_t)at;
	for (size_t i = 0; i <= rules->strip_suffixes.n; i++) {
		bool is_default =
		    realm.n > 0 && i == 0 &&
		    str_is_nocase(str_skip(realm, 1), rules->default_realm);

		if (!get_suffix(rules, i, &suffix) || (i > 0 && realm.n == 0))
			continue;
		text_init(&t, buf, sizeof(buf));
		text_str(&t, realm);
		text_str(&t, suffix);
		if (!t.is_cut)
			spell_local(&s, account, text_view(&t), is_default);
	}
}
