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

static bool
is_opt_out(const struct kept_item *i)
{
	struct suppressed s;

	suppressed_read(i, &s);
	return str_is(s.why, str_from(fact_kind_text(FACT_OPT_OUT)));
}

static bool
add(struct kept *k, const struct complaint *c, struct str key, int64_t now)
{
	const struct kept_item *old = kept_find(k, key);
	char buf[512];
	struct text t;

	if (old && (c->fact != FACT_OPT_OUT || is_opt_out(old)))
		return false;
	text_init(&t, buf, sizeof(buf));
	text_add(&t, fact_kind_text(c->fact));
	text_char(&t, '\0');
	text_printable(&t, str_head(c->reporter, 200));
	kept_put(k, key, text_view(&t), now);
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
		return old && !is_opt_out(old) && kept_remove(k, key);
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
	       kept_find(k, make_key(account, address, &t)) != NULL;
}

bool
suppressed_end(struct kept *k, struct str account, struct str address)
{
	char buf[KEPT_KEY + 1];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	return kept_remove(k, make_key(account, address, &t));
}

void
suppressed_read(const struct kept_item *i, struct suppressed *out)
{
	struct str key = i->key, value = i->value;

	out->account = until_nul(&key);
	out->address = key;
	out->why = until_nul(&value);
	out->reporter = value;
	out->since = i->at;
}
