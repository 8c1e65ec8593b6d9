/* show_queue - what is held of one account, as outpost-queue tells */
#include "cli/show_queue.h"

#include <stdlib.h>

#include "base/time.h"
#include "queue/queue_client.h"
#include "mta/header_words.h"

void
show_queue_init(struct show_queue *q)
{
	*q = (struct show_queue){.socket = ""};
	queue_book_init(&q->held);
}

void
show_queue_done(struct show_queue *q)
{
	queue_book_done(&q->held);
}

static void
on_listed(void *ctx, enum queue_line what, const struct queue_answer *a)
{
	struct show_queue *q = ctx;

	if (what == QUEUE_LINE_MESSAGE &&
	    str_is_nocase(a->message.account, q->account))
		queue_book_put(&q->held, &a->message);
}

void
show_queue_ask(struct show_queue *q, const char *socket, struct str account)
{
	struct queue_request *list = xalloc(1, sizeof(*list));
	struct error err;

	q->socket = socket;
	q->account = account;
	list->verb = QUEUE_VERB_LIST;
	q->is_known =
	    *socket && queue_client_ask(socket, list, on_listed, q, &err) >= 0;
	free(list);
}

struct subject {
	char raw[1024]; /* the header's body, unfolded */
	struct text text;
	bool is_in, is_over;
};

/* Lines of the header; the first Subject counts. */
static void
on_header(void *ctx, enum queue_line what, const struct queue_answer *a)
{
	struct subject *s = ctx;
	struct str name = STR("subject:");

	if (what != QUEUE_LINE_TEXT || s->is_over)
		return;
	if (s->is_in && a->text.n > 0 &&
	    (a->text.p[0] == ' ' || a->text.p[0] == '\t')) {
		text_char(&s->text, ' ');
		text_str(&s->text, str_trim(a->text));
		return;
	}
	s->is_over = s->is_in;
	if (s->is_over || !str_is_nocase(str_head(a->text, name.n), name))
		return;
	s->is_in = true;
	text_str(&s->text, str_trim(str_skip(a->text, name.n)));
}

bool
show_queue_subject(
    struct show_queue *q, struct str instance, struct str id, struct text *out)
{
	struct queue_entry *e = queue_book_find(&q->held, instance, id);
	struct subject s = {.is_in = false};
	struct error err;

	if (!e || q->asked++ >= SHOW_SUBJECTS)
		return e != NULL;
	struct queue_request *ask = xalloc(1, sizeof(*ask));

	ask->verb = QUEUE_VERB_HEADERS;
	ask->messages[0] = e->m;
	ask->messages[0].result = QUEUE_ASK;
	ask->n = 1;
	text_init(&s.text, s.raw, sizeof(s.raw));
	if (queue_client_ask(q->socket, ask, on_header, &s, &err) >= 0)
		header_words(text_view(&s.text), out);
	free(ask);
	return true;
}

/* Held mail that is alike: from one network, with the same against it. */
struct share {
	struct ip_net net; /* of no address: not known */
	enum queue_origin origin;
	int64_t messages, bytes;
};

enum { SHARES = 32 };

static void
add_share(struct share v[SHARES], size_t *n, const struct queue_message *m)
{
	struct share one = {.origin = m->origin};
	size_t i = 0;

	if (!ip_is_none(&m->client))
		one.net = ip_network(&m->client);
	while (i < *n &&
	       (v[i].origin != one.origin || !ip_is(&v[i].net.ip, &one.net.ip)))
		i++;
	if (i == SHARES)
		return;
	if (i == *n)
		v[(*n)++] = one;
	v[i].messages++;
	v[i].bytes += m->size_bytes;
}

static int
compare_shares(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	return (x->messages < y->messages) - (x->messages > y->messages);
}

static void
json_shares(struct json_out *j, struct share *v, size_t n)
{
	if (n > 1)
		qsort(v, n, sizeof(*v), compare_shares);
	json_open_array(j, "networks");
	for (size_t i = 0; i < n; i++) {
		char buf[64];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		json_open(j, NULL);
		if (!ip_is_none(&v[i].net.ip)) {
			ip_net_format(&t, &v[i].net);
			json_str(j, "network", text_view(&t));
		}
		json_str(j, "origin", str_from(queue_origin_text(v[i].origin)));
		if (v[i].origin != QUEUE_ORIGIN_UNTOLD)
			json_bool(j, "known", v[i].origin != QUEUE_ORIGIN_NEW);
		json_i64(j, "messages", v[i].messages);
		json_i64(j, "bytes", v[i].bytes);
		json_close(j);
	}
	json_close_array(j);
}

void
show_queue_json(const struct show_queue *q, struct json_out *j)
{
	int64_t n = 0, bytes = 0, oldest = 0, due = 0;
	const struct queue_entry *e;
	struct share shares[SHARES];
	size_t n_shares = 0;

	for (size_t i = 0; (e = queue_book_next(&q->held, &i));) {
		n++;
		bytes += e->m.size_bytes;
		if (!oldest || e->m.to < oldest)
			oldest = e->m.to;
		if (!due || e->m.due < due)
			due = e->m.due;
		add_share(shares, &n_shares, &e->m);
	}
	json_open(j, "held");
	json_i64(j, "messages", n);
	json_i64(j, "bytes", bytes);
	if (n > 0) {
		json_time(j, "oldest", oldest);
		json_time(j, "until", due);
	}
	json_shares(j, shares, n_shares);
	json_close(j);
}
