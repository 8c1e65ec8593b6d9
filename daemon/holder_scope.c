/* holder_scope - by which of the stopped a message is held
 *
 * Its account's own sanction goes before its domain's, that before the one of
 * the narrowest network it came from: how long it is held, and what speaks
 * against it, is read there alone. An account that is exempt is held by its own
 * sanction only. Stops stand in one map: an account under its name, which has
 * no control characters, the others after one.
 */
#include "daemon/holder_state.h"

#include <stdlib.h>

enum { KEY_MAX = 400, NET_BITS = 129 };

static struct str
domain_key(struct str domain, struct text *t)
{
	text_add(t, "\n@");
	for (size_t i = 0; i < domain.n; i++) {
		char c = domain.p[i];

		text_char(t, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
	}
	return text_view(t);
}

static struct str
net_key(const struct ip_net *net, struct text *t)
{
	text_add(t, "\n/");
	text_char(t, (char)net->bits);
	text_bytes(t, (const char *)net->ip.b, sizeof(net->ip.b));
	return text_view(t);
}

static struct str
key_of(const struct held_scope *s, struct text *t)
{
	if (s->account.n > 0)
		return s->account;
	return s->domain.n > 0 ? domain_key(s->domain, t) : net_key(&s->net, t);
}

struct holder_account *
holder_find(const struct holder *h, const struct held_scope *s)
{
	char buf[KEY_MAX];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	return map_find(&h->accounts, key_of(s, &t));
}

struct holder_account *
holder_add(struct holder *h, const struct held_scope *s)
{
	char buf[KEY_MAX];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	struct str key = key_of(s, &t);
	struct holder_account *a = xalloc(1, sizeof(*a) + key.n + 1);

	memcpy(a->text, key.p, key.n);
	a->name = str_make(a->text, key.n);
	a->scope = *s;
	if (s->account.n > 0)
		a->scope.account = a->name;
	else if (s->domain.n > 0)
		a->scope.domain = str_skip(a->name, 2);
	else
		h->nets[s->net.bits]++;
	h->n_wide += s->account.n == 0;
	map_put(&h->accounts, a->name, a);
	return a;
}

void
holder_remove(struct holder *h, struct holder_account *a)
{
	bool is_wide = a->scope.account.n == 0;

	h->n_wide -= is_wide;
	if (is_wide && a->scope.domain.n == 0)
		h->nets[a->scope.net.bits]--;
	map_remove(&h->accounts, a->name);
	free(a);
}

static struct holder_account *
find_net(const struct holder *h, const struct ip *client)
{
	struct holder_account *a = NULL;

	if (ip_is_none(client))
		return NULL;
	for (unsigned bits = NET_BITS; bits-- > 0 && !a;) {
		if (h->nets[bits] == 0)
			continue;
		const struct held_scope s = {.net = ip_net_of(client, bits)};

		a = holder_find(h, &s);
	}
	return a;
}

struct holder_account *
holder_stop_of(
    const struct holder *h, struct str account, const struct ip *client)
{
	struct holder_account *a = map_find(&h->accounts, account);
	struct str domain = account_domain(account);

	if (a || h->n_wide == 0 || map_find(&h->exempt, account))
		return a;
	if (domain.n > 0)
		a = holder_find(h, &(struct held_scope){.domain = domain});
	return a ? a : find_net(h, client);
}
