/* maincf - what `outpost postfix` prints, and a table, without an outpostd
 *
 *   maincf [-c] [-q QUEUE] [-t TABLE] [-u TABLE] [-d REALM] ADDRESS [KEY...]
 *
 * Writes the table -t with a refusal for each account KEY (and its spellings),
 * makes the table -u if it is missing, and prints the lines; -c: chrooted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mta/maincf.h"
#include "mta/postfix_table.h"

enum { KEYS_MAX = 64 };

struct keys {
	char *v[KEYS_MAX];
	size_t n, next;
};

static void
add(void *ctx, struct str key)
{
	struct keys *keys = ctx;

	if (keys->n < KEYS_MAX)
		keys->v[keys->n++] = str_dup(key);
}

static bool
next(void *ctx, struct str *key, struct str *value)
{
	struct keys *keys = ctx;

	if (keys->next == keys->n)
		return false;
	*key = str_from(keys->v[keys->next++]);
	*value = STR("REJECT 5.7.1 suspended");
	return true;
}

static void
write_table(const char *path, const char *realm, char **accounts)
{
	struct account_rules rules = {.default_realm = str_from(realm)};
	struct keys keys = {.n = 0};
	struct error err;

	for (; *accounts; accounts++)
		postfix_table_login_keys(
		    &rules, str_from(*accounts), add, &keys);
	if (postfix_table_write(path, 0640, next, &keys, &err) < 0)
		fatal("%s", err.text);
	while (keys.n > 0)
		free(keys.v[--keys.n]);
}

int
main(int argc, char **argv)
{
	struct maincf m = {.has_reference = true};
	const char *realm = "", *address;
	struct error err;
	struct text out;
	int option;

	while ((option = getopt(argc, argv, "cq:t:u:d:")) != -1) {
		if (option == 'c')
			m.is_chrooted = true;
		else if (option == 'q')
			m.queue_directory = optarg;
		else if (option == 't')
			m.login_table = optarg;
		else if (option == 'u')
			m.user_table = optarg;
		else if (option == 'd')
			realm = optarg;
		else
			return 2;
	}
	if (optind == argc)
		fatal("usage: maincf [OPTION...] ADDRESS [ACCOUNT...]");
	address = argv[optind];
	m.sockets = (struct setting_list){&address, 1};
	if (m.login_table)
		write_table(m.login_table, realm, argv + optind + 1);
	if (m.user_table && postfix_table_make(m.user_table, 0644, &err) < 0)
		fatal("%s", err.text);
	text_grow(&out, 65536);
	if (maincf_print(&m, &out, &err) < 0)
		fatal("%s", err.text);
	fwrite(out.p, 1, out.n, stdout);
	text_done(&out);
	return 0;
}
