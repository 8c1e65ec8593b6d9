/* settings_lists_test - what lists of the configuration mean for each other */
#include "config/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"

static struct settings *
load(const char *words)
{
	char path[] = "/tmp/settings-lists-XXXXXX";
	int fd = mkstemp(path);
	struct error err;

	if (fd < 0 || write(fd, words, strlen(words)) != (ssize_t)strlen(words))
		fatal("no file");
	close(fd);
	struct settings *s = settings_load(path, &err);

	unlink(path);
	if (!s)
		fatal("%s", err.text);
	return s;
}

/* Mail leaves from own IPs, whoever names them. */
static void
own_ips_send(void)
{
	struct settings *s = load(
	    "domains: { sending_addresses = ( \"192.0.2.9\", "
	    "\"2001:db8:0::1\" ); };\n"
	    "own_ips = ( { name = \"out1\"; ipv4 = \"192.0.2.1\";\n"
	    "  ipv6 = \"2001:db8::1\"; helo = \"out1.test\"; },\n"
	    "  { name = \"out2\"; ipv4 = \"192.0.2.2\"; host = \"b\"; } );\n");
	const struct setting_list *l = &s->domains.sending_addresses;

	CHECK_INT(l->n, 4);
	CHECK_STR(str_from(l->v[0]), STR("192.0.2.9"));
	CHECK_STR(str_from(l->v[1]), STR("2001:db8:0::1"));
	CHECK_STR(str_from(l->v[2]), STR("192.0.2.1=out1.test"));
	CHECK_STR(str_from(l->v[3]), STR("192.0.2.2"));
	settings_free(&s);
}

TESTS(TEST(own_ips_send))
