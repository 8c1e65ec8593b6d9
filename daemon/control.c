/* control - the protocol between the outpost command and outpostd */
#include "daemon/control.h"

static bool
take_args(const struct json *args, struct control_request *q, struct error *err)
{
	if (args && !json_is_array(args)) {
		error_set(err, "the arguments are no list");
		return false;
	}
	q->n_args = json_count(args);
	if (q->n_args > CONTROL_ARGS) {
		error_set(err, "more than %d arguments", CONTROL_ARGS);
		return false;
	}
	for (size_t i = 0; i < q->n_args; i++) {
		if (!json_is_string(json_at(args, i))) {
			error_set(err, "an argument is no text");
			return false;
		}
		q->args[i] = json_text(json_at(args, i));
	}
	return true;
}

struct option_check {
	enum command_id command;
	struct error *err;
	bool is_good;
};

/* What the command adds itself: for many at once (desk_batch), what was done
 * with held mail (desk_queue) or in a zone (desk_domain_set), and where a page
 * begins (desk_page). */
static bool
is_own(const struct option_check *c, struct str name)
{
	if (c->command == COMMAND_ID_queue)
		return str_is(name, STR("done"));
	if (c->command == COMMAND_ID_domain)
		return str_is(name, STR("done")) ||
		       str_is(name, STR("records"));
	if (c->command == COMMAND_ID_list || c->command == COMMAND_ID_export ||
	    c->command == COMMAND_ID_domains)
		return str_is(name, STR("page"));
	return command_option_find(c->command, STR("from-file")) &&
	       str_is(name, STR("batch"));
}

static void
check_option(void *ctx, struct str name, struct json *value)
{
	struct option_check *c = ctx;

	if (!c->is_good)
		return;
	if (!command_option_find(c->command, name) && !is_own(c, name))
		error_set(c->err, "%s has no option --%.*s",
		    commands[c->command].name, STR_ARG(name));
	else if (!json_is_string(value))
		error_set(
		    c->err, "the value of --%.*s is no text", STR_ARG(name));
	else
		return;
	c->is_good = false;
}

static bool
read_request(
    const struct json *doc, struct control_request *q, struct error *err)
{
	const char *near;
	struct str name = json_text(json_get(doc, "command"));

	q->command = command_find(name, &near);
	if (q->command == COMMAND_IDS) {
		error_set(err, "no command \"%.*s\"%s%s%s", STR_ARG(name),
		    near ? "; did you mean \"" : "", near ? near : "",
		    near ? "\"?" : "");
		return false;
	}
	q->options = json_get(doc, "options");
	q->is_json = json_is_true(json_get(doc, "json"));
	q->width = json_number(json_get(doc, "width"), 100);
	struct option_check check = {q->command, err, true};

	if (q->options && !json_is_object(q->options)) {
		error_set(err, "the options are no object");
		return false;
	}
	json_each(q->options, check_option, &check);
	return check.is_good && take_args(json_get(doc, "args"), q, err);
}

bool
control_parse(struct str line, struct control_request *q, struct json **doc,
    struct error *err)
{
	*q = (struct control_request){0};
	*doc = json_parse(line, err);
	if (!*doc)
		return false;
	if (read_request(*doc, q, err))
		return true;
	json_free(doc);
	return false;
}

struct str
control_option(const struct control_request *q, const char *name)
{
	return json_text(json_get(q->options, name));
}

bool
control_has(const struct control_request *q, const char *name)
{
	return json_get(q->options, name) != NULL;
}

void
control_reply_init(struct control_reply *r)
{
	text_grow(&r->out, CONTROL_REPLY);
	text_grow(&r->err, CONTROL_REQUEST);
	r->last[0] = '\0';
	r->exit = EXIT_OK;
	r->is_order = false;
}

void
control_reply_done(struct control_reply *r)
{
	text_done(&r->out);
	text_done(&r->err);
}

bool
control_fail(
    struct control_reply *r, enum exit_status exit, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(&r->err, fmt, ap);
	va_end(ap);
	text_char(&r->err, '\n');
	r->exit = exit;
	return false;
}

static void
print_parts(struct text *line, int exit, struct str out, struct str err,
    const char *last)
{
	struct json_out j;

	json_out_init(&j, line);
	json_open(&j, NULL);
	json_i64(&j, "exit", exit);
	json_str(&j, "out", out);
	json_str(&j, "err", err);
	if (*last)
		json_str(&j, "last", str_from(last));
	json_close(&j);
	text_char(line, '\n');
}

/* Half an answer would be taken for a whole one. */
void
control_print(const struct control_reply *r, struct text *line)
{
	bool is_cut = r->out.is_cut || r->err.is_cut;

	if (!is_cut) {
		print_parts(line, r->exit, text_view(&r->out),
		    text_view(&r->err), r->last);
		is_cut = line->is_cut;
	}
	if (!is_cut)
		return;
	text_clear(line);
	print_parts(line, EXIT_FAILED, STR(""),
	    STR("the answer is too long; ask for less\n"), "");
}
