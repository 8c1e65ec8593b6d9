/* outpost_main - the operator's command */
#include "cli/case_draw.h"
#include "cli/case_inside.h"
#include "cli/check.h"
#include "cli/client.h"
#include "cli/domain.h"
#include "cli/export_case.h"
#include "cli/local.h"
#include "cli/many.h"
#include "cli/replay.h"
#include "config/settings.h"
#include "cli/show.h"
#include "cli/trace.h"

static bool
is_explain(const struct client_line *l, const char *what)
{
	return l->command == COMMAND_ID_explain && l->n_args > 0 &&
	       strcmp(l->args[0], what) == 0;
}

/* What needs the configuration, but no daemon. */
static enum exit_status
run_local(struct client_line *l, struct settings *s)
{
	switch (l->command) {
	case COMMAND_ID_replay:
		return replay_run(l, s);
	case COMMAND_ID_learn:
		return local_learn(s, l);
	case COMMAND_ID_trace:
		return trace_run(l, s);
	case COMMAND_ID_ingest:
		if (client_option(l, "csv"))
			return local_ingest_csv(s, l);
		return client_option(l, "user") ? local_ingest_own(s, l)
						: local_ingest(s, l);
	case COMMAND_ID_postfix:
		if (client_option(l, "outbound"))
			return local_postfix_outbound(
			    client_option(l, "postfix-config"), l->is_json);
		return local_postfix(
		    s, client_option(l, "postfix-config"), l->is_json);
	case COMMAND_ID_books:
		return local_books(s, l);
	case COMMAND_ID_domain:
		if (l->n_args > 0 && strcmp(l->args[0], "link") == 0)
			return client_run(l,
			    l->socket ? l->socket : s->daemon.control_socket);
		return domain_run(l, s);
	case COMMAND_ID_domains:
		return domains_run(l, s);
	case COMMAND_ID_config:
		return local_config(s, l);
	case COMMAND_ID_check:
		return check_run(l, s);
	case COMMAND_ID_lift:
		return local_lift(s, l);
	case COMMAND_ID_queue:
		return local_queue(s, l);
	case COMMAND_ID_holdguard:
		return local_holdguard(s, l);
	case COMMAND_ID_secret:
		return local_secret(
		    l->n_args > 0 ? l->args[0] : s->daemon.secret_file,
		    l->is_json);
	case COMMAND_ID_explain:
		return is_explain(l, "response") ? local_explain_response(s, l)
						 : local_explain_report(s, l);
	default:
		return local_settings(s, l->is_json);
	}
}

/* What it adds to outpostd's answer needs the configuration; the answer itself
 * needs only a socket. */
static enum exit_status
show_one(const struct client_line *l)
{
	struct error err;
	struct settings *s = settings_load(l->config, &err);

	if (!s && (!l->socket || l->config))
		return local_fail(EXIT_FAILED, "%s", err.text);
	enum exit_status status =
	    show_run(l, l->socket ? l->socket : s->daemon.control_socket, s);

	settings_free(&s);
	return status;
}

static enum exit_status
case_one(const struct client_line *l)
{
	struct error err;
	struct settings *s = NULL;

	if (!l->socket)
		s = settings_load(l->config, &err);
	if (!s && !l->socket)
		return local_fail(EXIT_FAILED, "%s", err.text);
	enum exit_status status = show_answer(
	    l, l->socket ? l->socket : s->daemon.control_socket, case_draw);

	settings_free(&s);
	return status;
}

static bool
is_export_case(const struct client_line *l)
{
	return l->command == COMMAND_ID_export && l->n_args == 1 &&
	       strcmp(l->args[0], "blocked") != 0 &&
	       strcmp(l->args[0], "suppressed") != 0;
}

static enum exit_status
export_one(const struct client_line *l)
{
	struct error err;
	struct settings *s = settings_load(l->config, &err);

	if (!s)
		return local_fail(EXIT_FAILED, "%s", err.text);
	enum exit_status status = export_case_run(
	    l, l->socket ? l->socket : s->daemon.control_socket, s);

	settings_free(&s);
	return status;
}

static enum exit_status
inside_one(const struct client_line *l)
{
	struct error err;
	struct settings *s = settings_load(l->config, &err);

	if (!s)
		return local_fail(EXIT_FAILED, "%s", err.text);
	enum exit_status status =
	    case_inside(l, l->socket ? l->socket : s->daemon.control_socket, s);

	settings_free(&s);
	return status;
}

/* Some questions to outpostd are also asked of the files. */
static bool
is_of_files(const struct client_line *l)
{
	return commands[l->command].access == COMMAND_LOCAL ||
	       (l->command == COMMAND_ID_lift && client_option(l, "delete")) ||
	       (l->command == COMMAND_ID_books && l->n_args > 0) ||
	       is_explain(l, "report") || is_explain(l, "response");
}

static enum exit_status
run(struct client_line *l)
{
	struct error err;

	if (l->command == COMMAND_ID_help)
		return local_help(l);
	if (is_explain(l, "log"))
		return local_explain_log(l->n_args > 1 ? l->args[1] : "-");
	if (l->command == COMMAND_ID_show && !many_is_asked(l))
		return show_one(l);
	if (l->command == COMMAND_ID_case && l->n_args == 1 &&
	    client_option(l, "inside"))
		return inside_one(l);
	if (l->command == COMMAND_ID_case && l->n_args == 1 &&
	    !client_option(l, "verify"))
		return case_one(l);
	if (is_export_case(l))
		return export_one(l);
	if (l->command == COMMAND_ID_ingest && client_option(l, "user") &&
	    client_option(l, "to"))
		return local_ingest_own(NULL, l);
	bool is_local = is_of_files(l);

	if (!is_local && l->socket)
		return client_run(l, l->socket);
	struct settings *s = settings_load(l->config, &err);

	if (!s)
		return local_fail(EXIT_FAILED, "%s", err.text);
	enum exit_status status =
	    is_local ? run_local(l, s)
		     : client_run(
			   l, l->socket ? l->socket : s->daemon.control_socket);

	settings_free(&s);
	return status;
}

int
main(int argc, char **argv)
{
	struct client_line line;
	struct error err;

	if (client_parse(argc, argv, &line, &err) < 0)
		return local_fail(EXIT_USAGE, "%s", err.text);
	return (int)run(&line);
}
