/* case_piece_write - what a case stands on, cut into events */
#include "base/time.h"
#include "notify/case_piece.h"

/* For the end of the list and of the object. */
enum { SPARE = 8 };

void
case_piece_begin(struct case_piece *p, const char *name)
{
	p->name = name;
	p->is_empty = true;
	case_event_begin(p->about, EVENT_CASE_FILED, STR("outpost"), &p->e);
	text_init(&p->t, p->e.rule, sizeof(p->e.rule));
	text_add(&p->t, name);
	text_init(&p->t, p->e.evidence, sizeof(p->e.evidence));
	json_out_init(&p->j, &p->t);
	json_open(&p->j, NULL);
	json_open_array(&p->j, name);
}

static void
emit(struct case_piece *p)
{
	p->emitted++;
	p->emit(p->ctx, &p->e);
}

void
case_piece_end(struct case_piece *p)
{
	json_close_array(&p->j);
	json_close(&p->j);
	if (!p->is_empty && p->emitted < p->max)
		emit(p);
	p->is_empty = true;
}

bool
case_piece_add(struct case_piece *p, struct str element)
{
	size_t room = sizeof(p->e.evidence) - SPARE - p->t.n;

	if (p->emitted >= p->max)
		return false;
	if (element.n + 1 > room && !p->is_empty) {
		case_piece_end(p);
		case_piece_begin(p, p->name);
		room = sizeof(p->e.evidence) - SPARE - p->t.n;
		if (p->emitted >= p->max)
			return false;
	}
	if (element.n + 1 > room)
		return true; /* larger than any event: left out */
	json_raw(&p->j, NULL, element);
	p->is_empty = false;
	return true;
}

void
case_piece_put(struct case_piece *p, const char *name, struct str object)
{
	if (p->emitted >= p->max || object.n >= sizeof(p->e.evidence))
		return;
	case_piece_begin(p, name);
	text_init(&p->t, p->e.evidence, sizeof(p->e.evidence));
	text_str(&p->t, object);
	emit(p);
}

static void
put(struct json_out *j, const char *key, const char *text)
{
	if (text && *text)
		json_str(j, key, str_from(text));
}

static void
put_time(struct json_out *j, const char *key, int64_t at)
{
	if (at > 0)
		json_time(j, key, at);
}

void
case_piece_message(const struct case_message *m, struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open(&j, NULL);
	put_time(&j, "at", m->at);
	put(&j, "instance", m->instance);
	put(&j, "queue_id", m->queue_id);
	put(&j, "sender", m->sender);
	put(&j, "subject", m->subject);
	put(&j, "client", m->client);
	put(&j, "country", m->country);
	put(&j, "country_name", m->country_name);
	json_i64(&j, "size", m->size_bytes);
	json_i64(&j, "recipients", m->recipients);
	json_open_array(&j, "to");
	for (size_t i = 0; i < m->n_to; i++)
		json_str(&j, NULL, str_from(m->to[i]));
	json_close_array(&j);
	json_close(&j);
}

void
case_piece_network(const struct case_network *n, struct text *out)
{
	char buf[64];
	struct text net;
	struct json_out j;

	text_init(&net, buf, sizeof(buf));
	ip_net_format(&net, &n->net);
	json_out_init(&j, out);
	json_open(&j, NULL);
	json_str(&j, "net", text_view(&net));
	put(&j, "country", n->country);
	put(&j, "country_name", n->country_name);
	put_time(&j, "first", n->first_seen);
	put_time(&j, "last", n->last_seen);
	json_bool(&j, "is_known", n->is_known);
	json_bool(&j, "in_evidence", n->is_in_evidence);
	json_close(&j);
}

void
case_piece_complaint(const struct case_complaint *c, struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open(&j, NULL);
	put_time(&j, "at", c->at);
	put(&j, "provider", c->provider);
	put(&j, "kind", c->kind);
	put(&j, "subject", c->subject);
	put(&j, "message_id", c->message_id);
	put(&j, "header", c->header);
	json_close(&j);
}

void
case_piece_line(struct str line, struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	json_str(&j, NULL, line);
}
