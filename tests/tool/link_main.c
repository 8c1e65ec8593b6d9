/* link - a link's token as outpostd would make it, for tests
 *
 * usage: link SECRET_FILE CASE UNTIL GENERATION
 */
#include <stdio.h>
#include <stdlib.h>

#include "notify/link.h"

int
main(int argc, char **argv)
{
	struct crypto_key secret;
	struct link_keys keys;
	struct link l = {0};
	char token[LINK_TOKEN + 1];
	struct error err;
	struct text t;

	if (argc != 5 || !case_id_parse(str_from(argv[2]), l.id)) {
		fprintf(stderr, "usage: link SECRET CASE UNTIL GENERATION\n");
		return 2;
	}
	if (crypto_secret_read(argv[1], &secret, &err) < 0)
		fatal("%s", err.text);
	link_keys_init(&keys, &secret);
	l.until = strtoll(argv[3], NULL, 10);
	l.generation = (unsigned)strtoul(argv[4], NULL, 10);
	text_init(&t, token, sizeof(token));
	link_print(&keys, &l, &t);
	puts(token);
	return 0;
}
