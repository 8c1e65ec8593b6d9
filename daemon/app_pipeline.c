/* app_pipeline - the way from a line to a verdict, and who hears of it */
#include "base/time.h"
#include "daemon/app_complaints.h"
#include "daemon/app_learn.h"
#include "daemon/app_expect.h"
#include "daemon/app_state.h"
#include "daemon/users.h"

static void
on_fact(void *ctx, const struct fact *f)
{
	struct app *a = ctx;

	const struct fbl_settings *s = &a->settings->fbl;

	if (a->learn) {
		app_learn_fact(a, f);
		return;
	}
	app_sources_fact(a, f);
	app_queue_fact(a, f);
	if (f->kind == FACT_DELIVERED && f->is_outward && f->account.n > 0)
		app_complaints_delivered(app_fbl_complaints(a->fbl), f);
	if (f->kind == FACT_ACCEPTED && f->account.n > 0 && s->own_hosts.n > 0)
		app_msgids_tell_queue(a->msgids, s->queue_ids_kept, f->account,
		    f->host, f->queue_id, f->at);
	if (f->kind == FACT_ACCEPTED && f->account.n > 0)
		app_domains_fact(a->domains, f);
	if (f->kind == FACT_ACCEPTED && f->account.n > 0)
		app_clients_fact(a->clients, f);
	app_wrong_sender_fact(a->wrong_sender, f);
	samples_fact(a->samples, f);
}

static void
on_verdict(void *ctx, const struct event *e, const struct verdict *v)
{
	struct app *a = ctx;
	struct event copy = *e;

	(void)v;
	app_brake_emit(a, &copy);
}

static void
on_sent(void *ctx, struct subject *account)
{
	struct app *a = ctx;

	busiest_note(a->busiest, account);
	app_pools_sent(a->pools, account);
	app_plans_sent(a->plans, subject_key(account));
}

static bool
on_doubt(void *ctx, struct subject *s)
{
	struct app *a = ctx;

	return app_board_doubt(a->board, s);
}

static int64_t
on_now_us(void *ctx)
{
	struct app *a = ctx;

	return loop_now_us(a->loop);
}

static void
on_hashed(void *ctx, struct str account)
{
	struct app *a = ctx;

	app_refs_tell(a->hashed, account, loop_now_us(a->loop) / TIME_US);
}

static void
on_message(void *ctx, struct str account, struct str message_id, int64_t at)
{
	struct app *a = ctx;

	app_msgids_tell(a->msgids, a->settings->fbl.message_ids_kept, account,
	    message_id, at);
}

static void
on_owner(void *ctx, struct str account, struct judge_owner *out)
{
	struct app *a = ctx;

	app_plans_owner(a, account, out);
	app_incidents_blame(a->incidents, account, out);
}

static uint16_t
country_of(void *ctx, const struct ip *ip)
{
	const struct app *a = ctx;

	return app_geo_number(a->geo, ip);
}

struct pipeline *
app_pipeline_new(struct app *a, struct error *err)
{
	struct pipeline_options o = {
	    .settings = a->settings,
	    .hooks = {.on_fact = on_fact,
		.on_message = on_message,
		.on_foreign = app_domains_line,
		.on_postfix = app_services_line,
		.is_unauthorised = app_domains_are_unauthorised,
		.is_foreign_sender = app_wrong_sender_is,
		.is_listed = app_clients_are_listed,
		.on_verdict = on_verdict,
		.on_sent = on_sent,
		.on_doubt = on_doubt,
		.on_hashed = on_hashed,
		.on_admitted = app_admission_admitted,
		.on_tried = app_receivers_tried,
		.on_delivery = app_replies_said,
		.can_hold = app_expect_can,
		.may_hold = app_expect_may,
		.owner = on_owner,
		.country = country_of,
		.now_us = on_now_us,
		.ctx = a},
	    .node = "",
	    .refs = &a->refs,
	    .ref_account = app_refs_find,
	    .ref_ctx = a->hashed,
	    .links = app_page_links(a->page),
	    .is_kept = true,
	    .is_facts_only = a->learn != NULL,
	    .uid_name = users_name,
	};

	if (a->learn)
		o.hooks.on_message = NULL, o.hooks.on_foreign = NULL;
	pipeline_set_secret(&o, &a->secret);
	return pipeline_new(&o, err);
}
