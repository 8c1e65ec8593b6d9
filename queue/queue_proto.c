/* queue_proto - what outpost-queue is asked, and answers */
#include "queue/queue_proto.h"

static const struct {
	const char *text;
	enum queue_rights rights;
} verbs[QUEUE_VERBS] = {
#define VERB(name, text, rights, help) \
	[QUEUE_VERB_##name] = {text, QUEUE_##rights},
#include "queue/queue_verbs.def"
#undef VERB
};

const char *
queue_verb_text(enum queue_verb v)
{
	return verbs[v].text;
}

enum queue_rights
queue_verb_rights(enum queue_verb v)
{
	return verbs[v].rights;
}

bool
queue_verb_needs_reason(enum queue_verb v)
{
	return v == QUEUE_VERB_RETURN || v == QUEUE_VERB_DELETE;
}

bool
queue_verb_parse(struct str s, enum queue_verb *out)
{
	for (enum queue_verb v = 0; v < QUEUE_VERBS; v++) {
		if (str_is(s, str_from(verbs[v].text))) {
			*out = v;
			return true;
		}
	}
	return false;
}

bool
queue_request_is_whole(struct str bytes)
{
	return str_ends(bytes, STR("\n\n"));
}

struct parsing {
	struct queue_request *q;
	bool has_verb;
};

static bool
take_word(struct str value, size_t at, size_t cap, struct str *out,
    struct queue_request *q)
{
	return out->n == 0 && queue_unescape(value, q->words + at, cap, out);
}

static bool
take_message(struct str value, struct queue_request *q)
{
	if (q->n == QUEUE_BATCH ||
	    !queue_message_parse(value, q->texts[q->n], &q->messages[q->n]))
		return false;
	q->n++;
	return true;
}

static bool
take_line(struct parsing *p, struct str line)
{
	struct queue_request *q = p->q;

	if (str_take(&line, STR("verb="))) {
		if (p->has_verb)
			return false;
		p->has_verb = queue_verb_parse(line, &q->verb);
		return p->has_verb;
	}
	if (str_take(&line, STR("operator=")))
		return take_word(line, 0, QUEUE_TEXT_MAX, &q->operator, q);
	if (str_take(&line, STR("reason=")))
		return take_word(
		    line, QUEUE_TEXT_MAX, QUEUE_REASON_MAX, &q->reason, q);
	return str_take(&line, STR("message=")) && take_message(line, q);
}

bool
queue_request_parse(
    struct str bytes, struct queue_request *out, struct error *err)
{
	struct parsing p = {.q = out};
	struct str line;
	unsigned n = 1;

	out->n = 0;
	out->operator= out->reason = str_make("", 0);
	for (; str_cut(&bytes, '\n', &line) && line.n > 0; n++) {
		if (!take_line(&p, line)) {
			error_set(err, "line %u can't be understood", n);
			return false;
		}
	}
	if (!p.has_verb || bytes.n > 0) {
		error_set(err, p.has_verb ? "there is more than one question"
					  : "there is no verb");
		return false;
	}
	return true;
}

void
queue_request_print(const struct queue_request *q, struct text *out)
{
	text_printf(out, "verb=%s\n", queue_verb_text(q->verb));
	if (q->operator.n) {
		text_add(out, "operator=");
		queue_escape(out, q->operator);
		text_char(out, '\n');
	}
	if (q->reason.n) {
		text_add(out, "reason=");
		queue_escape(out, q->reason);
		text_char(out, '\n');
	}
	for (size_t i = 0; i < q->n; i++)
		queue_answer_message(out, &q->messages[i]);
	text_char(out, '\n');
}

void
queue_answer_message(struct text *out, const struct queue_message *m)
{
	text_add(out, "message=");
	queue_message_print(m, out);
	text_char(out, '\n');
}

void
queue_answer_text(struct text *out, struct str line)
{
	text_add(out, "text=");
	queue_escape(out, line);
	text_char(out, '\n');
}

void
queue_answer_done(struct text *out, size_t n)
{
	text_printf(out, "done=%zu\n\n", n);
}

void
queue_answer_failed(struct text *out, struct str sentence)
{
	text_add(out, "failed=");
	queue_escape(out, str_head(sentence, QUEUE_TEXT_MAX));
	text_add(out, "\n\n");
}

enum queue_line
queue_answer_parse(struct str line, struct queue_answer *out)
{
	if (str_take(&line, STR("message=")))
		return queue_message_parse(line, out->buf, &out->message)
			   ? QUEUE_LINE_MESSAGE
			   : QUEUE_LINE_BAD;
	if (str_take(&line, STR("done=")))
		return str_to_i64(line, &out->done) ? QUEUE_LINE_DONE
						    : QUEUE_LINE_BAD;
	bool is_text = str_take(&line, STR("text="));

	if (!is_text && !str_take(&line, STR("failed=")))
		return QUEUE_LINE_BAD;
	if (!queue_unescape(line, out->buf, sizeof(out->buf), &out->text))
		return QUEUE_LINE_BAD;
	return is_text ? QUEUE_LINE_TEXT : QUEUE_LINE_FAILED;
}
