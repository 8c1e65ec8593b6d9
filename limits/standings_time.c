/* standings_time - what ends when, and what must be told again */
#include <stdlib.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/time.h"
#include "limits/standings_parts.h"

static void
sooner(int64_t at, int64_t now, int64_t *next)
{
	if (at > now && at < *next)
		*next = at;
}

int64_t
standings_next_end(struct standings *s, int64_t now)
{
	const struct standings_subject *u;

	if (s->next_end > now)
		return s->next_end;
	s->next_end = TIME_NEVER;
	for (size_t i = 0; (u = map_next(&s->subjects, &i));) {
		for (int list = 0; list < KEEP_LISTS; list++) {
			const struct kept_list *l = &u->lists[list];

			for (size_t k = 0; k < l->n; k++)
				sooner(l->v[k]->until, now, &s->next_end);
		}
		struct standing_state state;

		standings_read(s, u, now, &state);
		if (state.rung != STANDING_GOOD)
			sooner(state.until, now, &s->next_end);
	}
	return s->next_end;
}

static bool
has_end(const struct standings_subject *u, const struct kept *k)
{
	char cause[STANDINGS_CAUSE];
	const struct kept_list *l =
	    &u->lists[KEEP_END + (k->rung - STANDING_WATCHED)];

	standings_end_cause(k->cause, cause);
	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->v[i]->cause, cause) == 0)
			return true;
	}
	return false;
}

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

static void
tell_ended(const struct standings_view *v, const struct kept *k,
    standings_ended_fn *each, void *ctx)
{
	if (k->until > v->now || k->until <= v->now - STANDINGS_ENDS ||
	    k->rung == STANDING_WATCHED || has_end(v->u, k))
		return;
	standings_tell(v, k, each, ctx);
}

void
standings_each_ended(
    struct standings *s, int64_t now, standings_ended_fn *each, void *ctx)
{
	const struct standings_subject *u;

	for (size_t i = 0; (u = map_next(&s->subjects, &i));) {
		struct standings_view v;

		standings_look(s, u, now, &v);
		for (int list = KEEP_SANCTION; list < KEEP_END; list++) {
			for (size_t k = 0; k < u->lists[list].n; k++) {
				const struct kept *it = u->lists[list].v[k];

				if (standings_is_alive(&v, it))
					tell_ended(&v, it, each, ctx);
			}
		}
		if (v.operator)
			tell_ended(&v, v.operator, each, ctx);
	}
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

void
standings_live_events(
    struct standings *s, int64_t now, standings_event_fn *each, void *ctx)
{
	const struct standings_subject *u;
	struct event *e = xalloc(1, sizeof(*e));

	for (size_t i = 0; (u = map_next(&s->subjects, &i));) {
		for (int list = 0; list < KEEP_LISTS; list++) {
			const struct kept_list *l = &u->lists[list];

			for (size_t k = 0; k < l->n; k++) {
				if (!must_be_told(
					(enum keep_list)list, l->v[k], now))
					continue;
				if (event_parse(l->v[k]->json, e, NULL))
					each(ctx, e);
			}
		}
	}
	free(e);
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
