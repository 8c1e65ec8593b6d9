/* app_counted - which of several nodes counts a complaint */
#include "daemon/app_counted.h"

#include <stdlib.h>

#include "base/redis.h"
#include "daemon/app_state.h"
#include "ledger/keys.h"

#define KEPT "5184000" /* SEEN_DAYS */

struct asking {
	struct app *app;
	app_counted_fn *answer;
	void *ctx;
};

bool
app_counted_is_asked(struct app *a)
{
	struct redis *r = app_board_redis(a->board);

	return r && redis_is_up(r) &&
	       strcmp(a->settings->daemon.redis_uri, "managed") != 0;
}

static void
on_owner(void *ctx, const struct redis_reply *r)
{
	struct asking *q = ctx;
	app_counted_fn *answer = q->answer;
	void *answer_ctx = q->ctx;
	/* Without books we are on the way out. */
	bool is_elsewhere =
	    q->app->books && r && redis_reply_type(r) == REDIS_STRING &&
	    !str_is(redis_reply_text(r), books_node(q->app->books));

	free(q);
	answer(answer_ctx, is_elsewhere);
}

void
app_counted_ask(struct app *a, const uint8_t key[SEEN_KEY],
    app_counted_fn *answer, void *ctx)
{
	struct redis *r = app_board_redis(a->board);
	struct asking *q = xalloc(1, sizeof(*q));
	char name[sizeof(KEYS_COUNTED) + 2 * SEEN_KEY];
	struct text t;

	*q = (struct asking){a, answer, ctx};
	text_init(&t, name, sizeof(name));
	text_add(&t, KEYS_COUNTED);
	text_hex(&t, key, SEEN_KEY);
	const struct str set[] = {STR("SET"), text_view(&t),
	    books_node(a->books), STR("NX"), STR("EX"), STR(KEPT)};
	const struct str get[] = {STR("GET"), text_view(&t)};

	redis_ask(r, set, 6, NULL, NULL);
	redis_ask(r, get, 2, on_owner, q);
}
