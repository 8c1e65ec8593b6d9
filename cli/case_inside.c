/* case_inside - who of our own got mail of a case */
#include "cli/case_inside.h"

#include <stdio.h>
#include <time.h>

#include "base/json.h"
#include "base/time.h"
#include "cli/local.h"
#include "cli/trace.h"

enum {
	OUT_MAX = 64 * 1024 * 1024,
	BEFORE = 3600, /* of a case that doesn't tell when it began */
	AFTER = 3600,  /* its mail arrives so long after its end */
	SLACK = 60,
	SHORTEST_ID = 8,
	ID_MAX = 1024,
};

struct inside {
	const struct settings *settings;
	int64_t from, to;
	bool is_json;
	struct json_out j;
	struct text out;
	size_t unclear;
};

/* One that no other has inside its own; without its <>. */
static bool
is_clear_id(struct str id)
{
	if (id.n < SHORTEST_ID || id.n > ID_MAX - 3)
		return false;
	for (size_t i = 0; i < id.n; i++) {
		if (id.p[i] <= ' ' || id.p[i] > '~' ||
		    strchr("<>\"\\", id.p[i]))
			return false;
	}
	return str_find(id, STR("@")) > 0;
}

static bool
is_clear_address(struct str to)
{
	for (size_t i = 0; i < to.n; i++) {
		if ((unsigned char)to.p[i] <= ' ' || to.p[i] == 127)
			return false;
	}
	return to.n > 0;
}

static bool
is_inside(const struct inside *c, const struct story_recipient *r)
{
	struct ip ip;

	if (r->outcome != STORY_DELIVERED || r->is_copy)
		return false;
	return str_is(r->program, STR("local")) ||
	       str_is(r->program, STR("virtual")) ||
	       str_is(r->program, STR("lmtp")) ||
	       str_is(r->program, STR("pipe")) ||
	       (ip_parse(r->relay_address, &ip) &&
		   ip_nets_has(&c->settings->mta.inside_networks, &ip));
}

static void
put(struct inside *c, const struct story *s, const struct story_recipient *r)
{
	char id[ID_MAX];
	struct text t;

	text_init(&t, id, sizeof(id));
	text_printf(&t, "<%.*s>", STR_ARG(s->message_id));
	if (!c->is_json) {
		text_str(&c->out, r->to);
		text_char(&c->out, ' ');
		text_str(&c->out, text_view(&t));
		text_char(&c->out, '\n');
		return;
	}
	json_open(&c->j, NULL);
	json_str(&c->j, "recipient", r->to);
	json_str(&c->j, "message_id", text_view(&t));
	json_str(&c->j, "queue_id", r->flight->queue_id);
	json_time(&c->j, "time", r->at_us / TIME_US);
	json_close(&c->j);
}

static void
on_story(void *ctx, const struct story *s)
{
	struct inside *c = ctx;
	int64_t at = s->begin_us / TIME_US;

	if (at < c->from || at > c->to)
		return;
	for (const struct story_recipient *r = s->recipients; r; r = r->next) {
		if (!is_inside(c, r))
			continue;
		if (is_clear_id(s->message_id) && is_clear_address(r->to))
			put(c, s, r);
		else
			c->unclear++;
	}
}

static int64_t
time_of(const struct json *doc, const char *name)
{
	int64_t us;

	return time_parse_rfc3339(json_text(json_get(doc, name)), &us)
		   ? us / TIME_US
		   : 0;
}

static enum exit_status
tell(struct inside *c, struct settings *s, const struct json *doc)
{
	int64_t began = time_of(doc, "began"), since = time_of(doc, "since");
	int64_t ended = time_of(doc, "ended"), now = (int64_t)time(NULL);
	struct error err;

	c->from = (began ? began : since - BEFORE) - SLACK;
	c->to = (ended ? ended : now) + SLACK;
	const struct trace_about about = {
	    .account = json_text(json_get(doc, "account")),
	    .at = c->from + (c->to + AFTER - c->from) / 2,
	    .within = (c->to + AFTER - c->from) / 2 + 1};

	if (trace_account(s, &about, on_story, c, &err) < 0)
		return local_fail(EXIT_FAILED, "%s", err.text);
	if (c->unclear > 0)
		fprintf(stderr,
		    "outpost: %zu more have no Message-ID of their own: see "
		    "outpost trace --account\n",
		    c->unclear);
	return EXIT_OK;
}

static enum exit_status
ask(const struct client_line *l, const char *socket, struct json **out)
{
	struct client_line question = *l;
	struct error err;

	question.is_json = true;
	struct json *answer = client_ask(&question, socket, &err);

	if (!answer)
		return local_fail(
		    EXIT_UNREACHABLE, "outpostd does not answer: %s", err.text);
	enum exit_status status = (enum exit_status)json_number(
	    json_get(answer, "exit"), EXIT_FAILED);

	if (status != EXIT_OK)
		fprintf(stderr, "outpost: %.*s",
		    STR_ARG(json_text(json_get(answer, "err"))));
	else
		*out = json_parse(
		    str_trim(json_text(json_get(answer, "out"))), &err);
	json_free(&answer);
	if (status == EXIT_OK && !*out)
		status =
		    local_fail(EXIT_FAILED, "outpostd's answer: %s", err.text);
	return status;
}

enum exit_status
case_inside(const struct client_line *l, const char *socket, struct settings *s)
{
	struct inside c = {.settings = s, .is_json = l->is_json};
	struct json *doc = NULL;
	enum exit_status status = ask(l, socket, &doc);

	if (status != EXIT_OK)
		return status;
	text_grow(&c.out, OUT_MAX);
	json_out_init(&c.j, &c.out);
	if (c.is_json)
		json_open_array(&c.j, NULL);
	status = tell(&c, s, doc);
	if (c.is_json) {
		json_close_array(&c.j);
		text_char(&c.out, '\n');
	}
	if (status == EXIT_OK)
		status = local_print(text_view(&c.out));
	text_done(&c.out);
	json_free(&doc);
	return status;
}
