/* ledger_places - from where an account sends, and what it tries again */
#include "ledger/ledger_state.h"

bool
places_is_abroad(
    const struct subject *s, const struct ip *client, int64_t before)
{
	if (ip_is_none(client))
		return false;
	enum networks_place place =
	    networks_place(&s->seen->networks, client, before);

	for (const struct subject_other *o = s->others; o; o = o->next) {
		enum networks_place there =
		    networks_place(&o->seen.networks, client, before);

		place = there > place ? there : place;
	}
	return place == NETWORKS_ABROAD;
}

bool
ledger_is_abroad(const struct ledger *l, struct subject *s,
    const struct ip *client, int64_t at)
{
	subjects_seen(s);
	return places_is_abroad(s, client, at - l->known_after);
}

/* Of who sends several alike the size is told. */
static bool
is_sprayed_shape(
    struct ledger *l, const struct fact *f, uint32_t account, bool is_alike)
{
	const struct sprayed_message m = {account,
	    f->subject & FACT_SUBJECT_TELLS ? f->subject : 0,
	    is_alike ? f->size_bytes : 0, f->at};

	return sprayed_alike(&l->shapes, &m);
}

bool
places_is_sprayed(
    struct ledger *l, const struct fact *f, const struct ledger_touched *t)
{
	if (f->kind == FACT_LOGIN_FAILED) {
		if (f->account.n > 0)
			sprayed_failed(&l->sprayed, &f->client,
			    (uint32_t)sketch_hash(l->hash_key, f->account),
			    f->at);
		return false;
	}
	if (t->n == 0 || t->v[0]->kind != SUBJECT_ACCOUNT || f->is_shared ||
	    str_starts(f->account, STR("fwd:")))
		return false;
	subjects_seen(t->v[0]);
	if (!places_is_abroad(t->v[0], &f->client, f->at - l->known_after))
		return false;
	uint32_t account = (uint32_t)sketch_hash(l->hash_key, f->account);
	bool is_alike = t->met >> COUNT_ALIKE & 1;
	bool is_shape = is_sprayed_shape(l, f, account, is_alike);

	return sprayed_sent(&l->sprayed, &f->client, account, f->at) ||
	       is_shape;
}

bool
places_is_tried_again(
    struct ledger *l, const struct fact *f, const struct ledger_touched *t)
{
	bool is_again = false;

	if ((f->kind != FACT_ATTEMPT && f->kind != FACT_FOREIGN_SENDER) ||
	    f->recipient.n == 0)
		return false;
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i]->kind == SUBJECT_ACCOUNT)
			is_again = !known_meet(&subjects_seen(t->v[i])->tried,
			    sketch_hash(l->hash_key, f->recipient), f->at);
	return is_again;
}
