/* standings_time - what must be told again, and how causes are named */
#include <stdlib.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/time.h"
#include "limits/standings_parts.h"

void
standings_tell(const struct standings_view *v, const struct kept *k,
    standings_ended_fn *each, void *ctx)
{
	each(ctx, &(struct standings_ended){.kind = v->u->kind,
		      .key = v->u->key,
		      .rung = k->rung,
		      .rule = k->rule,
		      .config = k->config,
		      .cause = k->cause,
		      .reason = k->reason,
		      .at = k->at_us / TIME_US,
		      .until = k->until,
		      .mark = k->mark,
		      .is_operator = k->is_operator,
		      .is_observed = k->is_observed});
}

/* What the standing is read from: decisions are kept for good, for they end
 * others; what ended by itself counts for a while. */
static bool
must_be_told(enum keep_list list, const struct kept *k, int64_t now)
{
	if (list < KEEP_END && k->rung == STANDING_SUSPENDED)
		return k->until > now - STANDINGS_REMEMBERED;
	if (list < KEEP_END)
		return k->until > now - STANDINGS_ENDS;
	if (list < KEEP_UNDONE)
		return k->at_us / TIME_US > now - STANDINGS_ENDS;
	if (list == KEEP_TRIED)
		return k->until > now;
	return list != KEEP_WARNING;
}

static void
tell_live(const struct standings_subject *u, int64_t now, struct event *e,
    standings_event_fn *each, void *ctx)
{
	for (int list = 0; list < KEEP_LISTS; list++) {
		const struct kept_list *l = &u->lists[list];

		for (size_t k = 0; k < l->n; k++) {
			if (must_be_told((enum keep_list)list, l->v[k], now) &&
			    event_parse(l->v[k]->json, e, NULL))
				each(ctx, e);
		}
	}
}

bool
standings_walk_live(struct standings *s, struct standings_walk *w, size_t max,
    int64_t now, standings_event_fn *each, void *ctx)
{
	const struct standings_subject *u;
	struct event *e = xalloc(1, sizeof(*e));

	while ((u = standings_walk_next(s, w, &max)))
		tell_live(u, now, e, each, ctx);
	free(e);
	return w->left > 0;
}

/* Not for secrecy: a name that every node makes alike. */
static void
name_cause(const struct text *parts, char out[STANDINGS_CAUSE])
{
	static const struct crypto_key fixed;
	uint8_t mac[32];
	struct text t;

	crypto_hmac(&fixed, text_view(parts), mac);
	text_init(&t, out, STANDINGS_CAUSE);
	text_hex(&t, mac, (STANDINGS_CAUSE - 1) / 2);
}

void
standings_cause(enum subject_kind kind, struct str key, enum standing rung,
    struct str rule, int64_t epoch, bool is_observed, char out[STANDINGS_CAUSE])
{
	char buf[512];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "%s\n%s\n%lld\n%d\n", subject_kind_text(kind),
	    standing_text(rung), (long long)epoch, is_observed);
	text_str(&t, rule);
	text_char(&t, '\n');
	text_str(&t, key);
	name_cause(&t, out);
}

static void
derive_cause(const char *what, const char *cause, char out[STANDINGS_CAUSE])
{
	char buf[64];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "%s\n%s", what, cause);
	name_cause(&t, out);
}

void
standings_end_cause(const char *cause, char out[STANDINGS_CAUSE])
{
	derive_cause("end", cause, out);
}

void
standings_undone_cause(const char *cause, char out[STANDINGS_CAUSE])
{
	derive_cause("undone", cause, out);
}

void
standings_own_cause(const struct event *e, char out[STANDINGS_CAUSE])
{
	char buf[128];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "own\n%lld\n%s\n%llu", (long long)e->at_us, e->node,
	    (unsigned long long)e->seq);
	name_cause(&t, out);
}
