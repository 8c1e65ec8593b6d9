/* app_receivers - which provider takes which domain, learned from the log */
#include "daemon/app_state.h"

bool
app_is_ours(const struct mta_settings *s, struct str address)
{
	struct ip ip;

	return !ip_parse(address, &ip) || ip_nets_has(&s->own_addresses, &ip) ||
	       ip_nets_has(&s->inside_networks, &ip) ||
	       ip_nets_has(&s->outbound_hosts, &ip);
}

void
app_receivers_tried(
    void *ctx, struct str recipient, struct str relay, struct str address)
{
	struct app *a = ctx;
	const struct providers *p = a->settings->providers;
	ptrdiff_t at = str_find_last(recipient, STR("@"));
	struct str domain = str_skip(recipient, (size_t)at + 1);

	if (at < 0 || receivers_knows(a->receivers, p, domain, relay) ||
	    app_is_ours(&a->settings->mta, address) ||
	    !receivers_note(a->receivers, p, domain, relay))
		return;
	const struct pool_view *v = app_pools_view(a->pools);

	/* It may be one that is paused, or in trouble. */
	if (standings_has_kind(
		pipeline_standings(a->pipeline), SUBJECT_PROVIDER) ||
	    (v && v->n_ways > 0))
		a->tables_stale = true;
}
