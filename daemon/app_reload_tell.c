/* app_reload_tell - whom a new configuration would stop, in words */
#include "base/log.h"
#include "base/time.h"
#include "daemon/app_reload.h"

enum { NAMED_LOGGED = 5 };

static void
print_victim(const struct victim *v, struct text *out)
{
	text_printable(out, str_from(v->account));
	text_printf(
	    out, " would be %s by %s: ", standing_text(v->rung), v->rule);
	text_printable(out, str_from(v->reason));
}

static void
print_count(const struct app_reload *r, struct text *out)
{
	text_printf(out, "it would newly stop %llu of %llu active accounts",
	    (unsigned long long)r->stopped.total,
	    (unsigned long long)r->active);
}

void
app_reload_log_refusal(const struct app_reload *r)
{
	char words[512];
	struct text t;

	text_init(&t, words, sizeof(words));
	print_count(r, &t);
	log_error("%s: %s; the old configuration stays (outpost reload "
		  "--force takes it)",
	    r->settings->path, words);
	for (size_t i = 0; i < r->stopped.n && i < NAMED_LOGGED; i++) {
		text_init(&t, words, sizeof(words));
		print_victim(&r->stopped.v[i], &t);
		log_error("%s", words);
	}
	app_alarm_about(r->app, "config", r->settings->path, "reload",
	    "it was not taken: too many accounts would be stopped at once",
	    NULL);
}

static void
json_victims(struct json_out *j, const char *key, const struct victims *w)
{
	json_open_array(j, key);
	for (size_t i = 0; i < w->n; i++) {
		const struct victim *v = &w->v[i];

		json_open(j, NULL);
		json_str(j, "account", str_from(v->account));
		json_str(j, "standing", str_from(standing_text(v->rung)));
		json_str(j, "rule", str_from(v->rule));
		json_str(j, "reason", str_from(v->reason));
		json_close(j);
	}
	json_close_array(j);
}

static void
json_trial(struct json_out *j, const struct trial *trial)
{
	json_open_array(j, "on_trial");
	for (size_t i = 0; trial && i < trial->n; i++) {
		char words[512];
		struct text t;

		text_init(&t, words, sizeof(words));
		trial_print_change(trial, &trial->v[i], &t);
		json_open(j, NULL);
		json_str(j, "rule", str_from(trial->v[i].name));
		json_time(j, "until", trial->v[i].until);
		json_str(j, "change", text_view(&t));
		json_close(j);
	}
	json_close_array(j);
}

static void
print_json(const struct app_reload *r, const struct trial *trial, bool is_taken,
    struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open(&j, NULL);
	json_bool(&j, "reloaded", is_taken);
	json_bool(&j, "refused", !is_taken && app_reload_is_refused(r));
	json_i64(&j, "active", (int64_t)r->active);
	json_i64(&j, "newly_stopped", (int64_t)r->stopped.total);
	json_victims(&j, "accounts", &r->stopped);
	json_trial(&j, trial);
	json_i64(&j, "newly_tried", (int64_t)r->tried.total);
	json_victims(&j, "tried", &r->tried);
	json_close(&j);
	text_char(out, '\n');
}

static void
print_victims(const struct victims *w, struct text *out)
{
	for (size_t i = 0; i < w->n; i++) {
		text_add(out, "  ");
		print_victim(&w->v[i], out);
		text_char(out, '\n');
	}
	if (w->total > w->n)
		text_printf(out, "  and %llu more\n",
		    (unsigned long long)(w->total - w->n));
}

static void
print_trial(
    const struct app_reload *r, const struct trial *trial, struct text *out)
{
	for (size_t i = 0; trial && i < trial->n; i++) {
		text_printf(out, "%s is on trial until ", trial->v[i].name);
		time_local_text(out, trial->v[i].until);
		text_add(out, ": ");
		trial_print_change(trial, &trial->v[i], out);
		text_char(out, '\n');
	}
	if (r->tried.total == 0)
		return;
	text_printf(out,
	    "what is on trial stops nobody yet; without that it would %llu "
	    "of %llu active accounts:\n",
	    (unsigned long long)r->tried.total, (unsigned long long)r->active);
	print_victims(&r->tried, out);
}

/* Once it is taken the settings are the daemon's. */
static const struct trial *
trial_of(const struct app_reload *r)
{
	return r->settings ? r->settings->trial : r->app->settings->trial;
}

void
app_reload_tell(const struct app_reload *r, const struct control_request *q,
    bool is_taken, struct control_reply *reply)
{
	if (q->is_json) {
		print_json(r, trial_of(r), is_taken, &reply->out);
		return;
	}
	if (is_taken)
		text_add(&reply->out, "reloaded");
	else
		text_add(&reply->out, "good");
	if (r->stopped.total > 0) {
		text_add(&reply->out, "; ");
		print_count(r, &reply->out);
		text_add(&reply->out, ":\n");
		print_victims(&r->stopped, &reply->out);
	} else {
		text_add(&reply->out,
		    is_taken ? "\n" : "; it would newly stop nobody\n");
	}
	print_trial(r, trial_of(r), &reply->out);
}

void
app_reload_refuse(const struct app_reload *r, const struct control_request *q,
    struct control_reply *reply)
{
	char words[256];
	struct text t;

	text_init(&t, words, sizeof(words));
	print_count(r, &t);
	control_fail(reply, EXIT_FAILED,
	    "%s: %s; nothing was changed (--force takes it)", r->settings->path,
	    words);
	if (q->is_json)
		print_json(r, trial_of(r), false, &reply->out);
	else
		print_victims(&r->stopped, &reply->err);
}
