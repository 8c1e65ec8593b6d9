/* local_held - held messages of an account, as the outpost command handles them
 */
#include "cli/local_held.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/time.h"
#include "config/settings.h"

enum { IDS_TOLD = 40, FORGED_SHOWN = 20 };

/* --before and --from as held_select.h has them. */
static int
take_select(struct held *h, struct error *err)
{
	const char *before = client_option(h->l, "before");
	const char *from = client_option(h->l, "from");
	char words[HELD_SELECT_TEXT];
	struct str rest = str_from(from), net;
	struct text t;

	if (!before && !from)
		return 0;
	text_init(&t, words, sizeof(words));
	if (before)
		text_printf(&t, "before %s", before);
	while (from && rest.n > 0) {
		if (!str_cut(&rest, ',', &net)) {
			net = rest;
			rest.n = 0;
		}
		text_printf(
		    &t, "%sfrom %.*s", t.n ? ", " : "", STR_ARG(str_trim(net)));
	}
	return t.is_cut ? error_set(err, "too many networks")
			: held_select_parse(text_view(&t),
			      time_now_us() / TIME_US, &h->select, err);
}

int
held_init(struct held *h, const struct settings *s, const struct client_line *l,
    struct error *err)
{
	const char *release = client_option(l, "release");

	*h = (struct held){.settings = s, .l = l};
	queue_book_init(&h->meant);
	if (release && held_select_parse(str_from(release),
			   time_now_us() / TIME_US, &h->spared, err) < 0)
		return error_prefix(err, "--release");
	return take_select(h, err);
}

void
held_done(struct held *h)
{
	queue_book_done(&h->meant);
}

static bool
is_meant(const struct held *h, const struct queue_message *m)
{
	const struct client_line *l = h->l;

	if ((h->select.is_given && !held_select_has(&h->select, m)) ||
	    held_select_has(&h->spared, m))
		return false;
	for (size_t i = 2; i < l->n_args; i++) {
		if (str_is(m->id, str_from(l->args[i])))
			return true;
	}
	return l->n_args <= 2;
}

static void
on_listed(void *ctx, enum queue_line what, const struct queue_answer *a)
{
	struct held *h = ctx;

	if (what != QUEUE_LINE_MESSAGE ||
	    !str_is_nocase(a->message.account, str_from(h->l->args[0])))
		return;
	struct queue_entry *e = is_meant(h, &a->message)
				    ? queue_book_put(&h->meant, &a->message)
				    : NULL;

	if (e)
		e->is_wanted = true;
	else
		h->others++;
}

int
held_list(struct held *h, struct error *err)
{
	struct queue_request *list = xalloc(1, sizeof(*list));

	list->verb = QUEUE_VERB_LIST;
	int rc = queue_client_ask(
	    h->settings->daemon.queue_socket, list, on_listed, h, err);

	free(list);
	return rc < 0 ? -1 : 0;
}

struct answers {
	struct held *h;
	struct text *out;
	size_t by_result[QUEUE_RESULTS];
	struct held_tally kept; /* that could not be returned */
	struct text *forged;
};

static void
on_answer(void *ctx, enum queue_line what, const struct queue_answer *a)
{
	struct answers *r = ctx;
	const struct queue_message *m = &a->message;

	if (what != QUEUE_LINE_MESSAGE) {
		text_printable(r->out, a->text);
		text_char(r->out, '\n');
		return;
	}
	if (m->result == QUEUE_FORGED &&
	    r->by_result[QUEUE_FORGED] < FORGED_SHOWN) {
		text_printf(r->forged, "  %.*s from <", STR_ARG(m->id));
		text_printable(r->forged, m->sender);
		text_add(r->forged, ">\n");
	}
	r->by_result[m->result]++;
}

static int
ask(struct held *h, enum queue_verb verb, struct queue_entry **v, size_t n,
    struct answers *answers, struct error *err)
{
	struct queue_request *r = xalloc(1, sizeof(*r));
	const char *reason = client_option(h->l, "reason");

	r->verb = verb;
	r->reason = str_head(str_from(reason), QUEUE_REASON_MAX);
	for (r->n = 0; r->n < n; r->n++) {
		r->messages[r->n] = v[r->n]->m;
		r->messages[r->n].result = QUEUE_ASK;
	}
	int rc = queue_client_ask(
	    h->settings->daemon.queue_socket, r, on_answer, answers, err);

	free(r);
	return rc;
}

int
held_ask(struct held *h, enum queue_verb verb, struct queue_entry **v, size_t n,
    struct text *out, struct error *err)
{
	struct answers answers = {.h = h, .out = out};

	return ask(h, verb, v, n, &answers, err);
}

static void
print_sum(const struct held *h, enum queue_verb verb)
{
	struct held_tally t = {0};
	char words[1024];
	struct queue_entry *e;
	struct text text;
	size_t i = 0;

	while ((e = queue_book_next(&h->meant, &i)) != NULL)
		held_tally_add(&t, &e->m);
	text_init(&text, words, sizeof(words));
	held_tally_print(&t, &text);
	fprintf(stderr, "%s, of %s on this host: %zu held message%s",
	    queue_verb_text(verb), h->l->args[0], t.n, t.n == 1 ? "" : "s");
	fprintf(stderr, "%s%s; %zu more of it stay or leave\n", t.n ? ": " : "",
	    words, h->others);
}

int
held_confirm(struct held *h, enum queue_verb verb, struct error *err)
{
	char answer[16];

	if (!h->must_ask || h->was_asked)
		return 0;
	print_sum(h, verb);
	h->was_asked = true;
	if (client_option(h->l, "yes"))
		return 0;
	if (!isatty(STDIN_FILENO))
		return error_set(err,
		    "--yes is needed where nobody can be asked; nothing was "
		    "done");
	fprintf(stderr, "Go on? (yes/no) ");
	if (fgets(answer, sizeof(answer), stdin) &&
	    str_is(str_trim(str_from(answer)), STR("yes")))
		return 0;
	return error_set(err, "nothing was done");
}

static void
print_results(const struct answers *r, bool is_json, struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	if (is_json)
		json_open(&j, NULL);
	for (enum queue_result k = 0; k < QUEUE_RESULTS; k++) {
		if (r->by_result[k] == 0)
			continue;
		if (is_json)
			json_i64(
			    &j, queue_result_text(k), (int64_t)r->by_result[k]);
		else
			text_printf(out, "%zu %s: %s\n", r->by_result[k],
			    queue_result_text(k), queue_result_help(k));
	}
	if (is_json) {
		json_close(&j);
		text_char(out, '\n');
	} else if (r->forged->n > 0) {
		text_str(out, text_view(r->forged));
	}
}

/* What outpostd keeps of it. */
static void
print_done(const struct held *h, const struct answers *r,
    struct queue_entry **v, size_t n, size_t after, struct text *out)
{
	char words[HELD_SELECT_TEXT];
	struct json_out j;
	struct text t;

	json_out_init(&j, out);
	json_open(&j, NULL);
	json_i64(&j, "held_before", (int64_t)(n + h->others));
	json_i64(&j, "held_after", (int64_t)after);
	text_init(&t, words, sizeof(words));
	held_select_print(&h->select, &t);
	if (h->select.is_given)
		json_str(&j, "selection", text_view(&t));
	for (enum queue_result k = 0; k < QUEUE_RESULTS; k++) {
		if (r->by_result[k] > 0)
			json_i64(
			    &j, queue_result_text(k), (int64_t)r->by_result[k]);
	}
	json_open_array(&j, "queue_ids");
	for (size_t i = 0; i < n && i < IDS_TOLD; i++)
		json_str(&j, NULL, v[i]->m.id);
	json_close_array(&j);
	json_close(&j);
}

/* A person's order stands in the history; outpost-queue has it in its log also
 * where outpostd can't be told. */
static void
tell(const struct held *h, enum queue_verb verb, struct str done)
{
	struct client_line l = {.command = COMMAND_ID_queue, .n_args = 2};
	char text[8192];
	struct error err;
	struct text t;

	text_init(&t, text, sizeof(text));
	text_str(&t, done);
	l.args[0] = h->l->args[0];
	l.args[1] = queue_verb_text(verb);
	l.options[l.n_options].name = "done";
	l.options[l.n_options++].value = text;
	const char *reason = client_option(h->l, "reason");

	if (reason) {
		l.options[l.n_options].name = "reason";
		l.options[l.n_options++].value = reason;
	}
	struct json *doc = client_ask(&l,
	    h->l->socket ? h->l->socket : h->settings->daemon.control_socket,
	    &err);

	if (!doc || json_number(json_get(doc, "exit"), 1) != EXIT_OK)
		fprintf(stderr,
		    "outpost: it doesn't stand in the history: %s%.*s\n",
		    doc ? "" : err.text,
		    STR_ARG(json_text(json_get(doc, "err"))));
	json_free(&doc);
}

/* How many of the account are held now. */
static size_t
count_after(const struct held *h)
{
	struct held now = *h;
	struct error err;

	queue_book_init(&now.meant);
	now.others = 0;
	held_list(&now, &err);
	size_t n = now.meant.by_id.n + now.others;

	queue_book_done(&now.meant);
	return n;
}

static int
change_all(struct held *h, enum queue_verb verb, struct queue_entry **v,
    size_t n, struct answers *answers, struct error *err)
{
	for (size_t i = 0; i < n; i += QUEUE_BATCH) {
		size_t some = n - i < QUEUE_BATCH ? n - i : QUEUE_BATCH;

		if (ask(h, verb, v + i, some, answers, err) < 0)
			return -1;
	}
	if (answers->by_result[QUEUE_FAILED])
		return error_set(err, "not everything could be done");
	if (answers->by_result[QUEUE_FORGED])
		return error_set(err,
		    "%zu not returned: they name another sender than the "
		    "account, who sent nothing: delete them, or let them be",
		    answers->by_result[QUEUE_FORGED]);
	return 0;
}

int
held_change(struct held *h, enum queue_verb verb, bool is_json,
    struct text *out, struct error *err)
{
	struct answers answers = {.h = h, .out = out};
	char forged[FORGED_SHOWN * 600], done[8192];
	struct text names, sum;
	size_t n;

	if (held_confirm(h, verb, err) < 0)
		return -1;
	text_init(&names, forged, sizeof(forged));
	answers.forged = &names;
	struct queue_entry **v = queue_book_sorted(&h->meant, &n);
	int rc = change_all(h, verb, v, n, &answers, err);

	print_results(&answers, is_json, out);
	if (n == 0 && !is_json)
		text_add(out, "nothing of it is held\n");
	if (n > 0) {
		size_t after = count_after(h);

		if (!is_json)
			text_printf(out, "%zu of it still held\n", after);
		text_init(&sum, done, sizeof(done));
		print_done(h, &answers, v, n, after, &sum);
		tell(h, verb, text_view(&sum));
	}
	free(v);
	return rc;
}
