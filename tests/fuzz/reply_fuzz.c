/* Replies of receivers by the shipped rules: each line is one. A first line
 * that begins with "text=" adds a rule of its own, as an operator's file may.
 */
#include <stdlib.h>

#include "config/providers_file.h"
#include "reputation/reply_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct providers *providers;
static struct replies *replies;

static void
start(void)
{
	struct error err;

	if (!replies &&
	    providers_file_read("/dev/null", &providers, &replies, &err) < 0)
		abort();
}

/* A rule that is taken must be safe to ask. */
static void
ask_own_rule(struct str regex, struct str reply)
{
	char *text = str_dup(regex);
	const struct reply_spec spec = {.name = "own",
	    .provider = "",
	    .text = text,
	    .class = "other",
	    .scope = "",
	    .temporary = "",
	    .advice = "",
	    .contact = "",
	    .example = "x"};
	struct replies *own = replies_new();
	struct error err;
	struct reply r;

	if (replies_add(own, &spec, &err) == 0)
		replies_read(own, providers, STR(""), STR(""), reply, &r);
	replies_free(&own);
	free(text);
}

static void
read_line(struct str line)
{
	struct reply_text said;
	struct reply first, again;

	reply_text_read(&said, STR("5.7.1"), line);
	if (said.n >= REPLY_TEXT_MAX || said.plain[said.n] != '\0' ||
	    said.host.n > line.n)
		abort();
	for (size_t i = 0; i < said.n; i++)
		if (said.plain[i] >= 'A' && said.plain[i] <= 'Z')
			abort();
	replies_read(replies, providers, STR(""), STR(""), line, &first);
	replies_read(replies, providers, STR(""), STR(""), line, &again);
	if (first.rule != again.rule || first.class >= REPLY_CLASSES ||
	    first.scope >= REPLY_SCOPES || !first.advice || !first.contact)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_make((const char *)data, size), line, own = {0};

	start();
	while (rest.n > 0) {
		if (!str_cut(&rest, '\n', &line)) {
			line = rest;
			rest.n = 0;
		}
		/* Its own bytes, so that reading behind them is seen. */
		char *copy = malloc(line.n + (line.n == 0));

		if (!copy)
			abort();
		memcpy(copy, line.p, line.n);
		read_line(str_make(copy, line.n));
		if (own.n > 0)
			ask_own_rule(own, str_make(copy, line.n));
		free(copy);
		if (str_take(&line, STR("text=")))
			own = line;
	}
	return 0;
}
