/* who signs what, as log lines say */
#include "domains/dkim_log.h"

#include "base/test.h"

static const struct {
	const char *program, *text, *domain, *selector; /* NULL: none */
} cases[] = {
    {"opendkim",
	"4XyZ1: DKIM-Signature field added (s=mail2026, d=Example.COM)",
	"example.com", "mail2026"},
    {"dkimpy-milter", "4XyZ1: DKIM-Signature field added (s=m, d=a.example)",
	"a.example", "m"},
    {"rspamd",
	"<a1>; task; rspamd_task_write_log: id: <x@y>, (default: F (no "
	"action): [-0.10/15.00] [MIME_GOOD(-0.10){text/plain;},DKIM_SIGNED"
	"(0.00){b.example:s=dkim;},TO_DN_NONE(0.00){}]), len: 900",
	"b.example", "dkim"},
    {"rspamd", "DKIM_SIGNED(0.00){b.example:s=dkim", NULL, NULL},
    {"rspamd", "DKIM_SIGNED(0.00){}", NULL, NULL},
    {"postfix/smtpd", "x: DKIM-Signature field added (s=m, d=a.example)", NULL,
	NULL},
    {"opendkim", "4XyZ1: no signature data", NULL, NULL},
    {"opendkim", "x: DKIM-Signature field added (s=a b, d=a.example)", NULL,
	NULL},
    {"opendkim", "x: DKIM-Signature field added (s=a, d=localhost)", NULL,
	NULL},
    {"opendkim", "x: DKIM-Signature field added (s=a, d=a.example", NULL, NULL},
};

static void
signatures_are_read(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char domain[DNS_NAME];
		struct str selector;
		bool is_one = dkim_log_parse(str_from(cases[i].program),
		    str_from(cases[i].text), domain, &selector);

		CHECK_INT(is_one, cases[i].domain != NULL);
		if (!is_one || !cases[i].domain)
			continue;
		CHECK_STR(str_from(domain), str_from(cases[i].domain));
		CHECK(str_is(selector, str_from(cases[i].selector)));
	}
}

TESTS(TEST(signatures_are_read))
