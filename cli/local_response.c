/* local_response - `explain response TEXT [--mx HOST]`: what a reply means
 *
 * TEXT is a reply, or what stands in the brackets of a delivery line. "-", or
 * none: each line of standard input.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/lines.h"
#include "cli/local.h"
#include "config/settings.h"
#include "base/json.h"

enum { OUT_MAX = 64 << 20, FLUSH_AT = 1 << 16 };

struct explainer {
	const struct settings *settings;
	struct str host;
	struct text out;
};

static void
put_text(struct json_out *j, const char *key, const char *text)
{
	if (text && *text)
		json_str(j, key, str_from(text));
	else
		json_nil(j, key);
}

static void
explain(struct explainer *e, struct str text)
{
	struct reply r;
	struct json_out j;

	replies_read(e->settings->replies, e->settings->providers, e->host,
	    STR(""), text, &r);
	json_out_init(&j, &e->out);
	json_open(&j, NULL);
	json_str(&j, "class", str_from(reply_class_text(r.class)));
	json_str(&j, "scope", str_from(reply_scope_text(r.scope)));
	put_text(&j, "provider", r.provider);
	json_bool(&j, "temporary", r.is_temporary);
	if (r.retry_after > 0)
		json_i64(&j, "retry_after", r.retry_after);
	else
		json_nil(&j, "retry_after");
	put_text(&j, "advice", r.advice);
	put_text(&j, "contact", r.contact);
	put_text(&j, "rule", r.rule);
	json_close(&j);
	text_char(&e->out, '\n');
}

static void
on_line(void *ctx, struct str line)
{
	struct explainer *e = ctx;

	explain(e, line);
	if (e->out.n < FLUSH_AT)
		return;
	fwrite(e->out.p, 1, e->out.n, stdout);
	text_clear(&e->out);
}

enum exit_status
local_explain_response(const struct settings *s, const struct client_line *l)
{
	struct explainer e = {
	    .settings = s, .host = str_from(client_option(l, "mx"))};
	struct error err;
	char words[8192];
	struct text t;
	int status = 0;

	text_grow(&e.out, OUT_MAX);
	text_init(&t, words, sizeof(words));
	for (size_t i = 1; i < l->n_args; i++)
		text_printf(&t, "%s%s", i > 1 ? " " : "", l->args[i]);
	if (t.n == 0 || strcmp(words, "-") == 0)
		status = lines_read("-", on_line, NULL, &e, &err);
	else
		explain(&e, text_view(&t));
	if (local_print(text_view(&e.out)) != EXIT_OK)
		status = -2;
	text_done(&e.out);
	if (status == -1)
		return local_fail(EXIT_FAILED, "%s", err.text);
	return status == 0 ? EXIT_OK : EXIT_FAILED;
}
