/* desk_providers - who receives mail, and what of their replies isn't known */
#include "base/table.h"
#include "base/time.h"
#include "daemon/app_state.h"

static void
count(void *ctx, struct str domain)
{
	(void)domain;
	++*(size_t *)ctx;
}

/* Recipient domains that are known to be with it, by its file or the log. */
static size_t
domains_of(const struct desk *d, const char *name)
{
	const struct providers *p = pipeline_settings(d->pipeline)->providers;
	size_t n = 0;

	providers_each_domain(p, str_from(name), count, &n);
	receivers_each(d->receivers, str_from(name), count, &n);
	return n;
}

static const char *
state_of(struct desk *d, const char *name)
{
	struct standing_state state;
	struct sanction_about about;

	pipeline_about(
	    d->pipeline, SUBJECT_PROVIDER, str_from(name), &state, &about);
	return desk_provider_text(&state);
}

static void
print_json(struct desk *d, const char *name, struct control_reply *r)
{
	const struct providers *p = pipeline_settings(d->pipeline)->providers;
	struct app_parked_look look;
	struct json_out j;

	json_out_init(&j, &r->out);
	json_open(&j, NULL);
	json_str(&j, "provider", str_from(name));
	json_str(&j, "standing", str_from(state_of(d, name)));
	json_i64(&j, "domains", (int64_t)domains_of(d, name));
	json_str(&j, "contact", str_from(providers_contact(p, str_from(name))));
	app_parked_look(d->app->parked, str_from(name), &look);
	json_i64(&j, "waiting", (int64_t)look.waiting);
	json_i64(&j, "waiting_good", (int64_t)look.good);
	json_i64(&j, "probes", (int64_t)look.sent);
	json_i64(&j, "probes_taken", (int64_t)look.taken);
	if (look.last > 0)
		json_time(&j, "probed", look.last);
	json_bool(&j, "good_first", look.is_first);
	json_close(&j);
	text_char(&r->out, '\n');
}

void
desk_provider_json(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct str name;

	if (desk_provider_find(d, q->args[0], &name, r))
		print_json(d, name.p, r);
}

static void
list(struct desk *d, const struct control_request *q, struct control_reply *r)
{
	const struct providers *p = pipeline_settings(d->pipeline)->providers;
	struct table *t = table_new();
	const char *name;

	table_column(t, "PROVIDER", TABLE_LEFT);
	table_column(t, "DELIVERIES", TABLE_LEFT);
	table_column(t, "DOMAINS", TABLE_RIGHT);
	table_column(t, "CONTACT", TABLE_LEFT);
	for (size_t i = 0; (name = providers_at(p, i)); i++) {
		if (q->is_json) {
			print_json(d, name, r);
			continue;
		}
		table_cell(t, str_from(name));
		table_cell(t, str_from(state_of(d, name)));
		table_cell_i64(t, (int64_t)domains_of(d, name));
		table_cell(t, str_from(providers_contact(p, str_from(name))));
	}
	if (!q->is_json)
		table_print(t, &r->out, 0);
	table_free(&t);
}

static void
print_sample(const struct unmatched_sample *s, struct control_reply *r)
{
	struct json_out j;

	json_out_init(&j, &r->out);
	json_open(&j, NULL);
	json_i64(&j, "count", (int64_t)s->count);
	json_time(&j, "first", s->first);
	json_time(&j, "last", s->last);
	json_str(&j, "host", str_from(s->host));
	json_str(&j, "text", str_from(s->text));
	json_close(&j);
	text_char(&r->out, '\n');
}

static void
list_unmatched(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	const struct unmatched_sample *s;

	for (size_t i = 0; (s = unmatched_at(d->unmatched, i)); i++) {
		if (q->is_json) {
			print_sample(s, r);
			continue;
		}
		text_printf(&r->out, "%6llu  ", (unsigned long long)s->count);
		time_local_text(&r->out, s->last);
		text_printf(&r->out, "  %s: %s\n", s->host, s->text);
	}
	if (!q->is_json && !unmatched_at(d->unmatched, 0))
		text_add(&r->out,
		    "Every reply that came had words that are known.\n");
}

void
desk_providers(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	if (q->n_args == 1 && !control_has(q, "unmatched"))
		desk_provider_show(d, q, r);
	else if (q->n_args > 0)
		control_fail(r, EXIT_USAGE, "usage: outpost %s %s",
		    commands[q->command].name, commands[q->command].usage);
	else if (control_has(q, "unmatched"))
		list_unmatched(d, q, r);
	else
		list(d, q, r);
}
