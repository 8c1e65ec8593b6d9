/* postfix_table_client - a network as check_client_access looks for it
 *
 * smtpd looks for the address, then for what remains as it cuts the last part
 * off, again and again: "192.0.2.7", "192.0.2", "192.0"; "2001:db8::1",
 * "2001:db8:", "2001:db8", "2001". IPv6 addresses are spelt as inet_ntop does,
 * so a network has several keys: its zeros may be part of a longer row.
 */
#include "mta/postfix_table.h"

enum { KEYS_LOG = 8, GROUPS = 8 };

struct spelt {
	postfix_table_key_fn *on_key;
	void *ctx;
};

static void
spell_v4(const struct spelt *s, const uint8_t *b, int octets)
{
	char buf[16];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	for (int i = 0; i < octets; i++)
		text_printf(&t, "%s%d", i ? "." : "", b[i]);
	s->on_key(s->ctx, text_view(&t));
}

static unsigned
group(const uint8_t *b, int i)
{
	return (unsigned)b[2 * i] << 8 | b[2 * i + 1];
}

static void
print_groups(struct text *t, const uint8_t *b, int from, int to)
{
	for (int i = from; i < to; i++)
		text_printf(t, "%s%x", i > from ? ":" : "", group(b, i));
}

/* Without those in [from, to), which "::" stands for; half of it was cut off
 * when they are the last. */
static void
spell_groups(const struct spelt *s, const uint8_t *b, int n, int from, int to)
{
	char buf[64];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	print_groups(&t, b, 0, from);
	if (from < n)
		text_add(&t, to < n ? "::" : ":");
	print_groups(&t, b, to, n);
	s->on_key(s->ctx, text_view(&t));
}

/* The first group after the zeros that begin at i. */
static int
zeros_end(const uint8_t *b, int n, int i)
{
	while (i < n && group(b, i) == 0)
		i++;
	return i;
}

/* Zeros at the end, more than two, may be cut in their middle: what remains
 * then names more than the network. */
static bool
can_spell_v6(const uint8_t *b, int n)
{
	int zeros = 0;

	while (zeros < n && group(b, n - 1 - zeros) == 0)
		zeros++;
	return zeros <= 2 && zeros < n;
}

static void
spell_v6(const struct spelt *s, const uint8_t *b, int n)
{
	spell_groups(s, b, n, n, n);
	for (int i = 0; i < n; i++) {
		int end = zeros_end(b, n, i);

		if (end == n || end - i >= 2)
			spell_groups(s, b, n, i, end);
		if (end > i)
			i = end;
	}
}

static void
spell_address(const struct spelt *s, const struct ip *ip)
{
	char buf[64];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	ip_format(&t, ip);
	s->on_key(s->ctx, text_view(&t));
}

/* Counts the unit up that ends with the byte before `end`. */
static void
step(uint8_t *b, int end)
{
	while (end-- > 0 && ++b[end] == 0)
		continue;
}

bool
postfix_table_client_keys(
    const struct ip_net *net, postfix_table_key_fn *on_key, void *ctx)
{
	const struct spelt s = {on_key, ctx};
	bool is_v4 = ip_is_v4(&net->ip) && net->bits >= 96;
	int unit = is_v4 ? 8 : 16, bits = is_v4 ? net->bits - 96 : net->bits;
	int units = (bits + unit - 1) / unit, spare = units * unit - bits;
	struct ip ip = net->ip;
	uint8_t *b = ip.b + (is_v4 ? 12 : 0);

	if (net->bits == 128) {
		spell_address(&s, &net->ip);
		return true;
	}
	if (bits == 0 || spare > KEYS_LOG)
		return false;
	for (int i = 0; !is_v4 && i < 1 << spare; i++) {
		if (!can_spell_v6(b, units))
			return false;
		step(b, units * 2);
	}
	ip = net->ip;
	for (int i = 0; i < 1 << spare; i++) {
		if (is_v4)
			spell_v4(&s, b, units);
		else
			spell_v6(&s, b, units);
		step(b, is_v4 ? units : units * 2);
	}
	return true;
}
