/* suppressed - who wants no more mail of an account */
#include "fbl/suppressed.h"

#include "fbl/noted.h"

/* The account, a NUL, the address in lower case. */
static struct str
make_key(struct str account, struct str address, struct text *out)
{
	text_str(out, account);
	text_char(out, '\0');
	for (size_t i = 0; i < address.n; i++) {
		char b = address.p[i];

		text_char(out, b >= 'A' && b <= 'Z' ? (char)(b | 32) : b);
	}
	return out->is_cut ? STR("") : text_view(out);
}

static struct str
until_nul(struct str *rest)
{
	ptrdiff_t at = str_find_char(*rest, '\0');
	struct str head = at < 0 ? *rest : str_head(*rest, (size_t)at);

	*rest = at < 0 ? STR("") : str_skip(*rest, (size_t)at + 1);
	return head;
}

/* In the place of the reason. */
static const struct str ended = STR_INIT("ended");

static bool
is_opt_out(const struct kept_item *i)
{
	struct suppressed s;

	return suppressed_read(i, &s) &&
	       str_is(s.why, str_from(fact_kind_text(FACT_OPT_OUT)));
}

static bool
is_on(const struct kept_item *i)
{
	struct suppressed s;

	return i && suppressed_read(i, &s);
}

static void
put(struct kept *k, struct str key, struct str why, struct str reporter,
    int64_t now)
{
	char buf[512];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_str(&t, why);
	text_char(&t, '\0');
	text_printable(&t, str_head(reporter, 200));
	kept_put(k, key, text_view(&t), kept_time(k, key, now));
}

static bool
add(struct kept *k, const struct complaint *c, struct str key, int64_t now)
{
	const struct kept_item *old = kept_find(k, key);

	if (is_on(old) && (c->fact != FACT_OPT_OUT || is_opt_out(old)))
		return false;
	put(k, key, str_from(fact_kind_text(c->fact)), c->reporter, now);
	return true;
}

bool
suppressed_note(
    struct kept *k, const struct complaint *c, struct str account, int64_t now)
{
	char buf[KEPT_KEY + 1];
	struct text t;

	if (!c->is_vouched || !noted_is_address(c->complainer))
		return false;
	text_init(&t, buf, sizeof(buf));
	struct str key = make_key(account, c->complainer, &t);
	const struct kept_item *old = kept_find(k, key);

	if (key.n == 0)
		return false;
	switch (c->fact) {
	case FACT_COMPLAINT:
	case FACT_TRAP:
	case FACT_OPT_OUT:
		return add(k, c, key, now);
	case FACT_NOT_SPAM:
		if (!is_on(old) || is_opt_out(old))
			return false;
		put(k, key, ended, c->reporter, now);
		return true;
	default:
		return false;
	}
}

bool
suppressed_has(const struct kept *k, struct str account, struct str address)
{
	char buf[KEPT_KEY + 1];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	return k->items.n > 0 &&
	       is_on(kept_find(k, make_key(account, address, &t)));
}

bool
suppressed_end(
    struct kept *k, struct str account, struct str address, int64_t at)
{
	char buf[KEPT_KEY + 1];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	struct str key = make_key(account, address, &t);
	const struct kept_item *old = kept_find(k, key);

	if (key.n == 0 || (old && old->at >= at))
		return false;
	kept_put(k, key, ended, at);
	return true;
}

int64_t
suppressed_end_at(
    const struct kept *k, struct str account, struct str address, int64_t now)
{
	char buf[KEPT_KEY + 1];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	return kept_time(k, make_key(account, address, &t), now);
}

bool
suppressed_read(const struct kept_item *i, struct suppressed *out)
{
	struct str key = i->key, value = i->value;

	out->account = until_nul(&key);
	out->address = key;
	out->why = until_nul(&value);
	out->reporter = value;
	out->since = i->at;
	return !str_is(out->why, ended);
}
