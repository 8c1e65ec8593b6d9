/* control_fuzz - any line is a question or an error, any answer is one line */
#include <stdlib.h>
#include "daemon/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_request(const struct control_request *q)
{
	size_t n = 0;

	if (q->command >= COMMAND_IDS || q->n_args > CONTROL_ARGS ||
	    q->may_change)
		abort();
	for (size_t i = 0; i < q->n_args; i++) {
		for (size_t k = 0; k < q->args[i].n; k++)
			n += (size_t)(unsigned char)q->args[i].p[k];
	}
	for (size_t i = 0; i < command_options_n; i++) {
		const struct command_option *o = &command_options[i];

		if (control_has(q, o->name) &&
		    !command_option_find(q->command, str_from(o->name)))
			abort();
		n += control_option(q, o->name).n;
	}
	if (n == SIZE_MAX)
		abort();
}

/* Whatever an answer holds, it is one line, and the same text again when it
 * was UTF-8. */
static void
check_answer(struct str any)
{
	struct control_reply r;
	struct json *doc;
	struct error err;
	struct text line;

	control_reply_init(&r);
	text_str(&r.out, any);
	control_fail(&r, EXIT_FAILED, "%.*s", STR_ARG(any));
	text_grow(&line, 1 << 20);
	control_print(&r, &line);
	if (line.is_cut || line.n == 0 ||
	    memchr(line.p, '\n', line.n) != line.p + line.n - 1)
		abort();
	doc = json_parse(text_view(&line), &err);
	if (!doc && !memchr(any.p, '\0', any.n))
		abort();
	if (doc && json_number(json_get(doc, "exit"), 0) != EXIT_FAILED)
		abort();
	json_free(&doc);
	text_done(&line);
	control_reply_done(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str line = str_make(n ? (const char *)data : "", n);
	struct control_request q;
	struct json *doc;
	struct error err;

	if (control_parse(line, &q, &doc, &err))
		check_request(&q);
	else if (doc || !*err.text)
		abort();
	json_free(&doc);
	check_answer(str_head(line, 16 * 1024));
	return 0;
}
