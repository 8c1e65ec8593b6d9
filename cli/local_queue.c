/* local_queue - `outpost queue` and `outpost holdguard`: what is held
 *
 * They ask outpost-queue itself, which knows by the kernel who asks: both work
 * without outpostd.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/table.h"
#include "base/time.h"
#include "cli/local.h"
#include "cli/local_held.h"
#include "queue/queue_work.h"
#include "config/settings.h"
#include "daemon/tables.h"

enum { OUTPUT_MAX = 32 * 1024 * 1024, WIDTH = 0 };

struct query {
	const struct client_line *l;
	struct held held;
	struct text out;
};

static struct str
network_of(const struct queue_message *m, char buf[64])
{
	const struct ip_net net = ip_network(&m->client);
	struct text t;

	text_init(&t, buf, 64);
	if (ip_is_none(&m->client))
		text_char(&t, '-');
	else
		ip_net_format(&t, &net);
	return text_view(&t);
}

/* Where it came from, and what speaks against it, as far as that is known. */
static void
json_origin(struct json_out *j, const struct queue_message *m)
{
	char buf[64];

	if (!ip_is_none(&m->client))
		json_str(j, "network", network_of(m, buf));
	json_str(j, "origin", str_from(queue_origin_text(m->origin)));
	if (m->origin == QUEUE_ORIGIN_UNTOLD)
		return;
	json_bool(j, "known", m->origin != QUEUE_ORIGIN_NEW);
}

static void
print_json(struct queue_entry **v, size_t n, struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open_array(&j, NULL);
	for (size_t i = 0; i < n; i++) {
		const struct queue_message *m = &v[i]->m;

		json_open(&j, NULL);
		json_str(&j, "account", m->account);
		json_str(&j, "instance", m->instance);
		json_str(&j, "queue_id", m->id);
		json_time(&j, "arrived", m->to);
		json_time(&j, "held_until", m->due);
		json_i64(&j, "size", m->size_bytes);
		json_str(&j, "sender", m->sender);
		json_origin(&j, m);
		json_close(&j);
	}
	json_close_array(&j);
	text_char(out, '\n');
}

static void
cell_time(struct table *t, int64_t at)
{
	char buf[40];
	struct text words;

	text_init(&words, buf, sizeof(buf));
	time_local_text(&words, at);
	table_cell(t, text_view(&words));
}

static void
print_table(struct queue_entry **v, size_t n, struct text *out)
{
	struct table *t = table_new();

	table_column(t, "ARRIVED", TABLE_LEFT);
	table_column(t, "QUEUE ID", TABLE_LEFT);
	table_column(t, "INSTANCE", TABLE_LEFT);
	table_column(t, "BYTES", TABLE_RIGHT);
	table_column(t, "HELD UNTIL", TABLE_LEFT);
	table_column(t, "NETWORK", TABLE_LEFT);
	table_column(t, "ORIGIN", TABLE_LEFT);
	table_column(t, "SENDER", TABLE_LEFT);
	for (size_t i = 0; i < n; i++) {
		char net[64];

		cell_time(t, v[i]->m.to);
		table_cell(t, v[i]->m.id);
		table_cell(t, v[i]->m.instance);
		table_cell_i64(t, v[i]->m.size_bytes);
		cell_time(t, v[i]->m.due);
		table_cell(t, network_of(&v[i]->m, net));
		table_cell(t, str_from(queue_origin_text(v[i]->m.origin)));
		table_cell(t, v[i]->m.sender);
	}
	if (n > 0)
		table_print(t, out, WIDTH);
	else
		text_add(out, "nothing of it is held\n");
	table_free(&t);
}

static int
show_headers(
    struct query *q, struct queue_entry **v, size_t n, struct error *err)
{
	enum { MOST = 20 };

	for (size_t i = 0; i < n && i < MOST; i++) {
		text_printf(
		    &q->out, "%s== %.*s\n", i ? "\n" : "", STR_ARG(v[i]->m.id));
		if (held_ask(&q->held, QUEUE_VERB_HEADERS, v + i, 1, &q->out,
			err) < 0)
			return -1;
	}
	if (n > MOST)
		text_printf(&q->out,
		    "(%zu more: name their queue ids to see them)\n", n - MOST);
	return 0;
}

static int
run(struct query *q, enum queue_verb verb, struct error *err)
{
	size_t n;

	if (held_list(&q->held, err) < 0)
		return -1;
	if (verb != QUEUE_VERB_LIST && verb != QUEUE_VERB_HEADERS)
		return held_change(&q->held, verb, q->l->is_json, &q->out, err);
	struct queue_entry **v = queue_book_sorted(&q->held.meant, &n);
	int rc = 0;

	if (verb == QUEUE_VERB_HEADERS)
		rc = show_headers(q, v, n, err);
	else if (q->l->is_json)
		print_json(v, n, &q->out);
	else
		print_table(v, n, &q->out);
	free(v);
	return rc;
}

enum exit_status
local_queue(const struct settings *s, const struct client_line *l)
{
	struct query q = {.l = l};
	struct str word = str_from(l->n_args > 1 ? l->args[1] : "list");
	enum queue_verb verb;
	struct error err;

	if (l->n_args == 0 || !queue_verb_parse(word, &verb) ||
	    verb == QUEUE_VERB_HOLD)
		return local_fail(EXIT_USAGE, "usage: outpost queue %s",
		    commands[COMMAND_ID_queue].usage);
	if (queue_verb_needs_reason(verb) && !client_option(l, "reason"))
		return local_fail(EXIT_USAGE, "%s needs --reason TEXT",
		    queue_verb_text(verb));
	if (held_init(&q.held, s, l, &err) < 0)
		return local_fail(EXIT_USAGE, "%s", err.text);
	q.held.must_ask = verb == QUEUE_VERB_DELETE && l->n_args <= 2;
	text_grow(&q.out, OUTPUT_MAX);
	int rc = run(&q, verb, &err);
	enum exit_status status = local_print(text_view(&q.out));

	text_done(&q.out);
	held_done(&q.held);
	return rc < 0 ? local_fail(EXIT_FAILED, "%s", err.text) : status;
}

/* What doesn't leave is deleted by who orders it, not by outpostd. */
enum exit_status
local_lift(const struct settings *s, struct client_line *l)
{
	const char *socket = l->socket ? l->socket : s->daemon.control_socket;
	char buf[8192];
	struct text out;
	struct held held;
	struct error err;

	if (l->n_args != 1 || client_option(l, "return") ||
	    client_option(l, "dry-run"))
		return local_fail(EXIT_USAGE,
		    "--delete is about one account, without --return and "
		    "--dry-run");
	if (!client_option(l, "reason"))
		return local_fail(EXIT_USAGE, "lift needs --reason TEXT");
	if (held_init(&held, s, l, &err) < 0)
		return local_fail(EXIT_USAGE, "%s", err.text);
	held.must_ask = true;
	text_init(&out, buf, sizeof(buf));
	int rc = held_list(&held, &err);

	if (rc == 0)
		rc = held_confirm(&held, QUEUE_VERB_DELETE, &err);
	enum exit_status status = EXIT_FAILED;

	if (rc == 0 && (status = client_run(l, socket)) == EXIT_OK)
		rc = held_change(
		    &held, QUEUE_VERB_DELETE, l->is_json, &out, &err);
	local_print(text_view(&out));
	held_done(&held);
	return rc < 0 ? local_fail(EXIT_FAILED, "%s", err.text) : status;
}

/* Those that outpostd should have ended a while ago; or all. */
static enum exit_status
end_pauses(const struct settings *s, bool is_all)
{
	enum { GRACE = 5 };
	int64_t now = is_all ? INT64_MAX : time_now_us() / TIME_US - GRACE;
	struct error err;
	size_t n;

	if (tables_prune(s->daemon.state_dir, now, &n, &err) < 0)
		return local_fail(EXIT_FAILED,
		    "%s; deliveries may be paused longer than they should",
		    err.text);
	if (n > 0)
		log_notice("%zu domains of paused providers are delivered to "
			   "again: their time was over",
		    n);
	return EXIT_OK;
}

enum exit_status
local_holdguard(const struct settings *s, const struct client_line *l)
{
	const struct daemon_settings *d = &s->daemon;
	bool is_all = client_option(l, "all") != NULL;
	size_t found = 0, released = 0;
	struct queue_place p;
	struct error err;
	char words[128];
	struct text t;

	if (geteuid() != 0)
		return local_fail(EXIT_DENIED, "holdguard needs root");
	enum exit_status pruned = end_pauses(s, is_all);

	if (pruned != EXIT_OK)
		return pruned;
	if (queue_place_init(&p, d->queue_state_dir, d->postfix_commands,
		&d->instances, &err) < 0)
		return local_fail(EXIT_FAILED, "%s", err.text);
	int rc = queue_place_check(&p, &err);

	if (rc == 0)
		rc = queue_work_overdue(&p, time_now_us() / TIME_US, is_all,
		    &found, &released, &err);
	queue_place_done(&p);
	if (rc < 0)
		return local_fail(EXIT_FAILED,
		    "%s; mail may be held longer than it should", err.text);
	if (found == 0 && !l->is_json)
		return EXIT_OK;
	text_init(&t, words, sizeof(words));
	text_printf(&t,
	    l->is_json ? "{\"overdue\":%zu,\"released\":%zu}\n"
		       : "%zu overdue messages, %zu released\n",
	    found, released);
	return local_print(text_view(&t));
}
