/* desk_person - what `outpost show` draws of one subject, beyond its counts */
#include "base/time.h"
#include "daemon/desk_gather.h"
#include "daemon/desk_held.h"
#include "daemon/samples.h"

enum {
	HOUR = 3600,
	MINUTE = 60,
	HOURS = 24,
	MINUTES = 60,
	EVENTS_TOLD = 50,
};

static void
json_series(struct json_out *j, const char *key, struct ledger *l,
    struct subject *s, enum count c, int64_t step, size_t n)
{
	uint64_t v[MINUTES];

	subject_series(l, s, c, step, v, n);
	json_open_array(j, key);
	for (size_t i = 0; i < n; i++)
		json_i64(j, NULL, (int64_t)v[i]);
	json_close_array(j);
}

/* A place that guesses passwords sends nothing: what it does is drawn. */
static void
json_chart(struct json_out *j, struct ledger *l, struct subject *s)
{
	bool is_guesser =
	    subject_sum(l, s, COUNT_RECIPIENTS, HOURS * HOUR) == 0 &&
	    subject_sum(l, s, COUNT_LOGIN_FAILED, HOURS * HOUR) > 0;
	enum count c = is_guesser ? COUNT_LOGIN_FAILED : COUNT_RECIPIENTS;

	json_open(j, "chart");
	json_str(j, "count", str_from(count_text(c)));
	json_time(j, "until", ledger_now(l));
	json_series(j, "hours", l, s, c, HOUR, HOURS);
	json_series(j, "minutes", l, s, c, MINUTE, MINUTES);
	json_close(j);
}

static void
json_networks(struct json_out *j, const struct subject *s)
{
	struct subject_network v[SUBJECT_NETWORKS];
	size_t n = subject_networks(s, v);

	json_open_array(j, "networks");
	for (size_t i = 0; i < n; i++) {
		char buf[64];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		ip_net_format(&t, &v[i].net);
		json_open(j, NULL);
		json_str(j, "network", text_view(&t));
		json_time(j, "first_seen", v[i].first_seen);
		json_time(j, "last_seen", v[i].last_seen);
		json_close(j);
	}
	json_close_array(j);
}

static void
json_samples(struct json_out *j, struct desk *d, const struct desk_subject *s)
{
	const struct sample *v[SAMPLES];
	size_t n = 0;

	if (d->samples && s->kind == SUBJECT_ACCOUNT)
		n = samples_list(d->samples, str_from(s->key), v);
	json_open_array(j, "samples");
	for (size_t i = 0; i < n; i++) {
		char buf[64];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		ip_format(&t, &v[i]->client);
		json_open(j, NULL);
		json_time(j, "at", v[i]->at);
		json_str(j, "instance", str_from(v[i]->instance));
		json_str(j, "queue_id", str_from(v[i]->queue_id));
		json_str(j, "from", str_from(v[i]->sender));
		if (!ip_is_none(&v[i]->client))
			json_str(j, "client", text_view(&t));
		json_i64(j, "recipients", v[i]->recipients);
		json_open_array(j, "to");
		for (size_t k = 0; k < v[i]->n_named; k++)
			json_str(j, NULL, str_from(v[i]->named[k]));
		json_close_array(j);
		json_i64(j, "size", (int64_t)v[i]->size_bytes);
		json_close(j);
	}
	json_close_array(j);
}

struct past {
	struct standings *standings;
	struct json_out *j;
};

/* What was undone is held against nobody: `outpost events` still has it. */
static void
json_past(void *ctx, const struct event *e)
{
	struct past *p = ctx;

	if (e->type == EVENT_UNDONE || standings_is_undone(p->standings, e))
		return;
	char id[EVENT_ID];

	event_id(e, id);
	json_open(p->j, NULL);
	json_str(p->j, "id", str_from(id));
	json_time(p->j, "at", e->at_us / TIME_US);
	json_str(p->j, "type", str_from(event_type_text(e->type)));
	json_str(p->j, "rung", str_from(e->rung));
	json_str(p->j, "rule", str_from(e->rule));
	json_str(p->j, "by", str_from(e->by));
	json_str(p->j, "reason", str_from(e->reason));
	json_bool(p->j, "is_observed", e->is_observed);
	json_str(p->j, "how", str_from(e->how));
	json_close(p->j);
}

/* Of what is more than one account: who is in it. NULL with d->wanted: being
 * gathered. */
static const struct desk_senders *
find_senders(struct desk *d, const struct desk_subject *s)
{
	struct desk_senders_of of = {.window = (int64_t)HOURS * HOUR};

	if (s->kind == SUBJECT_DOMAIN)
		of.domain = str_from(s->key);
	else if (s->kind == SUBJECT_CLIENT || s->kind == SUBJECT_NETWORK)
		of.has_net = ip_net_parse(str_from(s->key), &of.net);
	return of.domain.n > 0 || of.has_net ? desk_senders(d, &of) : NULL;
}

static void
json_accounts(struct json_out *j, struct desk *d, const struct desk_senders *s)
{
	struct ledger *l = pipeline_ledger(d->pipeline);

	json_i64(j, "accounts_known", (int64_t)s->all);
	json_open_array(j, "accounts");
	for (size_t i = 0; i < s->n; i++) {
		struct standing_state state;
		struct str key = str_from(s->v[i].account);
		struct subject *account = ledger_find(l, SUBJECT_ACCOUNT, key);

		if (!account)
			continue;
		standings_get(pipeline_standings(d->pipeline), SUBJECT_ACCOUNT,
		    key, d->now(d->ctx), &state);
		json_open(j, NULL);
		json_str(j, "account", key);
		json_str(j, "standing", str_from(standing_text(state.rung)));
		json_i64(j, "recipients", (int64_t)s->v[i].recipients);
		json_time(j, "last_seen", subject_last_seen(account));
		json_close(j);
	}
	json_close_array(j);
}

void
desk_person_json(
    struct desk *d, const struct desk_subject *s, struct json_out *j)
{
	const struct limits_settings *limits =
	    &pipeline_settings(d->pipeline)->limits;
	struct past past = {pipeline_standings(d->pipeline), j};
	const struct desk_senders *senders = find_senders(d, s);

	if (d->wanted)
		return;
	json_time(j, "now", d->now(d->ctx));
	json_bool(j, "is_enforcing", standings_is_enforcing(past.standings));
	json_i64(j, "probation_for", limits->probation_for);
	json_chart(j, pipeline_ledger(d->pipeline), s->subject);
	json_networks(j, s->subject);
	if (senders)
		json_accounts(j, d, senders);
	json_samples(j, d, s);
	desk_held_json(d, s->kind, str_from(s->key), "held", j);
	json_open_array(j, "history");
	history_each(d->history, str_from(subject_kind_text(s->kind)),
	    str_from(s->key), NULL, EVENTS_TOLD, json_past, &past);
	json_close_array(j);
}
