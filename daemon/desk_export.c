/* desk_export - what other programs take over: `outpost export blocked` */
#include <stdlib.h>

#include "base/ip.h"
#include "base/json.h"
#include "base/time.h"
#include "daemon/desk.h"

struct blocked {
	struct ip_net net;
	int64_t since, until;
	char *reason;
	bool is_operator;
};

struct export
{
	struct desk *desk;
	const struct ip_nets *front_ends;
	int64_t now;
	struct blocked *v;
	size_t n, cap;
};

/* A filter knows no exceptions: what has a front end in it is left to Postfix's
 * table, which does. */
static bool
has_front_end(const struct export *e, const struct ip_net *net)
{
	for (size_t i = 0; i < e->front_ends->n; i++) {
		const struct ip_net *f = &e->front_ends->v[i];

		if (ip_net_has(net, &f->ip) || ip_net_has(f, &net->ip))
			return true;
	}
	return false;
}

/* Its network is blocked as well: that will do. */
static bool
is_covered(const struct export *e, const struct ip_net *net)
{
	struct ip_net wide = ip_network(&net->ip);
	struct standing_state state;
	char key[64];
	struct text t;

	if (net->bits <= wide.bits)
		return false;
	text_init(&t, key, sizeof(key));
	ip_net_format(&t, &wide);
	standings_get(pipeline_standings(e->desk->pipeline), SUBJECT_NETWORK,
	    text_view(&t), e->now, &state);
	return state.rung == STANDING_SUSPENDED;
}

static void
add(void *ctx, enum subject_kind kind, struct str key,
    const struct standing_state *state)
{
	struct export *e = ctx;
	struct ip_net net;

	if ((kind != SUBJECT_CLIENT && kind != SUBJECT_NETWORK) ||
	    state->rung != STANDING_SUSPENDED || !ip_net_parse(key, &net) ||
	    has_front_end(e, &net) || is_covered(e, &net))
		return;
	if (e->n == e->cap) {
		e->cap = e->cap ? 2 * e->cap : 64;
		e->v = xrealloc(e->v, e->cap, sizeof(*e->v));
	}
	e->v[e->n++] = (struct blocked){net, state->since, state->until,
	    str_dup(str_from(state->reason)), state->is_operator};
}

static int
compare(const void *a, const void *b)
{
	const struct blocked *x = a, *y = b;

	return memcmp(&x->net, &y->net, sizeof(x->net));
}

static void
print_plain(const struct export *e, struct text *out)
{
	for (size_t i = 0; i < e->n; i++) {
		ip_net_format(out, &e->v[i].net);
		text_char(out, '\n');
	}
}

static void
print_json(const struct export *e, struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open_array(&j, NULL);
	for (size_t i = 0; i < e->n; i++) {
		const struct blocked *b = &e->v[i];
		char net[64];
		struct text t;

		text_init(&t, net, sizeof(net));
		ip_net_format(&t, &b->net);
		json_open(&j, NULL);
		json_str(&j, "network", text_view(&t));
		json_time(&j, "since", b->since);
		json_time(&j, "until", b->until);
		json_bool(&j, "operator", b->is_operator);
		json_str(&j, "reason", str_from(b->reason));
		json_close(&j);
	}
	json_close_array(&j);
	text_char(out, '\n');
}

static void
print_elements(const struct export *e, bool is_v4, struct text *out)
{
	const char *before = "";

	for (size_t i = 0; i < e->n; i++) {
		const struct blocked *b = &e->v[i];

		if (ip_is_v4(&b->net.ip) != is_v4)
			continue;
		if (!*before)
			text_printf(out,
			    "add element inet outpost blocked%c {\n",
			    is_v4 ? '4' : '6');
		text_printf(out, "%s\t", before);
		ip_net_format(out, &b->net);
		if (b->until != TIME_NEVER)
			text_printf(out, " timeout %llds",
			    (long long)(b->until > e->now ? b->until - e->now
							  : 1));
		before = ",\n";
	}
	if (*before)
		text_add(out, "\n}\n");
}

/* A file for nft -f, all at once: the sets as they are now. The rules that use
 * them are the operator's. */
static void
print_nft(const struct export *e, struct text *out)
{
	static const char *const family[] = {"ipv6", "ipv4"};

	for (int is_v4 = 1; is_v4 >= 0; is_v4--) {
		char digit = is_v4 ? '4' : '6';

		if (is_v4)
			text_add(out, "add table inet outpost\n");
		text_printf(out,
		    "add set inet outpost blocked%c { type %s_addr; flags "
		    "interval, timeout; auto-merge; }\n"
		    "flush set inet outpost blocked%c\n",
		    digit, family[is_v4], digit);
		print_elements(e, is_v4, out);
	}
}

void
desk_export(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct str format = control_option(q, "format");
	struct export e = {.desk = d,
	    .front_ends = &pipeline_settings(d->pipeline)->mta.front_ends,
	    .now = d->now(d->ctx)};
	bool is_json = q->is_json || str_is(format, STR("json"));
	bool is_nft = str_is(format, STR("nft"));

	if (q->n_args == 1 && str_is(q->args[0], STR("suppressed"))) {
		desk_export_suppressed(d, q, r);
		return;
	}
	if (q->n_args == 1 && !str_is(q->args[0], STR("blocked"))) {
		desk_case(d, q, r);
		return;
	}
	if (q->n_args != 1 || !str_is(q->args[0], STR("blocked"))) {
		control_fail(r, EXIT_USAGE, "usage: outpost export %s",
		    commands[q->command].usage);
		return;
	}
	if (format.n > 0 && !is_json && !is_nft &&
	    !str_is(format, STR("plain"))) {
		control_fail(
		    r, EXIT_USAGE, "--format must be plain, nft or json");
		return;
	}
	standings_each(pipeline_standings(d->pipeline), e.now, add, &e);
	if (e.n > 1)
		qsort(e.v, e.n, sizeof(*e.v), compare);
	(is_json ? print_json : is_nft ? print_nft : print_plain)(&e, &r->out);
	for (size_t i = 0; i < e.n; i++)
		free(e.v[i].reason);
	free(e.v);
}
