/* webhook - what the abuse desk's systems get */
#include "notify/webhook.h"

#include "base/crypto.h"

enum { BODY_MAX = 64 * 1024 };

bool
webhook_wants(const struct webhook_settings *w, const struct event *e)
{
	/* Whoever acts on sanctions isn't told of what has no effect. */
	bool is_tried =
	    e->type == EVENT_SANCTION && strcmp(e->how, "trial") == 0;
	const char *type = event_type_text(is_tried ? EVENT_TRIAL : e->type);

	for (size_t i = 0; i < w->events.n; i++) {
		if (strcmp(w->events.v[i], "*") == 0 ||
		    strcmp(w->events.v[i], type) == 0)
			return true;
	}
	return false;
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
	text_add(header, "X-Outpost-Signature: sha256=");
	text_hex(header, mac, sizeof(mac));
}

void
webhook_write(const struct webhook_settings *w, const struct event *e,
    int64_t now, struct webhook_request *out)
{
	char id[EVENT_ID];
	size_t n = 0;
	struct text t;

	*out = (struct webhook_request){0};
	text_grow(&out->body, BODY_MAX);
	event_print(e, &out->body);
	event_id(e, id);
	text_init(&t, out->header[n++], WEBHOOK_HEADER);
	text_add(&t, "Content-Type: application/json");
	text_init(&t, out->header[n++], WEBHOOK_HEADER);
	text_printf(&t, "X-Outpost-Event: %s", id);
	text_init(&t, out->header[n++], WEBHOOK_HEADER);
	text_printf(&t, "X-Outpost-Time: %lld", (long long)now);
	if (*w->secret) {
		text_init(&t, out->header[n++], WEBHOOK_HEADER);
		sign(w->secret, now, text_view(&out->body), &t);
	}
	for (size_t i = 0; i < n; i++)
		out->headers[i] = out->header[i];
}
