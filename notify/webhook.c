/* webhook - what the abuse desk's systems get */
#include "notify/webhook.h"

#include "base/crypto.h"
#include "notify/webhook_text.h"

enum { BODY_MAX = 512 * 1024, SENTENCE = 8 * 1024, VERSION = 1 };

/* "case-*": what begins so. */
static bool
matches(struct str pattern, const char *word)
{
	if (str_ends(pattern, STR("*")))
		return str_starts(
		    str_from(word), str_head(pattern, pattern.n - 1));
	return str_is(pattern, str_from(word));
}

bool
webhook_wants(const struct webhook_settings *w, const struct event *e)
{
	if (e->type == EVENT_CASE_FILED)
		return false; /* evidence stays in its case */
	/* Whoever acts on sanctions isn't told of what has no effect. */
	bool is_tried =
	    e->type == EVENT_SANCTION && strcmp(e->how, "trial") == 0;
	const char *type = event_type_text(is_tried ? EVENT_TRIAL : e->type);

	for (size_t i = 0; i < w->events.n; i++) {
		struct str what = str_from(w->events.v[i]), head;

		if (!str_cut(&what, ':', &head)) {
			head = what;
			what = STR("*");
		}
		if (matches(head, type) &&
		    (matches(what, e->rung) || matches(what, e->rule)))
			return true;
	}
	return false;
}

void
webhook_id(const struct event *e, char id[EVENT_ID])
{
	if (*e->cause)
		memcpy(id, e->cause, sizeof(e->cause));
	else
		event_id(e, id);
}

static void
sign(const char *secret, int64_t now, struct str body, struct text *header)
{
	struct text t;
	uint8_t mac[32];

	text_grow(&t, BODY_MAX + 64);
	text_i64(&t, now);
	text_char(&t, '.');
	text_str(&t, body);
	crypto_hmac_secret(str_from(secret), text_view(&t), mac);
	text_done(&t);
	text_printf(header, "Outpost-Signature: t=%lld,v1=", (long long)now);
	text_hex(header, mac, sizeof(mac));
}

/* Around the body, which is written by now. Ids come from other nodes: what
 * would end a line doesn't get into one. */
static void
finish(const struct webhook_settings *w, const char *id, int64_t now,
    struct webhook_request *out)
{
	size_t n = 0;
	struct text t;

	text_init(&t, out->header[n++], WEBHOOK_HEADER);
	text_add(&t, "Content-Type: application/json");
	text_init(&t, out->header[n++], WEBHOOK_HEADER);
	text_add(&t, "Outpost-Id: ");
	text_printable(&t, str_from(id));
	if (*w->secret) {
		text_init(&t, out->header[n++], WEBHOOK_HEADER);
		sign(w->secret, now, text_view(&out->body), &t);
	}
	for (size_t i = 0; i < n; i++)
		out->headers[i] = out->header[i];
}

static enum webhook_format
format_of(const struct webhook_settings *w)
{
	enum webhook_format f = WEBHOOK_JSON;

	webhook_format_parse(str_from(w->format), &f);
	return f;
}

/* What each body has. */
static void
begin(struct json_out *j, const char *id, const char *type, struct str text)
{
	json_open(j, NULL);
	json_i64(j, "version", VERSION);
	json_str(j, "id", str_from(id));
	json_str(j, "type", str_from(type));
	json_str(j, "text", text);
}

static void
put_event(struct json_out *j, const char *key, const struct event *e)
{
	struct text t;

	text_grow(&t, BODY_MAX);
	event_print(e, &t);
	json_raw(j, key, text_view(&t));
	text_done(&t);
}

void
webhook_write(const struct webhook_settings *w, const struct event *e,
    int64_t now, struct webhook_request *out)
{
	enum webhook_format f = format_of(w);
	char id[EVENT_ID], sentence[SENTENCE], file[16];
	struct json_out j;
	struct text t;

	*out = (struct webhook_request){0};
	text_grow(&out->body, BODY_MAX);
	text_init(&t, sentence, sizeof(sentence));
	webhook_sentence(e, &t);
	webhook_id(e, id);
	if (f != WEBHOOK_JSON) {
		webhook_chat(f, text_view(&t), &out->body);
	} else {
		json_out_init(&j, &out->body);
		begin(&j, id, "event", text_view(&t));
		webhook_case(e, file);
		if (*file)
			json_str(&j, "case", str_from(file));
		put_event(&j, "event", e);
		json_close(&j);
	}
	finish(w, id, now, out);
}

static void
flood_sentence(const struct webhook_flood *flood, struct text *out)
{
	const struct event *e = flood->first[0];

	text_printf(out, "%zu times %s", flood->n, event_type_text(e->type));
	if (*e->rung) {
		text_char(out, ' ');
		text_printable(out, str_from(e->rung));
	}
	text_add(out, "; the first:");
	for (size_t i = 0; i < flood->n_first; i++) {
		e = flood->first[i];
		text_add(out, i ? ", " : " ");
		text_printable(
		    out, str_from(*e->subject ? e->subject : e->rule));
	}
}

static void
put_flood(struct json_out *j, const struct webhook_flood *flood)
{
	const struct event *e = flood->first[0];

	json_str(j, "kind", str_from(event_type_text(e->type)));
	json_str(j, "rung", str_from(e->rung));
	json_i64(j, "count", (int64_t)flood->n);
	json_open_array(j, "ids");
	for (size_t i = 0; i < flood->n; i++)
		json_str(j, NULL, str_from(flood->ids[i]));
	json_close_array(j);
	json_open_array(j, "first");
	for (size_t i = 0; i < flood->n_first; i++)
		put_event(j, NULL, flood->first[i]);
	json_close_array(j);
}

void
webhook_write_flood(const struct webhook_settings *w,
    const struct webhook_flood *flood, int64_t now, struct webhook_request *out)
{
	enum webhook_format f = format_of(w);
	char id[EVENT_ID + 8], sentence[SENTENCE];
	struct json_out j;
	struct text t;

	*out = (struct webhook_request){0};
	text_grow(&out->body, BODY_MAX);
	text_init(&t, id, sizeof(id));
	text_printf(&t, "flood-%s", flood->ids[0]);
	text_init(&t, sentence, sizeof(sentence));
	flood_sentence(flood, &t);
	if (f != WEBHOOK_JSON) {
		webhook_chat(f, text_view(&t), &out->body);
	} else {
		json_out_init(&j, &out->body);
		begin(&j, id, "flood", text_view(&t));
		put_flood(&j, flood);
		json_close(&j);
	}
	finish(w, id, now, out);
}

void
webhook_write_test(const struct webhook_settings *w, const char *by,
    int64_t now_us, struct webhook_request *out)
{
	enum webhook_format f = format_of(w);
	char id[64], sentence[SENTENCE];
	struct json_out j;
	struct text t;

	*out = (struct webhook_request){0};
	text_grow(&out->body, BODY_MAX);
	text_init(&t, id, sizeof(id));
	text_printf(&t, "test-%lld", (long long)now_us);
	text_init(&t, sentence, sizeof(sentence));
	text_add(&t, "This is a test of the webhook ");
	text_printable(&t, str_from(w->name));
	text_add(&t, ", asked for by ");
	text_printable(&t, str_from(by));
	text_add(&t, ". Nothing happened.");
	if (f != WEBHOOK_JSON) {
		webhook_chat(f, text_view(&t), &out->body);
	} else {
		json_out_init(&j, &out->body);
		begin(&j, id, "test", text_view(&t));
		json_close(&j);
	}
	finish(w, id, now_us / 1000000, out);
}
