/* pool_tables - what the tables of pools say */
#include "daemon/pool_tables.h"

enum { PLACE = POOL_NAME + 16 };

const struct pool_way *
pool_view_way(const struct pool_view *v, const char *provider)
{
	for (size_t i = 0; i < v->n_ways; i++) {
		if (strcmp(v->ways[i].provider, provider) == 0)
			return &v->ways[i];
	}
	return NULL;
}

static void
put_place(const struct pool_view *v, size_t pool, unsigned place,
    pool_put_fn *put, void *ctx)
{
	const struct pool_ip *ip = steer_place(&v->steer, pool, place);
	char key[PLACE], value[PLACE];
	struct text t, w;

	if (!ip)
		return;
	text_init(&t, key, sizeof(key));
	steer_print_place(&v->steer, pool, place, &t);
	text_init(&w, value, sizeof(value));
	text_printf(&w, "%s:", ip->name);
	put(ctx, text_view(&t), text_view(&w));
}

void
pool_put_places(const struct pool_view *v, pool_put_fn *put, void *ctx)
{
	if (!steer_is_on(&v->steer))
		return;
	for (size_t pool = 0; pool < pools_count(v->steer.pools); pool++) {
		for (unsigned i = 0; i < STEER_PLACES; i++)
			put_place(v, pool, i, put, ctx);
	}
}

static void
put_sender(const struct pool_view *v, struct str key, size_t pool,
    pool_put_fn *put, void *ctx)
{
	char value[PLACE];
	struct text t;

	text_init(&t, value, sizeof(value));
	steer_print_place(&v->steer, pool, steer_place_of(key), &t);
	put(ctx, key, text_view(&t));
}

struct dedicated {
	const struct pool_view *view;
	pool_put_fn *put;
	void *ctx;
};

static void
on_account(void *ctx, struct str key, size_t pool)
{
	struct dedicated *d = ctx;

	put_sender(d->view, key, pool, d->put, d->ctx);
}

/* By the domain, as Postfix asks second. */
static void
on_domain(void *ctx, struct str key, size_t pool)
{
	char at[320];
	struct text t;

	text_init(&t, at, sizeof(at));
	text_char(&t, '@');
	text_str(&t, key);
	if (!t.is_cut)
		on_account(ctx, text_view(&t), pool);
}

void
pool_put_dedicated(const struct pool_view *v, pool_put_fn *put, void *ctx)
{
	struct dedicated d = {v, put, ctx};

	if (!steer_is_on(&v->steer))
		return;
	put_sender(v, STR("<>"), POOL_BOUNCE, put, ctx);
	pools_each_account(v->steer.pools, on_account, &d);
	pools_each_domain(v->steer.pools, on_domain, &d);
}

/* A login that is an address: the envelope sender that is surely its own. */
static bool
is_sender(struct str account)
{
	ptrdiff_t at = str_find_char(account, '@');

	return at > 0 && (size_t)at + 1 < account.n &&
	       str_find_char(account, ':') < 0 &&
	       str_find_char(account, ' ') < 0;
}

void
pool_put_account(const struct pool_view *v, struct str account,
    enum standing rung, pool_put_fn *put, void *ctx)
{
	if (rung == STANDING_GOOD || !is_sender(account) ||
	    !steer_has_pool(&v->steer, POOL_RISK) ||
	    pools_of_account(v->steer.pools, account) != SIZE_MAX)
		return;
	put_sender(v, account, POOL_RISK, put, ctx);
}

void
pool_put_sender(const struct pool_view *v, struct str account, size_t pool,
    pool_put_fn *put, void *ctx)
{
	ptrdiff_t at = str_find_char(account, '@');

	if (!is_sender(account) ||
	    pools_of_domain(
		v->steer.pools, str_skip(account, (size_t)at + 1)) != SIZE_MAX)
		return;
	put_sender(v, account,
	    steer_has_pool(&v->steer, pool) ? pool : POOL_DEFAULT, put, ctx);
}

void
pool_print_way(const struct pool_view *v, const struct pool_way *w,
    struct str domain, struct text *out)
{
	const struct pool_ip *ip = steer_domain(&v->steer, &w->to, domain);

	if (ip)
		text_printf(out, "%s:", ip->name);
}
