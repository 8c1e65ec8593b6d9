/* trace - a message's whole story, from the logs themselves */
#include "cli/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/time.h"
#include "cli/local.h"
#include "cli/trace_print.h"
#include "cli/trace_state.h"
#include "daemon/outcomes.h"
#include "daemon/users.h"

enum {
	DAY = 86400,
	WITHIN = 300, /* seconds around --at */
	SHOWN = 20,   /* stories */
	SHOWN_MAX = 10000,
	LINES_SHOWN = 200, /* of one story */
	LINES_SHOWN_JSON = 10000,
	LINES_MAX = 400000, /* in memory */
	BYTES_MAX = 128 << 20,
	IDS_MAX = 4096, /* of one criterion */
	LINKS_MAX = 16 << 20,
	OUTPUT_MAX = 512 << 20,
	FLUSH_AT = 1 << 20,
};

static const struct {
	const char *name;
	enum trace_kind kind;
} options[] = {
    {"message-id", TRACE_MESSAGE_ID},
    {"to", TRACE_TO},
    {"from", TRACE_FROM},
    {"client", TRACE_CLIENT},
};

/* On a host behind submission hosts their references tell the account. Who may
 * not read the secret does without. */
static void
read_refs(struct trace *t, const struct settings *s)
{
	const struct setting_list *files = &s->daemon.ref_secrets;
	size_t n = files->n > 0 ? files->n : 1;

	for (size_t i = 0; s->mta.submission_hosts.n > 0 && i < n; i++) {
		struct crypto_key secret;

		if (crypto_secret_read(
			files->n > 0 ? files->v[i] : s->daemon.secret_file,
			&secret, NULL) == 0)
			ref_keys_add(&t->refs, &secret);
	}
	t->query.refs = t->refs.n > 0 ? &t->refs : NULL;
}

static int
take_time(struct trace *t, const struct client_line *l, struct error *err)
{
	const char *at = client_option(l, "at");
	const char *within = client_option(l, "within");

	t->query.within = WITHIN;
	if (at && !trace_parse_time(str_from(at), time(NULL), &t->query.at))
		return error_set(err, "--at must be such as 22:40, "
				      "\"2026-11-21 22:40\" or "
				      "2026-11-21T22:40:00Z");
	if (within &&
	    (!time_parse_duration(str_from(within), &t->query.within) || !at))
		return error_set(
		    err, "--within is a duration such as 10m around --at");
	return 0;
}

static int
take_options(struct trace *t, const struct client_line *l, struct error *err)
{
	const char *account = client_option(l, "account");
	const char *last = client_option(l, "last");
	uint64_t n = SHOWN;

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const char *value = client_option(l, options[i].name);

		if (value && trace_query_add(&t->query, options[i].kind,
				 str_from(value), err) < 0)
			return -1;
	}
	if (account &&
	    trace_query_add_account(&t->query, str_from(account), err) < 0)
		return -1;
	if (last &&
	    (!str_to_u64(str_from(last), &n) || n == 0 || n > SHOWN_MAX))
		return error_set(
		    err, "--last is a number from 1 to %d", SHOWN_MAX);
	t->shown = (size_t)n;
	return take_time(t, l, err);
}

static bool
is_file(const char *word)
{
	return strpbrk(word, "/.-") || access(word, F_OK) == 0;
}

static int
take_arguments(struct trace *t, const struct client_line *l,
    const struct settings *s, struct error *err)
{
	for (size_t i = 0; i < l->n_args; i++) {
		const char *word = l->args[i];

		if (*word == '<' && strchr(word, '@')) {
			if (trace_query_add(&t->query, TRACE_MESSAGE_ID,
				str_from(word), err) < 0)
				return -1;
		} else if (is_file(word)) {
			if (trace_files_add(&t->files, word, err) < 0)
				return -1;
		} else if (trace_query_add(&t->query, TRACE_QUEUE_ID,
			       str_from(word), err) < 0) {
			return -1;
		}
	}
	if (t->query.n == 0)
		return error_set(err, "which message? A queue id, "
				      "--message-id, --to, --from, --client or "
				      "--account (see outpost help trace)");
	t->is_named = t->files.n > 0;
	if (t->is_named)
		return 0;
	int64_t from =
	    t->query.at ? t->query.at - t->query.within - TRACE_BEFORE : 0;

	return trace_files_followed(&t->files, &s->daemon.files,
	    &s->daemon.journal_users, from * TIME_US, err);
}

bool
trace_is_too_old(const struct trace *t, const struct trace_file *f)
{
	return t->query.at && f->changed < t->query.at - t->query.within - DAY;
}

static int
read_files(struct trace *t, struct stories *stories)
{
	size_t failed = 0;

	for (size_t i = 0; i < t->files.n; i++) {
		const struct trace_file *f = &t->files.v[i];
		struct error err;

		if (trace_is_too_old(t, f) ||
		    trace_scan_file(
			t->scan, f->path, f->changed, stories, &err) == 0)
			continue;
		failed++;
		if (!stories)
			local_fail(EXIT_FAILED, "%s", err.text);
	}
	t->unreadable = failed;
	return failed > 0 && (t->is_named || failed == t->files.n) ? -1 : 0;
}

/* The one that the fewest messages fulfil. */
static size_t
rarest(struct trace *t)
{
	size_t best = 0;

	for (size_t i = 0; i < t->query.n; i++) {
		const struct trace_criterion *c = &t->query.v[i];

		if (c->kind == TRACE_QUEUE_ID)
			trace_ids_found(&t->ids, i, str_from(c->value));
		if (t->ids.found[i].n < t->ids.found[best].n)
			best = i;
	}
	return best;
}

static bool
is_in_time(const struct trace *t, const struct story *s)
{
	int64_t from = (t->query.at - t->query.within) * TIME_US;
	int64_t to = (t->query.at + t->query.within) * TIME_US;

	if (t->query.at == 0)
		return true;
	for (size_t i = 0; i < s->n_lines; i++) {
		int64_t at_us = s->lines[i]->line.at_us;

		if (at_us >= from && at_us <= to)
			return true;
	}
	return false;
}

/* Of the account that is looked for: a line may quote somebody else's
 * reference. */
static bool
is_its(const struct trace *t, const struct story *s)
{
	for (size_t i = 0; i < t->query.n; i++) {
		const struct trace_criterion *c = &t->query.v[i];

		if (c->kind == TRACE_ACCOUNT && !s->is_hashed &&
		    s->who != STORY_WHO_UNKNOWN &&
		    !str_is(s->account, str_from(c->value)))
			return false;
	}
	return true;
}

static void
print_searched(const struct trace *t, struct text *out)
{
	struct trace_seen seen;

	trace_scan_seen(t->scan, &seen);
	text_printf(out, "%zu file%s", t->files.n, t->files.n == 1 ? "" : "s");
	for (size_t i = 0; i < t->files.n && i < 12; i++) {
		const struct trace_file *f = &t->files.v[i];

		text_printf(out, "%s%s%s", i == 0 ? " (" : ", ", f->name,
		    trace_is_too_old(t, f) ? ": too old, not read" : "");
	}
	text_printf(out, "%s), %llu MB", t->files.n > 12 ? ", ..." : "",
	    (unsigned long long)((seen.bytes + 999999) / 1000000));
	if (seen.first_us == 0) {
		text_add(out, ", without a line of syslog");
		return;
	}
	text_add(out, ", from ");
	time_local_text(out, seen.first_us / TIME_US);
	text_add(out, " to ");
	time_local_text(out, seen.last_us / TIME_US);
}

static void
json_searched(const struct trace *t, struct json_out *j)
{
	struct trace_seen seen;

	trace_scan_seen(t->scan, &seen);
	json_open(j, "searched");
	json_open_array(j, "files");
	for (size_t i = 0; i < t->files.n; i++) {
		if (!trace_is_too_old(t, &t->files.v[i]))
			json_str(j, NULL, str_from(t->files.v[i].name));
	}
	json_close_array(j);
	json_i64(j, "bytes", (int64_t)seen.bytes);
	if (seen.first_us) {
		json_time(j, "from", seen.first_us / TIME_US);
		json_time(j, "to", seen.last_us / TIME_US);
	}
	json_close(j);
}

static void
flush(struct trace *t)
{
	fwrite(t->out.p, 1, t->out.n, stdout);
	text_clear(&t->out);
}

static void
print_json(struct trace *t, struct story *const *v, size_t n, size_t first)
{
	const struct trace_shape shape = {
	    .lines_max = t->is_full ? SIZE_MAX : LINES_SHOWN_JSON};
	struct json_out j;

	json_out_init(&j, &t->out);
	json_open(&j, NULL);
	json_i64(&j, "found", (int64_t)n);
	json_open_array(&j, "stories");
	for (size_t i = first; i < n; i++) {
		trace_print_json(v[i], &shape, &j);
		if (t->out.n > FLUSH_AT)
			flush(t);
	}
	json_close_array(&j);
	json_searched(t, &j);
	json_close(&j);
	text_char(&t->out, '\n');
}

static size_t
terminal_width(void)
{
	struct winsize w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 20)
		return w.ws_col;
	return 0;
}

static void
print_stories(struct trace *t, struct story *const *v, size_t n, size_t first)
{
	const struct trace_shape shape = {.width = terminal_width(),
	    .lines_max = t->is_full ? SIZE_MAX : LINES_SHOWN};

	if (first > 0)
		text_printf(&t->out,
		    "%zu messages, of which the last %zu are shown (--last N, "
		    "--at TIME):\n\n",
		    n, n - first);
	else if (n > 1)
		text_printf(&t->out, "%zu messages:\n\n", n);
	for (size_t i = first; i < n; i++) {
		trace_print(v[i], &shape, &t->out);
		if (i + 1 < n)
			text_add(&t->out, "\n----\n\n");
		if (t->out.n > FLUSH_AT)
			flush(t);
	}
}

/* What wasn't seen, so that nobody trusts a whole that isn't one. */
static void
warn_of_bounds(const struct trace *t, size_t criterion)
{
	const struct trace_ring *found = &t->ids.found[criterion];
	struct trace_seen seen;

	trace_scan_seen(t->scan, &seen);
	if (found->n > found->cap)
		fprintf(stderr,
		    "outpost: more than %zu messages match; only the newest "
		    "were looked at (narrow it: --at TIME)\n",
		    found->cap);
	if (seen.lines_left > 0)
		fprintf(stderr,
		    "outpost: %llu lines more than fit were left out\n",
		    (unsigned long long)seen.lines_left);
	if (t->ids.links_left > 0)
		fprintf(stderr, "outpost: the log has too many links; chains "
				"may be incomplete\n");
}

static enum exit_status
none_found(struct trace *t)
{
	char buf[8192];
	struct text words;

	text_init(&words, buf, sizeof(buf));
	print_searched(t, &words);
	return local_fail(EXIT_UNKNOWN, "no such message in %s", buf);
}

static void
tell_outcome(void *ctx, struct str host, struct str dsn, struct str text,
    enum outcome *out)
{
	const struct trace *t = ctx;

	*out = outcome_of_reply(t->settings, host, dsn, text);
}

struct story **
trace_gather(
    struct trace *t, const struct settings *s, size_t *kept, size_t *criterion)
{
	const struct stories_options o = {.settings = &s->mta,
	    .uid_name = users_name,
	    .outcome = tell_outcome,
	    .outcome_ctx = t,
	    .refs = t->query.refs,
	    .lines_max = LINES_MAX,
	    .bytes_max = BYTES_MAX};
	size_t n;

	t->settings = s;
	if (read_files(t, NULL) < 0)
		return NULL;
	*criterion = rarest(t);
	trace_ids_close(&t->ids, *criterion);
	t->stories = stories_new(&o);
	read_files(t, t->stories);
	struct story *const *told =
	    stories_tell(t->stories, (1u << t->query.n) - 1, &n);
	struct story **v = xalloc(n + 1, sizeof(struct story *));

	*kept = 0;
	for (size_t i = 0; i < n; i++) {
		if (is_in_time(t, told[i]) && is_its(t, told[i]))
			v[(*kept)++] = told[i];
	}
	return v;
}

static enum exit_status
search(struct trace *t, const struct settings *s)
{
	size_t kept, criterion;
	struct story **v = trace_gather(t, s, &kept, &criterion);

	if (!v)
		return EXIT_FAILED;
	size_t first = kept > t->shown ? kept - t->shown : 0;

	if (t->is_json)
		print_json(t, v, kept, first);
	else
		print_stories(t, v, kept, first);
	free(v);
	warn_of_bounds(t, criterion);
	if (kept == 0 && !t->is_json)
		return none_found(t);
	enum exit_status status = local_print(text_view(&t->out));

	return status == EXIT_OK && kept == 0 ? EXIT_UNKNOWN : status;
}

void
trace_begin(struct trace *t, struct settings *s)
{
	account_rules_init(&t->query.rules, &s->mta);
	t->query.uid_name = users_name;
	read_refs(t, s);
	trace_files_init(&t->files);
	text_grow(&t->out, OUTPUT_MAX);
	trace_ids_init(&t->ids, IDS_MAX, LINKS_MAX);
	t->scan = trace_scan_new(&t->query, &t->ids);
}

void
trace_end(struct trace *t)
{
	stories_free(&t->stories);
	trace_scan_free(&t->scan);
	trace_ids_done(&t->ids);
	trace_files_done(&t->files);
	text_done(&t->out);
}

enum exit_status
trace_run(const struct client_line *l, struct settings *s)
{
	struct trace t = {
	    .is_json = l->is_json, .is_full = client_option(l, "full") != NULL};
	struct error err;
	enum exit_status status;

	trace_begin(&t, s);
	if (take_options(&t, l, &err) < 0)
		status = local_fail(EXIT_USAGE, "%s", err.text);
	else if (take_arguments(&t, l, s, &err) < 0)
		status = local_fail(
		    t.query.n == 0 ? EXIT_USAGE : EXIT_FAILED, "%s", err.text);
	else
		status = search(&t, s);
	trace_end(&t);
	return status;
}
