/* replay - the same parser, ledger and judge over old logs; no effects */
#include "cli/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/time.h"
#include "cli/against.h"
#include "cli/countries.h"
#include "cli/lines.h"
#include "cli/local.h"
#include "daemon/pipeline.h"
#include "cli/totals.h"
#include "daemon/users.h"

enum {
	FLUSH_AT = 256 * 1024,
	OUTPUT_MAX = 64 * 1024 * 1024,
	SHOWN_SENDERS = 20,
	RULES_MAX = 64,
	BAR = 40,
	/* Seconds of the log, and its lines. */
	NOTHING_OVER = 7 * 86400,
	TICK = 2 * 3600,
	TICK_LINES = 4 * 4096,
};

struct rule_count {
	char rule[64];
	char rung[16];
	size_t n;
};

struct replay {
	struct pipeline *pipeline;
	struct pipeline *other; /* of --against; NULL: none */
	struct against against;
	int64_t learn; /* seconds of the log from which nobody is judged */
	int64_t judged_from; /* 0: before the first fact */
	struct totals totals;
	struct text out;
	int64_t latest; /* fact's time */
	int64_t tick_at;
	uint64_t ticked_lines;
	bool is_json, is_totals, has_bar;
	size_t n_verdicts;
	struct rule_count rules[RULES_MAX];
	size_t n_rules;
	size_t file, n_files;
	int64_t bar_us;
};

static void
end_bar(struct replay *r)
{
	if (r->has_bar)
		fprintf(stderr, "\r%*s\r", BAR + 40, "");
}

static void
flush(struct replay *r)
{
	end_bar(r);
	fwrite(r->out.p, 1, r->out.n, stdout);
	text_clear(&r->out);
}

static void
on_fact(void *ctx, const struct fact *f)
{
	struct replay *r = ctx;

	/* Of the totals JSON shows the recipients alone. */
	if (!r->is_json || r->is_totals)
		totals_add(&r->totals, f);
	else if (f->kind == FACT_RECIPIENT)
		totals_count(&r->totals, f->account);
	if (f->at > r->latest)
		r->latest = f->at;
	if (r->judged_from == 0)
		r->judged_from = f->at + r->learn;
}

static void
count_rule(struct replay *r, const struct event *e)
{
	size_t i = 0;

	while (i < r->n_rules && (strcmp(r->rules[i].rule, e->rule) != 0 ||
				     strcmp(r->rules[i].rung, e->rung) != 0))
		i++;
	if (i == RULES_MAX)
		return;
	if (i == r->n_rules) {
		memcpy(r->rules[i].rule, e->rule, sizeof(e->rule));
		memcpy(r->rules[i].rung, e->rung, sizeof(e->rung));
		r->n_rules++;
	}
	r->rules[i].n++;
}

/* An account by its name, another kind as "domain:example.com". */
static void
print_subject(const struct event *e, struct text *out)
{
	if (strcmp(e->kind, "account") != 0)
		text_printf(out, "%s:", e->kind);
	text_add(out, e->subject);
}

static void
print_json(struct replay *r, const struct event *e, const struct verdict *v)
{
	enum standing rung = STANDING_GOOD;
	char name[700];
	struct text subject;
	struct json_out j;

	text_init(&subject, name, sizeof(name));
	print_subject(e, &subject);
	standing_parse(str_from(e->rung), &rung);
	json_out_init(&j, &r->out);
	json_open(&j, NULL);
	json_time(&j, "time", e->at_us / TIME_US);
	json_str(&j, "account", text_view(&subject));
	json_str(&j, "action", str_from(standing_action(rung)));
	if (e->until < TIME_NEVER)
		json_time(&j, "until", e->until);
	else
		json_nil(&j, "until");
	json_i64(&j, "score", v->score);
	json_open_array(&j, "reasons");
	for (size_t i = 0; i < v->n_reasons; i++) {
		char words[256];
		struct text w;

		text_init(&w, words, sizeof(words));
		reason_print(&v->reasons[i], &w);
		json_str(&j, NULL, text_view(&w));
	}
	json_close_array(&j);
	json_i64(&j, "recipients",
	    (int64_t)totals_recipients(&r->totals, str_from(e->subject)));
	json_close(&j);
	text_char(&r->out, '\n');
}

static void
print_line(struct replay *r, const struct event *e)
{
	char name[700];
	struct text subject;

	time_local_text(&r->out, e->at_us / TIME_US);
	text_printf(&r->out, "  %-9s  ", e->rung);
	text_init(&subject, name, sizeof(name));
	print_subject(e, &subject);
	text_printable(&r->out, text_view(&subject));
	text_add(&r->out, ": ");
	text_printable(&r->out, str_from(e->reason));
	text_char(&r->out, '\n');
}

static void
compare(struct replay *r, enum against_side side, const struct event *e)
{
	struct against_verdict v = {.at = e->at_us / TIME_US,
	    .rule = e->rule,
	    .recipients = totals_recipients(&r->totals, str_from(e->subject))};
	char name[700];
	struct text subject;

	text_init(&subject, name, sizeof(name));
	print_subject(e, &subject);
	if (standing_parse(str_from(e->rung), &v.rung))
		against_add(&r->against, side, text_view(&subject), &v);
}

/* While it learns, nothing that anybody did comes to anything. */
static bool
is_judged(struct replay *r, struct pipeline *p, const struct event *e)
{
	return e->at_us / TIME_US >= r->judged_from && pipeline_fold(p, e) &&
	       e->type == EVENT_SANCTION;
}

static void
on_other_verdict(void *ctx, const struct event *e, const struct verdict *v)
{
	struct replay *r = ctx;

	(void)v;
	if (is_judged(r, r->other, e))
		compare(r, AGAINST_OTHER, e);
}

static void
on_verdict(void *ctx, const struct event *e, const struct verdict *v)
{
	struct replay *r = ctx;

	if (!is_judged(r, r->pipeline, e))
		return;
	r->n_verdicts++;
	count_rule(r, e);
	if (r->other)
		compare(r, AGAINST_THIS, e);
	if (r->is_totals || r->other)
		return;
	if (r->is_json)
		print_json(r, e, v);
	else
		print_line(r, e);
	if (r->out.n > FLUSH_AT)
		flush(r);
}

static void
tick(struct replay *r, int64_t now)
{
	pipeline_tick(r->pipeline, now);
	if (r->other)
		pipeline_tick(r->other, now);
}

/* Of a long log not everybody is remembered who was ever in it. Kept out of the
 * way of the lines. */
__attribute__((noinline)) static void
forget_some(struct replay *r)
{
	struct pipeline_counters c;

	pipeline_counters(r->pipeline, &c);
	uint64_t n = (c.lines - r->ticked_lines) / TICK_LINES + 1;

	for (; r->tick_at > 0 && n > 0; n--)
		tick(r, r->latest);
	r->ticked_lines = c.lines;
	r->tick_at = r->latest + (r->tick_at > 0 ? TICK : NOTHING_OVER);
}

static void
on_line(void *ctx, struct str line)
{
	struct replay *r = ctx;

	pipeline_line(r->pipeline, 0, line);
	if (r->other)
		pipeline_line(r->other, 0, line);
	if (r->latest > r->tick_at)
		forget_some(r);
}

static void
on_block(void *ctx, const struct gz *g)
{
	struct replay *r = ctx;
	int64_t now_us = time_mono_us();
	uint64_t done, size;

	if (!r->has_bar || now_us - r->bar_us < 200000)
		return;
	r->bar_us = now_us;
	gz_progress(g, &done, &size);
	int filled = size ? (int)(done * BAR / size) : 0;

	if (filled > BAR)
		filled = BAR;
	fprintf(stderr, "\r[%.*s%*s] file %zu of %zu ", filled,
	    "########################################", BAR - filled, "",
	    r->file + 1, r->n_files);
}

static void
print_totals(struct replay *r)
{
	size_t n;
	const struct total **v =
	    totals_sorted(&r->totals, TOTALS_BY_ACCOUNT, &n);

	totals_print_header(&r->out);
	for (size_t i = 0; i < n; i++) {
		totals_print(v[i], &r->out);
		if (r->out.n > FLUSH_AT)
			flush(r);
	}
	free(v);
}

static void
print_summary(struct replay *r)
{
	struct pipeline_counters c;

	pipeline_counters(r->pipeline, &c);
	totals_print_busiest(&r->totals, SHOWN_SENDERS, &r->out);
	text_printf(&r->out,
	    "\n%llu lines, %llu facts; not understood: %llu of Postfix, %llu "
	    "not syslog; lost by the log itself: %llu\n",
	    (unsigned long long)c.lines, (unsigned long long)c.facts,
	    (unsigned long long)c.other, (unsigned long long)c.unreadable,
	    (unsigned long long)c.lost_lines);
	text_printf(&r->out, "%zu verdicts%s\n", r->n_verdicts,
	    r->n_verdicts ? ", by rule:" : ": nobody would have been stopped.");
	for (size_t i = 0; i < r->n_rules; i++)
		text_printf(&r->out, "  %-24s %-10s %zu\n", r->rules[i].rule,
		    r->rules[i].rung, r->rules[i].n);
}

static void
print_differences(struct replay *r)
{
	size_t n = against_print(&r->against, r->is_json, &r->out);

	if (r->is_json)
		return;
	if (n == 0)
		text_add(&r->out, "both judge everybody alike\n");
	else
		text_printf(&r->out, "\n%zu judged differently\n", n);
}

/* When a log without years ends: --now, else its file's last change. */
static int64_t
end_of(const char *path, int64_t given)
{
	struct stat st;

	if (given > 0)
		return given;
	if (strcmp(path, "-") != 0 && stat(path, &st) == 0)
		return st.st_mtime;
	return time(NULL);
}

static enum exit_status
read_files(struct replay *r, const struct client_line *l, int64_t now)
{
	r->n_files = l->n_args;
	for (r->file = 0; r->file < l->n_args; r->file++) {
		const char *path = l->args[r->file];
		struct error err;

		pipeline_source(r->pipeline, 0, end_of(path, now));
		if (r->other)
			pipeline_source(r->other, 0, end_of(path, now));
		if (lines_read(path, on_line, on_block, r, &err) < 0) {
			end_bar(r);
			return local_fail(EXIT_FAILED, "%s", err.text);
		}
	}
	end_bar(r);
	return EXIT_OK;
}

static enum exit_status
finish(struct replay *r)
{
	/* What waits for a line that never came is settled. */
	tick(r, r->latest + 86400);
	if (r->other)
		print_differences(r);
	else if (r->is_totals)
		print_totals(r);
	else if (!r->is_json)
		print_summary(r);
	return local_print(text_view(&r->out));
}

/* The options' values; false, after saying why, when one is bad. */
static bool
read_options(struct replay *r, const struct client_line *l, int64_t *now)
{
	enum { DAYS_MAX = 3660 };
	const char *text = client_option(l, "now");
	const char *days = client_option(l, "learn");
	uint64_t n = 0;
	int64_t now_us = 0;

	if (text && !time_parse_rfc3339(str_from(text), &now_us)) {
		local_fail(
		    EXIT_USAGE, "--now must be such as 2026-11-21T22:40:00Z");
		return false;
	}
	if (days && (!str_to_u64(str_from(days), &n) || n > DAYS_MAX)) {
		local_fail(EXIT_USAGE,
		    "--learn takes a number of days, at most %d", DAYS_MAX);
		return false;
	}
	if (client_option(l, "against") && r->is_totals) {
		local_fail(EXIT_USAGE, "--totals judges nobody: --against has "
				       "nothing to compare");
		return false;
	}
	*now = now_us / TIME_US;
	r->learn = (int64_t)n * 86400;
	return true;
}

/* Who may read the secret counts what outpostd counts. */
static struct pipeline *
make_pipeline(struct replay *r, struct settings *s, bool is_other)
{
	struct pipeline_options options = {
	    .settings = s,
	    .hooks = {.on_fact = is_other ? NULL : on_fact,
		.on_verdict = is_other ? on_other_verdict : on_verdict,
		.ctx = r},
	    .node = "0",
	    .uid_name = users_name,
	    .is_facts_only = r->is_totals,
	    .is_verdicts_only = true,
	};
	struct crypto_key secret;
	struct error err;

	if (crypto_secret_read(s->daemon.secret_file, &secret, NULL) == 0)
		pipeline_set_secret(&options, &secret);
	struct pipeline *p = pipeline_new(&options, &err);

	if (!p)
		local_fail(EXIT_FAILED, "%s", err.text);
	return p;
}

/* Reads --against's configuration; *other stays NULL without one. */
static bool
load_other(const struct client_line *l, struct settings **other)
{
	const char *path = client_option(l, "against");
	struct error err;

	if (!path)
		return true;
	*other = settings_load(path, &err);
	if (!*other)
		local_fail(EXIT_FAILED, "%s", err.text);
	return *other != NULL;
}

static enum exit_status
replay(struct replay *r, const struct client_line *l, struct settings *s,
    struct settings *other, int64_t now)
{
	enum exit_status status = EXIT_FAILED;
	struct geo *geo = countries_open(s);

	r->pipeline = make_pipeline(r, s, false);
	if (r->pipeline && other)
		r->other = make_pipeline(r, other, true);
	countries_tell(geo, r->pipeline);
	countries_tell(geo, r->other);
	if (r->pipeline && (r->other || !other))
		status = read_files(r, l, now);
	if (status == EXIT_OK)
		status = finish(r);
	pipeline_free(&r->other);
	pipeline_free(&r->pipeline);
	countries_free(&geo);
	return status;
}

enum exit_status
replay_run(const struct client_line *l, struct settings *s)
{
	struct replay r = {
	    .is_json = l->is_json,
	    .is_totals = client_option(l, "totals") != NULL,
	    .has_bar = isatty(STDERR_FILENO) != 0,
	};
	struct settings *other = NULL;
	int64_t now = 0;

	if (l->n_args == 0)
		return local_fail(EXIT_USAGE, "replay needs a FILE, or - for "
					      "standard input");
	if (!read_options(&r, l, &now))
		return EXIT_USAGE;
	if (!load_other(l, &other))
		return EXIT_FAILED;
	memory_large_heap();
	totals_init(&r.totals);
	against_init(&r.against);
	text_grow(&r.out, OUTPUT_MAX);
	enum exit_status status = replay(&r, l, s, other, now);

	text_done(&r.out);
	against_done(&r.against);
	totals_done(&r.totals);
	settings_free(&other);
	return status;
}
