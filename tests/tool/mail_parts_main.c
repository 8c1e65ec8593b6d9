/* mail_parts - a mail's parts as a mail program reads them
 *
 * usage: mail_parts FILE TYPE    prints the decoded parts of that type
 */
#include <stdio.h>

#include "base/text.h"
#include "fbl/mime.h"

int
main(int argc, char **argv)
{
	static const struct mime_limits limits = {100, 8};
	FILE *in = argc == 3 ? fopen(argv[1], "r") : NULL;
	char buf[4096];
	size_t n, found = 0;
	struct text t;
	struct arena a;
	struct mime m;

	if (!in) {
		fprintf(stderr, "usage: mail_parts FILE TYPE\n");
		return 2;
	}
	text_grow(&t, 16 * 1024 * 1024);
	while ((n = fread(buf, 1, sizeof(buf), in)) > 0)
		text_bytes(&t, buf, n);
	fclose(in);
	arena_init(&a);
	mime_read(text_view(&t), &limits, &a, &m);
	for (size_t i = 0; i < m.n; i++) {
		if (!str_is(m.v[i].type, str_from(argv[2])))
			continue;
		found++;
		fwrite(m.v[i].body.p, 1, m.v[i].body.n, stdout);
	}
	arena_done(&a);
	text_done(&t);
	return found > 0 ? 0 : 1;
}
