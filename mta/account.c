/* account - who sends, under one name */
#include "mta/account.h"

static unsigned char
lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* The bit of how a name or a pattern begins. */
static inline uint64_t
begin_bit(const char *p)
{
	unsigned first = lower((unsigned char)p[0]);
	unsigned second = lower((unsigned char)p[1]);

	return UINT64_C(1) << ((first * 31 + second) & 63);
}

static uint64_t
begins_of(const struct setting_list *patterns)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < patterns->n; i++) {
		const char *p = patterns->v[i];

		if (!p[0] || !p[1] || p[0] == '*' || p[1] == '*')
			return UINT64_MAX;
		bits |= begin_bit(p);
	}
	return bits;
}

void
account_rules_init(struct account_rules *r, const struct mta_settings *settings)
{
	*r = (struct account_rules){
	    .default_realm = str_from(settings->default_realm),
	    .strip_suffixes = settings->strip_suffixes,
	    .shared_accounts = settings->shared_accounts,
	    .never_shared = ~begins_of(&settings->shared_accounts),
	    .trusted_clients = settings->trusted_clients,
	};
}

/* The usual matching with one point to come back to: linear in practice,
 * at worst the product of both lengths. */
bool
account_matches(const char *pattern, struct str s)
{
	const char *star = NULL;
	size_t i = 0, back = 0;

	while (i < s.n) {
		if (*pattern == '*') {
			star = ++pattern;
			back = i;
		} else if (*pattern && lower((unsigned char)*pattern) ==
					   lower((unsigned char)s.p[i])) {
			pattern++;
			i++;
		} else if (star) {
			pattern = star;
			i = ++back;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

/* Not all of it is printable ASCII, or there is no room for it. */
__attribute__((noinline)) static void
add_odd(struct text *out, struct str s)
{
	char buf[ACCOUNT_MAX];
	bool is_ascii = true;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x80)
			is_ascii = false;
		buf[i] = c < 0x20 || c == 0x7f ? '?' : (char)lower(c);
	}
	if (is_ascii)
		text_bytes(out, buf, s.n);
	else
		text_printable(out, str_make(buf, s.n));
}

/* Eight bytes, lower-case. Not 0: one of them isn't printable ASCII. */
static inline uint64_t
fold_word(char *to, const char *from)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t w;

	memcpy(&w, from, 8);
	uint64_t del = w ^ 0x7f * ones;
	/* Some byte is under a blank, 0x7f, or over it. */
	uint64_t bad = ((w - 0x20 * ones) & ~w) | ((del - ones) & ~del) | w;

	w = str_fold8(w);
	memcpy(to, &w, 8);
	return bad & 0x80 * ones;
}

static bool
fold_few(char *to, const char *from, size_t n)
{
	char few[8];

	if (n == 0)
		return true;
	memset(few, ' ', sizeof(few));
	memcpy(few, from, n);
	uint64_t bad = fold_word(few, few);
	memcpy(to, few, n);
	return bad == 0;
}

/* Lower-case. false: something isn't printable ASCII. Names are short: a copy
 * beforehand would take longer than all the rest. */
static bool
fold(char *to, const char *from, size_t n)
{
	if (n < 8)
		return fold_few(to, from, n);
	for (size_t i = 0; i + 8 < n; i += 8) {
		if (fold_word(to + i, from + i))
			return false;
	}
	/* Some of them once more. */
	return !fold_word(to + n - 8, from + n - 8);
}

/* Append s, lower-case and printable, cut at a character's begin so that the
 * whole has at most ACCOUNT_MAX bytes. */
static void
add_lower(struct text *out, struct str s)
{
	s = str_head(s, ACCOUNT_MAX);
	if (s.n < out->cap - out->n && fold(out->p + out->n, s.p, s.n)) {
		out->n += s.n;
		out->p[out->n] = '\0';
	} else {
		add_odd(out, s);
	}
	while (out->n > ACCOUNT_MAX ||
	       (out->is_cut && out->n > 0 && out->p[out->n - 1] < 0))
		out->p[--out->n] = '\0';
}

/* Where the first suffix that matches to the end begins; never 0, so that a
 * login doesn't vanish. */
static size_t
unsuffixed(const struct account_rules *r, struct str s)
{
	for (size_t i = 1; i < s.n; i++) {
		for (size_t k = 0; k < r->strip_suffixes.n; k++) {
			if (account_matches(
				r->strip_suffixes.v[k], str_skip(s, i)))
				return i;
		}
	}
	return s.n;
}

static bool
is_reserved(struct str s)
{
	static const char *const kinds[] = {
	    "uid:", "ip:", "fwd:", "cert:", "login:"};

	if (str_find_char(s, ':') < 0)
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct str kind = str_from(kinds[i]);

		if (str_is_nocase(str_head(s, kind.n), kind))
			return true;
	}
	return false;
}

bool
account_from_login(
    const struct account_rules *r, struct str login, struct text *out)
{
	login = str_head(str_trim(login), ACCOUNT_MAX);
	if (login.n == 0)
		return false;
	ptrdiff_t at = str_find_last(login, STR("@"));
	struct str local = at < 0 ? login : str_head(login, (size_t)at);
	struct str realm =
	    at < 0 ? r->default_realm : str_skip(login, (size_t)at + 1);

	if (r->strip_suffixes.n > 0) {
		local.n = unsuffixed(r, local);
		realm.n = at < 0 ? realm.n : unsuffixed(r, realm);
	}
	if (is_reserved(local))
		text_add(out, "login:");
	if (at >= 0 && local.n + 1 + realm.n == login.n && realm.n > 0) {
		add_lower(out, login); /* as it is: most are */
		return true;
	}
	add_lower(out, local);
	if (realm.n > 0) {
		text_char(out, '@');
		add_lower(out, realm);
	}
	return true;
}

bool
account_from_certificate(struct str subject, struct text *out)
{
	subject = str_trim(subject);
	if (subject.n == 0)
		return false;
	text_add(out, "cert:");
	add_lower(out, subject);
	return true;
}

bool
account_from_client(
    const struct account_rules *r, const struct ip *client, struct text *out)
{
	if (!ip_nets_has(&r->trusted_clients, client))
		return false;
	text_add(out, "ip:");
	ip_format(out, client);
	return true;
}

bool
account_from_forward(struct str address, struct text *out)
{
	if (address.n == 0)
		return false;
	text_add(out, "fwd:");
	add_lower(out, address);
	return true;
}

void
account_from_uid(uint32_t uid, struct str name, struct text *out)
{
	text_add(out, "uid:");
	if (name.n > 0)
		add_lower(out, name);
	else
		text_u64(out, uid);
}

bool
account_of(const struct account_rules *r, struct str login,
    struct str certificate, const struct ip *client, struct text *out)
{
	return account_from_login(r, login, out) ||
	       account_from_certificate(certificate, out) ||
	       account_from_client(r, client, out);
}

/* Most patterns are ruled out by their first letters. */
static inline bool
may_match(const char *pattern, struct str s)
{
	for (size_t i = 0; i < s.n && i < 3; i++) {
		if (pattern[i] == '*')
			return true;
		if (lower((unsigned char)pattern[i]) !=
		    lower((unsigned char)s.p[i]))
			return false;
	}
	return true;
}

bool
account_is_shared(const struct account_rules *r, struct str account)
{
	if (account.n >= 2 && (r->never_shared & begin_bit(account.p)))
		return false;
	for (size_t i = 0; i < r->shared_accounts.n; i++) {
		const char *pattern = r->shared_accounts.v[i];

		if (may_match(pattern, account) &&
		    account_matches(pattern, account))
			return true;
	}
	return false;
}

struct str
account_domain(struct str account)
{
	ptrdiff_t at = str_find_last(account, STR("@"));

	if (at < 0 || str_starts(account, STR("fwd:")) ||
	    str_starts(account, STR("cert:")))
		return STR("");
	return str_skip(account, (size_t)at + 1);
}

void
account_claimed(struct str sender, struct text *out)
{
	add_lower(out, sender);
}
