/* desk_export - what other programs take over: `outpost export` */
#include "base/ip.h"
#include "daemon/desk_page.h"

struct export
{
	struct desk *desk;
	const struct ip_nets *front_ends;
	int64_t now;
	struct desk_page page;
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
	char text[64];
	struct text t;

	if ((kind != SUBJECT_CLIENT && kind != SUBJECT_NETWORK) ||
	    state->rung != STANDING_SUSPENDED || !ip_net_parse(key, &net) ||
	    has_front_end(e, &net) || is_covered(e, &net))
		return;
	text_init(&t, text, sizeof(text));
	ip_net_format(&t, &net);
	desk_page_text(&e->page, text_view(&t));
	desk_page_i64(&e->page, state->since);
	desk_page_i64(&e->page, state->until);
	desk_page_i64(&e->page, state->is_operator);
	desk_page_text(&e->page, str_from(state->reason));
}

static void
export_blocked(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct export e = {.desk = d,
	    .front_ends = &pipeline_settings(d->pipeline)->mta.front_ends,
	    .now = d->now(d->ctx)};
	struct standings_walk w;
	struct str at;

	if (!desk_page_take(d, q, &at, r) || !desk_page_walk(d, at, &w))
		return;
	desk_page_open(&e.page, "nobody", 1, r);
	desk_page_column(&e.page, "network", DESK_CELL_TEXT);
	desk_page_column(&e.page, "since", DESK_CELL_TIME);
	desk_page_column(&e.page, "until", DESK_CELL_TIME);
	desk_page_column(&e.page, "operator", DESK_CELL_COUNT);
	desk_page_column(&e.page, "reason", DESK_CELL_TEXT);
	standings_walk(pipeline_standings(d->pipeline), &w, DESK_PAGE_EFFORT,
	    STANDING_SUSPENDED, e.now, add, &e);
	desk_page_close_at(&e.page, d, w.left);
}

void
desk_export(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct str format = control_option(q, "format");

	if (q->n_args != 1)
		control_fail(r, EXIT_USAGE, "usage: outpost export %s",
		    commands[q->command].usage);
	else if (str_is(q->args[0], STR("suppressed")))
		desk_export_suppressed(d, q, r);
	else if (!str_is(q->args[0], STR("blocked")))
		desk_case(d, q, r);
	else if (format.n > 0 && !str_is(format, STR("json")) &&
		 !str_is(format, STR("nft")) && !str_is(format, STR("plain")))
		control_fail(
		    r, EXIT_USAGE, "--format must be plain, nft or json");
	else
		export_blocked(d, q, r);
}
