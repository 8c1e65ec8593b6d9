/* ledger_countries - in which countries a subject's networks are */
#include "ledger/ledger_state.h"

struct seen_country {
	uint16_t code;
	bool is_lately, is_known;
};

void
ledger_set_country(struct ledger *l, ledger_country_fn *fn, void *ctx)
{
	l->country = fn;
	l->country_ctx = ctx;
}

static struct seen_country *
get_country(struct seen_country *v, size_t *n, uint16_t code)
{
	size_t i = 0;

	while (i < *n && v[i].code != code)
		i++;
	if (i == *n)
		v[(*n)++] = (struct seen_country){.code = code};
	return &v[i];
}

struct subject_countries
subject_countries(const struct ledger *l, const struct subject *s,
    int64_t window, int64_t now)
{
	struct subject_network nets[SUBJECT_NETWORKS];
	struct seen_country v[SUBJECT_NETWORKS];
	struct subject_countries out = {0, 0};
	size_t n = 0, n_nets = l->country ? subject_networks(s, nets) : 0;
	bool has_home = false;

	for (size_t i = 0; i < n_nets; i++) {
		uint16_t code = l->country(l->country_ctx, &nets[i].net.ip);
		struct seen_country *c;

		if (!code)
			continue;
		c = get_country(v, &n, code);
		c->is_lately |= nets[i].last_seen > now - window;
		c->is_known |= nets[i].first_seen <= now - l->known_after;
		has_home |= c->is_known;
	}
	for (size_t i = 0; i < n; i++) {
		out.all += v[i].is_lately;
		out.news += v[i].is_lately && !v[i].is_known && has_home;
	}
	return out;
}
