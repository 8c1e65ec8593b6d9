/* case_piece - what a case stands on: read */
#include "notify/case_piece.h"

#include "base/arena.h"
#include "base/time.h"

static const char *
text_of(struct case_file *f, const struct json *object, const char *name)
{
	struct str s = json_text(json_get(object, name));

	return s.n > 0 ? arena_dup(f->arena, s) : "";
}

static int64_t
number_of(const struct json *object, const char *name)
{
	return json_number(json_get(object, name), 0);
}

static int64_t
time_of(const struct json *object, const char *name)
{
	int64_t us;

	return time_parse_rfc3339(json_text(json_get(object, name)), &us)
		   ? us / TIME_US
		   : 0;
}

static void
read_place(struct case_file *f, const struct json *doc)
{
	if (f->n_places == CASE_NODES)
		return;
	f->places[f->n_places++] = (struct case_place){
	    .host = text_of(f, doc, "host"),
	    .version = text_of(f, doc, "version"),
	    .config = text_of(f, doc, "config"),
	    .rule_text = text_of(f, doc, "rule_text"),
	};
}

static void
read_bars(struct case_file *f, const struct json *doc)
{
	const struct json *bars = json_get(doc, "bars");

	if (f->n_bars > 0)
		return; /* another node's is shown already */
	for (size_t i = 0; i < json_count(bars) && i < CASE_BARS; i++)
		f->bars[f->n_bars++] = json_number(json_at(bars, i), 0);
	f->bars_end = time_of(doc, "bars_end");
	f->bar_seconds = number_of(doc, "bar_seconds");
}

static void
read_counts(struct case_file *f, const struct json *doc)
{
	const struct json *counts = json_get(doc, "counts");

	if (f->n_counts == 0) {
		for (size_t i = 0; i < json_count(counts) && i < CASE_COUNTS;
		     i++) {
			const struct json *c = json_at(counts, i);

			f->counts[f->n_counts++] = (struct case_count){
			    .name = text_of(f, c, "name"),
			    .hour = number_of(c, "hour"),
			    .day = number_of(c, "day"),
			    .week = number_of(c, "week"),
			};
		}
	}
	read_bars(f, doc);
}

static void
read_message(struct case_file *f, const struct json *m)
{
	const struct json *to = json_get(m, "to");
	struct case_message *out;

	if (f->n_messages == CASE_MESSAGES) {
		f->is_cut = true;
		return;
	}
	out = &f->messages[f->n_messages++];
	*out = (struct case_message){
	    .at = time_of(m, "at"),
	    .instance = text_of(f, m, "instance"),
	    .queue_id = text_of(f, m, "queue_id"),
	    .sender = text_of(f, m, "sender"),
	    .subject = text_of(f, m, "subject"),
	    .client = text_of(f, m, "client"),
	    .country = text_of(f, m, "country"),
	    .country_name = text_of(f, m, "country_name"),
	    .size_bytes = number_of(m, "size"),
	    .recipients = number_of(m, "recipients"),
	};
	for (size_t i = 0; i < json_count(to) && i < CASE_NAMED; i++)
		out->to[out->n_to++] =
		    arena_dup(f->arena, json_text(json_at(to, i)));
}

static struct case_network *
find_network(struct case_file *f, const struct ip_net *net)
{
	for (size_t i = 0; i < f->n_networks; i++) {
		if (memcmp(&f->networks[i].net, net, sizeof(*net)) == 0)
			return &f->networks[i];
	}
	return NULL;
}

static void
read_network(struct case_file *f, const struct json *n)
{
	struct ip_net net = {0};
	struct case_network *out;

	if (!ip_net_parse(json_text(json_get(n, "net")), &net))
		return;
	out = find_network(f, &net);
	if (out) { /* two nodes saw it */
		out->is_in_evidence |= json_is_true(json_get(n, "in_evidence"));
		return;
	}
	if (f->n_networks == CASE_NETWORKS) {
		f->is_cut = true;
		return;
	}
	f->networks[f->n_networks++] = (struct case_network){
	    .net = net,
	    .text = text_of(f, n, "net"),
	    .country = text_of(f, n, "country"),
	    .country_name = text_of(f, n, "country_name"),
	    .first_seen = time_of(n, "first"),
	    .last_seen = time_of(n, "last"),
	    .is_known = json_is_true(json_get(n, "is_known")),
	    .is_in_evidence = json_is_true(json_get(n, "in_evidence")),
	};
}

static void
read_line(struct case_file *f, const struct json *line)
{
	if (f->n_lines == CASE_LINES)
		f->is_cut = true;
	else
		f->lines[f->n_lines++] = arena_dup(f->arena, json_text(line));
}

static void
read_complaint(struct case_file *f, const struct json *c)
{
	if (f->n_complaints == CASE_COMPLAINTS) {
		f->is_cut = true;
		return;
	}
	f->complaints[f->n_complaints++] = (struct case_complaint){
	    .at = time_of(c, "at"),
	    .provider = text_of(f, c, "provider"),
	    .kind = text_of(f, c, "kind"),
	    .subject = text_of(f, c, "subject"),
	    .message_id = text_of(f, c, "message_id"),
	    .header = text_of(f, c, "header"),
	};
}

void
case_piece_read(
    struct case_file *f, const struct event *e, const struct json *doc)
{
	static const struct {
		const char *name;
		void (*whole)(struct case_file *, const struct json *);
		void (*each)(struct case_file *, const struct json *);
	} pieces[] = {
	    {"place", read_place, NULL},
	    {"counts", read_counts, NULL},
	    {"messages", NULL, read_message},
	    {"networks", NULL, read_network},
	    {"log", NULL, read_line},
	    {"complaints", NULL, read_complaint},
	};

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		const struct json *list = json_get(doc, pieces[i].name);

		if (strcmp(e->rule, pieces[i].name) != 0)
			continue;
		if (pieces[i].whole)
			pieces[i].whole(f, doc);
		for (size_t k = 0; pieces[i].each && k < json_count(list); k++)
			pieces[i].each(f, json_at(list, k));
	}
}
