/* dns_server - base/test_dns's server for scenarios: serves the zone in FILE
 * until it is killed, prints its address; SIGHUP reads the file again
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/gz.h"
#include "base/test_dns.h"
#include "base/text.h"

enum { ZONE_MAX = 64 * 1024 * 1024 };

static void
read_zone(const char *path, struct text *out)
{
	struct error err;
	struct gz *g = gz_open(path, &err);
	char buf[65536];
	ssize_t n = -1;

	while (g && (n = gz_read(g, buf, sizeof(buf), &err)) > 0)
		text_bytes(out, buf, (size_t)n);
	if (n < 0)
		fatal("%s", err.text);
	gz_close(&g);
}

int
main(int argc, char **argv)
{
	struct test_dns *s;
	struct error err;
	struct text zone;
	sigset_t hup;
	int signo;

	if (argc < 2)
		fatal("usage: dns_server FILE [PORT]");
	sigemptyset(&hup);
	sigaddset(&hup, SIGHUP);
	sigprocmask(SIG_BLOCK, &hup, NULL);
	text_grow(&zone, ZONE_MAX);
	read_zone(argv[1], &zone);
	s = test_dns_start(
	    text_view(&zone), argc > 2 ? (uint16_t)atoi(argv[2]) : 0, &err);
	if (!s)
		fatal("%s", err.text);
	printf("%s\n", test_dns_server(s));
	fflush(stdout);
	while (sigwait(&hup, &signo) == 0) {
		text_clear(&zone);
		read_zone(argv[1], &zone);
		if (test_dns_load(s, text_view(&zone), &err) < 0)
			fprintf(stderr, "%s\n", err.text);
	}
	return 0;
}
