/* export_case - `outpost export CASE`: the evidence of a sanction, as one file
 */
#include "cli/export_case.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/time.h"
#include "base/child.h"
#include "cli/local.h"

enum { OUT_MAX = 256 * 1024 * 1024, STRING_MAX = 64 * 1024 };

void
export_str(struct export_case *c, const char *key, struct str v)
{
	struct text t;

	text_grow(&t, 4 * STRING_MAX);
	mask_text(&c->mask, str_head(v, STRING_MAX), &t);
	json_str(&c->j, key, text_view(&t));
	text_done(&t);
}

static void
copy_member(void *ctx, struct str key, struct json *value)
{
	char name[80];
	struct text t;

	text_init(&t, name, sizeof(name));
	text_str(&t, key);
	export_copy(ctx, name, value);
}

void
export_copy(struct export_case *c, const char *key, const struct json *value)
{
	struct text t;

	if (json_is_string(value)) {
		export_str(c, key, json_text(value));
	} else if (json_is_object(value)) {
		json_open(&c->j, key);
		json_each(value, copy_member, c);
		json_close(&c->j);
	} else if (json_is_array(value)) {
		json_open_array(&c->j, key);
		for (size_t i = 0; i < json_count(value); i++)
			export_copy(c, NULL, json_at(value, i));
		json_close_array(&c->j);
	} else { /* a number, true, false, null */
		text_grow(&t, 64);
		json_print(&t, value);
		json_raw(&c->j, key, text_view(&t));
		text_done(&t);
	}
}

static void
on_version(void *ctx, struct str line)
{
	struct text *t = ctx;

	if (t->n == 0)
		text_printable(t, str_trim(line));
}

static void
put_versions(struct export_case *c)
{
	char path[PATH_MAX], version[64], host[256] = "";
	struct text t, v;
	struct child child = {.path = path,
	    .args = {"-d", "-h", "mail_version"},
	    .timeout_s = 10,
	    .on_line = on_version,
	    .ctx = &v};

	text_init(&t, path, sizeof(path));
	text_printf(&t, "%s/postconf", c->settings->daemon.postfix_commands);
	text_init(&v, version, sizeof(version));
	if (child_run(&child, NULL) < 0)
		text_clear(&v);
	gethostname(host, sizeof(host) - 1);
	json_str(&c->j, "host", str_from(host));
	json_str(&c->j, "node_name", str_from(c->settings->daemon.node_name));
	json_str(&c->j, "outpost", STR(OUTPOST_VERSION));
	if (v.n > 0)
		json_str(&c->j, "postfix", text_view(&v));
}

/* The same tokens whenever the same case is exported by who may read the
 * secret; others get new ones. */
static void
make_mask(struct export_case *c)
{
	struct crypto_key secret, key;
	char purpose[160];
	struct text t;

	text_init(&t, purpose, sizeof(purpose));
	text_add(&t, "outpost export ");
	text_str(&t, json_text(json_get(c->event, "id")));
	if (crypto_secret_read(c->settings->daemon.secret_file, &secret, NULL) <
	    0)
		crypto_random(secret.b, sizeof(secret.b));
	crypto_derive(&secret, text_view(&t), &key);
	account_rules_init(&c->rules, &c->settings->mta);
	mask_init(&c->mask, &key, &c->rules, c->account);
}

static void
compose(struct export_case *c, const struct json *told, struct text *out)
{
	int64_t now;

	make_mask(c);
	json_out_init(&c->j, out);
	json_open(&c->j, NULL);
	json_str(&c->j, "export", STR("outpost case"));
	json_str(&c->j, "id", json_text(json_get(c->event, "id")));
	now = time_now_us() / TIME_US;
	json_time(&c->j, "exported", now);
	put_versions(c);
	export_copy(c, "case", c->event);
	export_rules(c);
	export_copy(c, "events", json_get(told, "events"));
	export_log(c);
	json_close(&c->j);
	text_char(out, '\n');
}

static enum exit_status
print(const struct client_line *l, struct str json)
{
	struct error err;
	struct text out;

	if (l->is_json)
		return local_print(json);
	struct json *doc = json_parse(json, &err);

	if (!doc)
		return local_fail(EXIT_FAILED, "%s", err.text);
	text_grow(&out, OUT_MAX);
	export_print(doc, &out);
	enum exit_status status = local_print(text_view(&out));

	text_done(&out);
	json_free(&doc);
	return status;
}

static enum exit_status
export_told(
    const struct client_line *l, struct settings *s, const struct json *told)
{
	struct export_case c = {
	    .settings = s, .event = json_at(json_get(told, "case"), 0)};
	struct text out;
	int64_t at_us = 0;

	if (str_is(json_text(json_get(c.event, "kind")), STR("account")))
		c.account = json_text(json_get(c.event, "subject"));
	time_parse_rfc3339(json_text(json_get(c.event, "time")), &at_us);
	c.at = at_us / TIME_US;
	text_grow(&out, OUT_MAX);
	compose(&c, told, &out);
	enum exit_status status =
	    out.is_cut ? local_fail(EXIT_FAILED, "the case is too large")
		       : print(l, text_view(&out));

	text_done(&out);
	return status;
}

enum exit_status
export_case_run(
    const struct client_line *l, const char *socket, struct settings *s)
{
	struct client_line question = *l;
	enum exit_status status;
	struct error err;

	question.is_json = true;
	struct json *answer = client_ask(&question, socket, &err);

	if (!answer)
		return local_fail(
		    EXIT_UNREACHABLE, "outpostd does not answer: %s", err.text);
	struct str words = json_text(json_get(answer, "err"));

	status = (enum exit_status)json_number(
	    json_get(answer, "exit"), EXIT_FAILED);
	struct json *told =
	    status == EXIT_OK
		? json_parse(str_trim(json_text(json_get(answer, "out"))), &err)
		: NULL;

	if (told)
		status = export_told(l, s, told);
	else if (status == EXIT_OK)
		status =
		    local_fail(EXIT_FAILED, "outpostd's answer: %s", err.text);
	else
		fprintf(stderr, "outpost: %.*s", STR_ARG(words));
	json_free(&told);
	json_free(&answer);
	return status;
}
