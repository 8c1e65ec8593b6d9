/* policy_stub - a policy service for tests and benches, on policy_server
 *
 *   policy_stub [-a ACTION] [-i IDLE] [-s SLOW] [-m CONNECTIONS] [-v]
 *               ADDRESS...
 *
 * Answers ACTION (DUNNO) to every request; -v writes one line per request to
 * stdout: state, instance, login, sender, recipient, recipient_count. IDLE and
 * SLOW are milliseconds. Ends at SIGTERM.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "daemon/policy_server.h"

struct stub {
	struct str action;
	bool is_verbose;
};

static void
answer(void *ctx, const struct policy_request *r, struct text *action)
{
	const struct stub *stub = ctx;

	text_str(action, stub->action);
	if (!stub->is_verbose)
		return;
	printf("%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%llu\n",
	    STR_ARG(r->protocol_state), STR_ARG(r->instance),
	    STR_ARG(r->sasl_username), STR_ARG(r->sender),
	    STR_ARG(r->recipient), (unsigned long long)r->recipient_count);
	fflush(stdout);
}

static void
on_term(void *ctx)
{
	loop_stop(ctx);
}

int
main(int argc, char **argv)
{
	struct stub stub = {.action = STR("DUNNO")};
	struct policy_config config = {.max_connections = 1000,
	    .max_request_bytes = 16384,
	    .idle_us = 600000000,
	    .slow_us = 10000000,
	    .answer = answer,
	    .ctx = &stub};
	struct policy_server *server;
	struct loop_signal *term;
	struct loop *loop;
	struct error err;
	int option;

	while ((option = getopt(argc, argv, "a:i:s:m:v")) != -1) {
		if (option == 'a')
			stub.action = str_from(optarg);
		else if (option == 'i')
			config.idle_us = strtoll(optarg, NULL, 10) * 1000;
		else if (option == 's')
			config.slow_us = strtoll(optarg, NULL, 10) * 1000;
		else if (option == 'm')
			config.max_connections = strtoul(optarg, NULL, 10);
		else if (option == 'v')
			stub.is_verbose = true;
		else
			return 2;
	}
	loop = loop_new();
	term = loop_signal_new(loop, SIGTERM, on_term, loop);
	server = policy_server_new(loop, &config);
	for (int i = optind; i < argc; i++)
		if (policy_server_listen(server, argv[i], 0666, &err) < 0)
			fatal("%s", err.text);
	loop_run(loop);
	policy_server_free(&server);
	loop_signal_free(&term);
	loop_free(&loop);
	return 0;
}
