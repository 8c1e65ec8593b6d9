/* trace_json - a message's story for a program */
#include "base/time.h"
#include "cli/trace_print.h"

static void
put(struct json_out *j, const char *key, struct str v)
{
	if (v.n > 0)
		json_str(j, key, v);
}

static void
put_time(struct json_out *j, const char *key, int64_t at_us)
{
	char buf[64];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	time_rfc3339_us(&t, at_us);
	json_str(j, key, text_view(&t));
}

static void
put_who(const struct story *s, struct json_out *j)
{
	static const char *const who[] = {
	    [STORY_WHO_UNKNOWN] = "unknown",
	    [STORY_WHO_ACCOUNT] = "account",
	    [STORY_WHO_INBOUND] = "inbound",
	    [STORY_WHO_NOTICE] = "notice",
	};
	const struct story_flight *root = s->flights[0];

	json_str(j, "who", str_from(who[s->who]));
	put(j, "account", s->account);
	json_bool(j, "is_shared", s->is_shared);
	json_bool(j, "is_referred", s->is_referred);
	put(j, "claimed", s->claimed);
	put(j, "login", root->login);
	put(j, "client_address", root->client_address);
	put(j, "client_name", root->client_name);
	if (s->has_sender)
		json_str(j, "sender", s->sender);
	put(j, "message_id", s->message_id);
}

static void
put_flight(const struct story_flight *f, struct json_out *j)
{
	json_open(j, NULL);
	put(j, "queue_id", f->queue_id);
	json_str(j, "host", f->host);
	json_str(j, "instance", f->instance);
	json_str(j, "link", str_from(story_link_text(f->link)));
	if (f->parent)
		put(j, "continues", f->parent->queue_id);
	else
		put(j, "continues", f->orig_queue_id);
	put_time(j, "begin", f->begin_us);
	put_time(j, "end", f->end_us);
	json_bool(j, "is_ended", f->is_ended);
	if (f->size_bytes > 0)
		json_i64(j, "size_bytes", (int64_t)f->size_bytes);
	json_close(j);
}

static void
put_recipient(const struct story_recipient *r, struct json_out *j)
{
	json_open(j, NULL);
	json_str(j, "recipient", r->to);
	put(j, "orig_to", r->orig_to);
	json_str(j, "outcome", str_from(story_outcome_text(r->outcome)));
	put_time(j, "time", r->at_us);
	json_i64(j, "attempts", r->attempts);
	put(j, "queue_id", r->flight->queue_id);
	put(j, "relay_name", r->relay_name);
	put(j, "relay_address", r->relay_address);
	put(j, "dsn", r->dsn);
	put(j, "reply", r->reply);
	json_bool(j, "is_copy", r->is_copy);
	json_close(j);
}

static void
put_line(const struct story_line *l, struct json_out *j)
{
	json_open(j, NULL);
	put_time(j, "time", l->line.at_us);
	json_str(j, "host", l->line.host);
	json_str(j, "service", l->line.tag);
	put(j, "queue_id", l->flight->queue_id);
	json_str(j, "kind", str_from(line_kind_text(l->kind)));
	json_str(j, "text", l->line.text);
	json_close(j);
}

void
trace_print_json(
    const struct story *s, const struct trace_shape *shape, struct json_out *j)
{
	char buf[4096];
	struct text t;
	size_t n = 0;

	text_init(&t, buf, sizeof(buf));
	trace_print_summary(s, &t);
	json_open(j, NULL);
	json_str(j, "summary", text_view(&t));
	put_time(j, "begin", s->begin_us);
	put_time(j, "end", s->end_us);
	put_who(s, j);
	json_i64(j, "not_tried", (int64_t)s->not_tried);
	json_i64(j, "n_recipients", (int64_t)s->n_recipients);
	json_open_array(j, "recipients");
	for (struct story_recipient *r = s->recipients;
	     r && n < shape->lines_max; r = r->next, n++)
		put_recipient(r, j);
	json_close_array(j);
	json_open_array(j, "queue_ids");
	for (size_t i = 0; i < s->n_flights && i < shape->lines_max; i++)
		put_flight(s->flights[i], j);
	json_close_array(j);
	json_i64(j, "n_lines", (int64_t)s->n_lines);
	json_open_array(j, "lines");
	for (size_t i = 0; i < s->n_lines && i < shape->lines_max; i++)
		put_line(s->lines[i], j);
	json_close_array(j);
	json_close(j);
}
