/* case_json - a case as JSON */
#include "notify/case_json.h"

#include "base/time.h"

const char *
case_end_text(enum case_end e)
{
	static const char *const texts[] = {
	    [CASE_GOES_ON] = "",
	    [CASE_END_LIFTED] = "lifted",
	    [CASE_END_EXPIRED] = "expired",
	    [CASE_END_UNDONE] = "undone",
	    [CASE_END_REPLACED] = "replaced",
	};

	return texts[e];
}

static void
put(struct json_out *j, const char *key, const char *text)
{
	if (*text)
		json_str(j, key, str_from(text));
}

static void
put_time(struct json_out *j, const char *key, int64_t at)
{
	if (at > 0)
		json_time(j, key, at);
}

static void
put_stamp(struct json_out *j, const char *key, const struct case_stamp *s)
{
	put_time(j, key, s->at_us / TIME_US);
}

static void
put_end(const struct case_head *c, struct json_out *j)
{
	char id[CASE_ID];

	if (c->end == CASE_GOES_ON)
		return;
	json_str(j, "end", str_from(case_end_text(c->end)));
	put_stamp(j, "ended", &c->ended);
	case_id(c->next, id);
	put(j, "next", id);
}

static void
put_desk(const struct case_head *c, struct json_out *j)
{
	if (c->decided.at_us > 0) {
		json_bool(j, "is_approved", c->is_approved);
		put_stamp(j, "decided", &c->decided);
		put(j, "decided_by", c->decided_by);
	}
	put(j, "assigned", c->assignee);
	if (c->is_kept)
		json_bool(j, "is_kept", true);
	if (c->is_overturned)
		json_bool(j, "is_overturned", true);
	put_time(j, "reminded", c->reminded);
	put_time(j, "closed", c->closed);
}

void
case_json_head(const struct case_head *c, struct json_out *j)
{
	json_str(j, "case", str_from(c->id));
	json_str(j, "cause", str_from(c->cause));
	json_str(j, "account", str_from(c->account));
	json_str(j, "state", str_from(case_state_text(c->state)));
	json_bool(j, "is_in_force", case_is_in_force(c));
	json_time(j, "since", c->since);
	json_time(j, "until", c->until);
	json_str(j, "standing", str_from(c->rung));
	put(j, "rule", c->rule);
	put(j, "class", c->class);
	put(j, "config", c->config);
	put(j, "by", c->by);
	if (c->is_braked)
		json_bool(j, "is_braked", true);
	if (c->is_complaints)
		json_bool(j, "is_complaints", true);
	json_i64(j, "score", c->score);
	json_i64(j, "repeats", c->repeats);
	put_time(j, "began", c->began);
	json_i64(j, "leaked", c->recipients);
	if (c->answered.at_us > 0) {
		json_str(j, "answer", str_from(case_answer_text(c->answer)));
		put_stamp(j, "answered", &c->answered);
		json_bool(j, "answer_in_evidence", c->is_answer_in_evidence);
	}
	if (c->password.at_us > 0) {
		put_stamp(j, "password_changed", &c->password);
		json_bool(
		    j, "password_in_evidence", c->is_password_in_evidence);
	}
	put_desk(c, j);
	put_end(c, j);
}

static void
put_reasons(const struct case_file *f, struct json_out *j)
{
	json_open_array(j, "reasons");
	for (size_t i = 0; i < f->n_reasons; i++) {
		json_open(j, NULL);
		json_str(j, "rule", str_from(f->reasons[i].rule));
		json_i64(j, "points", f->reasons[i].points);
		json_str(j, "text", str_from(f->reasons[i].text));
		if (f->reasons[i].is_share) {
			json_i64(j, "value", f->reasons[i].value);
			json_i64(j, "delivered", f->reasons[i].bound);
		}
		json_close(j);
	}
	json_close_array(j);
}

static void
put_chart(const struct case_file *f, struct json_out *j)
{
	if (f->n_bars == 0)
		return;
	json_open(j, "chart");
	json_str(j, "count", STR("recipients"));
	json_time(j, "until", f->bars_end);
	json_open_array(j, "minutes");
	for (size_t i = 0; i < f->n_bars; i++)
		json_i64(j, NULL, f->bars[i]);
	json_close_array(j);
	json_close(j);
}

static void
put_message(const struct case_message *m, struct json_out *j)
{
	json_open(j, NULL);
	put_time(j, "at", m->at);
	put(j, "instance", m->instance);
	put(j, "queue_id", m->queue_id);
	put(j, "sender", m->sender);
	put(j, "subject", m->subject);
	put(j, "client", m->client);
	put(j, "country", m->country);
	put(j, "country_name", m->country_name);
	json_i64(j, "size", m->size_bytes);
	json_i64(j, "recipients", m->recipients);
	json_open_array(j, "to");
	for (size_t i = 0; i < m->n_to; i++)
		json_str(j, NULL, str_from(m->to[i]));
	json_close_array(j);
	json_close(j);
}

static void
put_network(const struct case_network *n, struct json_out *j)
{
	json_open(j, NULL);
	json_str(j, "network", str_from(n->text));
	put(j, "country", n->country);
	put(j, "country_name", n->country_name);
	put_time(j, "first_seen", n->first_seen);
	put_time(j, "last_seen", n->last_seen);
	json_bool(j, "is_known", n->is_known);
	json_bool(j, "in_evidence", n->is_in_evidence);
	json_close(j);
}

static void
put_evidence(const struct case_file *f, struct json_out *j)
{
	json_open_array(j, "messages");
	for (size_t i = 0; i < f->n_messages; i++)
		put_message(&f->messages[i], j);
	json_close_array(j);
	json_open_array(j, "networks");
	for (size_t i = 0; i < f->n_networks; i++)
		put_network(&f->networks[i], j);
	json_close_array(j);
	json_open_array(j, "complaints");
	for (size_t i = 0; i < f->n_complaints; i++) {
		const struct case_complaint *c = &f->complaints[i];

		json_open(j, NULL);
		put_time(j, "at", c->at);
		put(j, "provider", c->provider);
		put(j, "kind", c->kind);
		put(j, "subject", c->subject);
		put(j, "message_id", c->message_id);
		put(j, "header", c->header);
		json_close(j);
	}
	json_close_array(j);
}

static void
put_origin(const struct case_file *f, struct json_out *j)
{
	json_open_array(j, "counts");
	for (size_t i = 0; i < f->n_counts; i++) {
		json_open(j, NULL);
		json_str(j, "name", str_from(f->counts[i].name));
		json_i64(j, "hour", f->counts[i].hour);
		json_i64(j, "day", f->counts[i].day);
		json_i64(j, "week", f->counts[i].week);
		json_close(j);
	}
	json_close_array(j);
	json_open_array(j, "places");
	for (size_t i = 0; i < f->n_places; i++) {
		json_open(j, NULL);
		put(j, "host", f->places[i].host);
		put(j, "version", f->places[i].version);
		put(j, "config", f->places[i].config);
		put(j, "rule_text", f->places[i].rule_text);
		json_close(j);
	}
	json_close_array(j);
}

static void
put_answers(const struct case_file *f, struct json_out *j)
{
	json_open_array(j, "answers");
	for (size_t i = 0; i < f->n_said; i++) {
		const struct case_said *s = &f->said[i];

		json_open(j, NULL);
		put_time(j, "at", s->at);
		json_str(j, "answer", str_from(case_answer_text(s->answer)));
		put(j, "what", s->what);
		put(j, "to", s->to);
		put(j, "agreed", s->agreed);
		put(j, "client", s->client);
		put(j, "country", s->country);
		put(j, "language", s->language);
		json_bool(j, "in_evidence", s->is_in_evidence);
		json_close(j);
	}
	json_close_array(j);
}

static void
put_letters(const struct case_file *f, struct json_out *j)
{
	json_open_array(j, "letters");
	for (size_t i = 0; i < f->n_letters; i++) {
		const struct case_letter *l = &f->letters[i];

		json_open(j, NULL);
		put_time(j, "at", l->at);
		put(j, "stage", l->stage);
		put(j, "language", l->language);
		put(j, "outcome", l->outcome);
		put(j, "to", l->to);
		json_close(j);
	}
	json_close_array(j);
}

static void
put_history(const struct case_file *f, struct json_out *j)
{
	json_open_array(j, "history");
	for (size_t i = 0; i < f->n_steps; i++) {
		const struct case_step *s = &f->steps[i];

		json_open(j, NULL);
		put_time(j, "at", s->at);
		json_str(j, "type", str_from(event_type_text(s->type)));
		put(j, "by", s->by);
		put(j, "what", s->what);
		put(j, "reason", s->reason);
		put(j, "event", s->id);
		json_close(j);
	}
	json_close_array(j);
	json_open_array(j, "log");
	for (size_t i = 0; i < f->n_lines; i++)
		json_str(j, NULL, str_from(f->lines[i]));
	json_close_array(j);
}

void
case_json(const struct case_file *f, struct json_out *j)
{
	case_json_head(&f->head, j);
	put(j, "reason", f->reason);
	put(j, "decision", f->decision);
	put_reasons(f, j);
	put_chart(f, j);
	put_origin(f, j);
	put_evidence(f, j);
	put_answers(f, j);
	put_letters(f, j);
	put_history(f, j);
	if (f->is_cut)
		json_bool(j, "is_cut", true);
}
