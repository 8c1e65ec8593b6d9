/* policy_stub - a policy service for tests and benches, on policy_server
 *
 *   policy_stub [-Sv] [-a ACTION] [-d ACTION] [-i IDLE] [-s SLOW]
 *               [-m CONNECTIONS] ADDRESS...
 *
 * Answers ACTION (DUNNO) to every request, -d ACTION to those at DATA; -v
 * writes one line per request to stdout (after "ready"): state, instance,
 * login, sender, recipient, recipient_count. -S: with a stand-in. IDLE and SLOW
 * are milliseconds. Ends at SIGTERM.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/sock.h"
#include "daemon/policy_standin.h"

enum { ADDRESSES = 16 };

struct stub {
	struct str action, at_data;
	bool is_verbose, has_standin;
	int listeners[ADDRESSES];
	size_t n;
};

static void
answer(void *ctx, const struct policy_request *r, struct text *action)
{
	const struct stub *stub = ctx;

	text_str(
	    action, r->state == POLICY_DATA ? stub->at_data : stub->action);
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

static void
listen_all(struct stub *stub, char **addresses)
{
	struct error err;

	for (; *addresses && stub->n < ADDRESSES; addresses++) {
		int fd = sock_listen(*addresses, 0666, &err);

		if (fd < 0)
			fatal("%s", err.text);
		stub->listeners[stub->n++] = fd;
	}
}

static void
run(struct stub *stub, struct policy_config *config)
{
	struct policy_standin *standin = NULL;
	struct policy_server *server;
	struct loop_signal *term;
	struct loop *loop;
	struct error err;

	if (stub->has_standin) {
		standin = policy_standin_start(stub->listeners, stub->n, &err);
		if (!standin)
			fatal("%s", err.text);
		config->duty = policy_standin_alive;
		config->duty_ctx = standin;
	}
	loop = loop_new();
	term = loop_signal_new(loop, SIGTERM, on_term, loop);
	server = policy_server_new(loop, config);
	for (size_t i = 0; i < stub->n; i++)
		policy_server_adopt(server, stub->listeners[i]);
	if (stub->is_verbose) {
		puts("ready");
		fflush(stdout);
	}
	loop_run(loop);
	policy_standin_stop(&standin);
	policy_server_free(&server);
	loop_signal_free(&term);
	loop_free(&loop);
}

static bool
read_option(int option, struct stub *stub, struct policy_config *config)
{
	switch (option) {
	case 'a':
		stub->action = str_from(optarg);
		return true;
	case 'd':
		stub->at_data = str_from(optarg);
		return true;
	case 'i':
		config->idle_us = strtoll(optarg, NULL, 10) * 1000;
		return true;
	case 's':
		config->slow_us = strtoll(optarg, NULL, 10) * 1000;
		return true;
	case 'm':
		config->max_connections = strtoul(optarg, NULL, 10);
		return true;
	case 'S':
		stub->has_standin = true;
		return true;
	case 'v':
		stub->is_verbose = true;
		return true;
	default:
		return false;
	}
}

int
main(int argc, char **argv)
{
	struct stub stub = {.action = STR("DUNNO"), .at_data = STR("DUNNO")};
	struct policy_config config = {.max_connections = 1000,
	    .max_request_bytes = 16384,
	    .idle_us = 600000000,
	    .slow_us = 10000000,
	    .answer = answer,
	    .ctx = &stub};
	int option;

	while ((option = getopt(argc, argv, "Sva:d:i:s:m:")) != -1)
		if (!read_option(option, &stub, &config))
			return 2;
	listen_all(&stub, argv + optind);
	run(&stub, &config);
	return 0;
}
