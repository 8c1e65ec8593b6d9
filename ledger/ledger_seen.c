/* ledger_seen - to whom and from where a subject sent, as far as is known */
#include "ledger/ledger_state.h"

enum { OTHERS = 64 }; /* nodes that are added up */

uint64_t
subject_distinct_recipients(
    const struct subject *s, int64_t window, int64_t now)
{
	const struct sketch *v[OTHERS];
	struct subject_seen scratch = {0};
	size_t n = 0;

	v[n++] = &subjects_look_seen(s, &scratch)->recipients;
	for (const struct subject_other *o = s->others; o && n < OTHERS;
	     o = o->next)
		v[n++] = &o->seen.recipients;
	uint64_t count = sketch_count(v, n, window, now);

	subject_seen_done(&scratch);
	return count;
}

static void
gather_networks(const struct subject *s, struct networks *out)
{
	struct subject_seen scratch = {0};

	networks_merge(out, &subjects_look_seen(s, &scratch)->networks);
	subject_seen_done(&scratch);
	for (const struct subject_other *o = s->others; o; o = o->next)
		networks_merge(out, &o->seen.networks);
}

size_t
subject_networks(
    const struct subject *s, struct subject_network out[SUBJECT_NETWORKS])
{
	struct networks all = {0};

	gather_networks(s, &all);
	size_t n = all.n;

	for (size_t i = 0; i < n; i++)
		out[i] = (struct subject_network){
		    .net = networks_net(&all.v[i]),
		    .first_seen = ledger_unstamp(all.v[i].first_seen),
		    .last_seen = ledger_unstamp(all.v[i].last_seen),
		};
	networks_done(&all);
	return n;
}

size_t
subject_known(const struct subject *s)
{
	struct subject_seen scratch = {0};
	size_t n = known_count(subjects_look_seen(s, &scratch)->known);

	subject_seen_done(&scratch);
	return n;
}

bool
ledger_has_met(
    const struct ledger *l, const struct subject *s, struct str recipient)
{
	struct subject_seen scratch = {0};
	uint64_t hash = sketch_hash(l->hash_key, recipient);
	bool has = known_has(subjects_look_seen(s, &scratch)->known, hash);

	subject_seen_done(&scratch);
	return has;
}

void
ledger_known_after(struct ledger *l, int64_t seconds)
{
	l->known_after = seconds;
}

uint64_t
subject_foreign_networks(const struct ledger *l, const struct subject *s,
    int64_t window, int64_t now)
{
	int64_t since = now - window, before = now - l->known_after;
	struct networks all = {0};

	if (s->seen && !s->others)
		return networks_foreign(&s->seen->networks, since, before);
	gather_networks(s, &all);
	uint64_t n = networks_foreign(&all, since, before);

	networks_done(&all);
	return n;
}

uint64_t
subject_distinct_networks(const struct subject *s, int64_t window, int64_t now)
{
	struct networks all = {0};

	if (s->seen && !s->others)
		return networks_count(&s->seen->networks, now - window);
	gather_networks(s, &all);
	uint64_t n = networks_count(&all, now - window);

	networks_done(&all);
	return n;
}
