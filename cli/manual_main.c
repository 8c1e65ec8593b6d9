/* manual_main - prints one page, for the Makefile: manual outpost.1 >FILE */
#include <stdio.h>

#include "cli/manual.h"

enum { PAGE_MAX = 1024 * 1024 };

int
main(int argc, char **argv)
{
	struct text t;

	text_grow(&t, PAGE_MAX);
	if (argc != 2 || !manual_print(str_from(argv[1]), &t)) {
		fprintf(stderr, "usage: manual outpost.1|outpostd.8|"
				"outpost.conf.5|outpost.conf\n");
		return 2;
	}
	fwrite(t.p, 1, t.n, stdout);
	text_done(&t);
	return fflush(stdout) == 0 ? 0 : 1;
}
