/* show_log - an account's last messages, from the log */
#include "cli/show_log.h"

#include <stdlib.h>

#include "base/time.h"
#include "daemon/samples.h"
#include "cli/trace.h"

enum { WITHIN = 1800, BYTES_MOST = 64 << 20, JSON_MAX = 16 * 1024 };

struct gathered {
	char *v[SAMPLES];
	size_t n; /* counts on */
};

static void
print_recipients(const struct story *s, struct json_out *j)
{
	const struct story_recipient *r = s->recipients;
	size_t n = s->n_recipients + (size_t)s->not_tried;

	json_i64(j, "recipients", (int64_t)n);
	json_open_array(j, "to");
	for (size_t i = 0; r && i < SAMPLE_NAMED; r = r->next, i++)
		json_str(j, NULL, r->to);
	json_close_array(j);
}

/* The newest stay. */
static void
take_story(void *ctx, const struct story *s)
{
	struct gathered *g = ctx;
	const struct story_flight *root = s->flights[0];
	char **place = &g->v[g->n % SAMPLES];
	struct json_out j;
	struct text t;

	if (root->queue_id.n == 0)
		return;
	text_grow(&t, JSON_MAX);
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_time(&j, "at", s->begin_us / TIME_US);
	json_str(&j, "instance", root->instance);
	json_str(&j, "queue_id", root->queue_id);
	json_str(&j, "from", s->sender);
	if (root->client_address.n > 0)
		json_str(&j, "client", root->client_address);
	print_recipients(s, &j);
	json_i64(&j, "size", (int64_t)root->size_bytes);
	json_close(&j);
	free(*place);
	*place = t.is_cut ? NULL : str_dup(text_view(&t));
	g->n++;
	text_done(&t);
}

void
show_log(struct settings *s, struct str account, int64_t at, show_log_fn *each,
    void *ctx)
{
	const struct trace_about about = {.account = account,
	    .at = at,
	    .within = WITHIN,
	    .bytes_max = BYTES_MOST};
	struct gathered g = {.n = 0};
	struct error err;

	if (trace_account(s, &about, take_story, &g, &err) < 0)
		return;
	size_t first = g.n > SAMPLES ? g.n - SAMPLES : 0;

	for (size_t i = first; i < g.n; i++) {
		const char *text = g.v[i % SAMPLES];
		struct json *one =
		    text ? json_parse(str_from(text), NULL) : NULL;

		if (one)
			each(ctx, one);
		json_free(&one);
	}
	for (size_t i = 0; i < SAMPLES; i++)
		free(g.v[i]);
}
