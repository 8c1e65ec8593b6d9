/* pipeline_nets - sanctions on networks of any length, and on this host */
#include "base/time.h"
#include "daemon/pipeline_state.h"

void
pipeline_note_net(struct pipeline *p, enum subject_kind kind, struct str key)
{
	struct ip_net net;

	if (kind == SUBJECT_NETWORK && ip_net_parse(key, &net) &&
	    net.bits != ip_network(&net.ip).bits)
		p->has_bits[net.bits] = true;
}

static void
note(void *ctx, enum subject_kind kind, struct str key,
    const struct standing_state *state)
{
	(void)state;
	pipeline_note_net(ctx, kind, key);
}

void
pipeline_note_nets(struct pipeline *p)
{
	if (standings_has_kind(p->standings, SUBJECT_NETWORK))
		standings_each(
		    p->standings, pipeline_now_us(p) / TIME_US, note, p);
}

size_t
pipeline_add_nets(struct pipeline *p, const struct ip *client,
    struct pipeline_net nets[PIPELINE_NETS], struct answer_subject *out)
{
	unsigned least = ip_is_v4(client) ? 96 : 0;
	size_t n = 0;

	if (ip_is_none(client))
		return 0;
	for (unsigned bits = 129; bits-- > least && n < PIPELINE_NETS;) {
		struct ip_net net = ip_net_of(client, bits);
		struct pipeline_net *one = &nets[n];
		struct text t;

		if (!p->has_bits[bits])
			continue;
		text_init(&t, one->key, sizeof(one->key));
		ip_net_format(&t, &net);
		standings_get(p->standings, SUBJECT_NETWORK, text_view(&t),
		    ledger_now(p->ledger), &one->state);
		if (one->state.rung > STANDING_WATCHED)
			out[n++] = (struct answer_subject){SUBJECT_NETWORK,
			    str_from(one->key), &one->state, NULL};
	}
	return n;
}

size_t
pipeline_add_node(struct pipeline *p, struct standing_state *state,
    struct answer_subject *out)
{
	struct str label = str_from(p->label);

	if (!standings_has_kind(p->standings, SUBJECT_NODE))
		return 0;
	standings_get(p->standings, SUBJECT_NODE, label,
	    pipeline_now_us(p) / TIME_US, state);
	*out = (struct answer_subject){SUBJECT_NODE, label, state, NULL};
	return 1;
}

void
pipeline_pass_inbound(struct answer_subject *judged, size_t n)
{
	static const struct standing_state good;

	for (size_t i = 0; i < n; i++) {
		if (!judged[i].state->is_operator)
			judged[i].state = &good;
	}
}

void
pipeline_pass_exempt(struct answer_subject *judged, size_t n, int64_t now)
{
	static const struct standing_state good;

	if (judged[0].state->exempt_until <= now)
		return;
	for (size_t i = 1; i < n; i++) {
		if (judged[i].kind != SUBJECT_DOMAIN)
			continue;
		judged[i].state = &good;
		judged[i].verdict = NULL;
	}
}
