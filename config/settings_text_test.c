/* settings_text_test - what is kept of a configuration can be loaded again,
 * and tells no password */
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/test.h"
#include "config/settings.h"

static struct settings *
load(struct str words)
{
	char path[] = "/tmp/settings-XXXXXX";
	int fd = mkstemp(path);
	struct error err;

	if (fd < 0 || write(fd, words.p, words.n) < 0)
		fatal("%s", path);
	close(fd);
	struct settings *s = settings_load(path, &err);

	unlink(path);
	if (!s)
		fatal("%s in %.*s", err.text, STR_ARG(words));
	return s;
}

static bool
has(const struct settings *s, const char *words)
{
	return str_find(str_from(s->text), str_from(words)) >= 0;
}

static const char full[] =
    "# a comment\n"
    "state_dir = \"/var/lib/x\";\n"
    "log: { files = ( \"/var/log/a\", \"/var/log/b\" ); };\n"
    "redis: { redis_uri = \"redis://u:hush@r.example/1\"; };\n"
    "ladder: { score_watch = 21; throttle_for = \"20m\"; };\n"
    "letters: { letters = false; provider = \"a \\\"b\\\" \\\\ c\"; };\n"
    "classes = ( { name = \"x\"; accounts = ( \"a*\", \"b\" ); }, "
    "{ name = \"y\"; } );\n"
    "limits = ( { name = \"h\"; max = 5; }, "
    "{ name = \"d\"; window = \"1d\"; max = 9; class = \"x\"; } );\n"
    "webhooks = ( { name = \"w\"; url = \"http://a:hush@h.example/\"; "
    "secret = \"hush\"; } );\n";

static void
it_can_be_loaded_again(void)
{
	struct settings *s = load(str_from(full));
	struct settings *again = load(str_from(s->text));

	CHECK_STR(str_from(again->text), str_from(s->text));
	CHECK_STR(str_from(again->generation), str_from(s->generation));
	CHECK_INT(again->limits.score_watch, 21);
	CHECK_INT(again->daemon.files.n, 2);
	CHECK_INT(rules_limits(again->rules), 2);
	CHECK_STR(
	    str_from(again->notify.provider), str_from(s->notify.provider));
	settings_free(&s);
	settings_free(&again);
}

static void
passwords_are_left_out(void)
{
	struct settings *s = load(str_from(full));

	CHECK(!has(s, "hush"));
	CHECK(has(s, "redis_uri = \"redis://***@r.example/1\";"));
	CHECK(has(s, "secret = \"***\";"));
	CHECK(has(s, "url = \"http://***@h.example/\";"));
	settings_free(&s);
}

static void
its_name_tells_what_counts(void)
{
	struct settings *a = load(STR("log: { files = \"/a\"; };"));
	struct settings *b = load(STR("# why\nlog:\n{ files = \"/a\" };"));
	struct settings *c = load(STR("log: { files = \"/b\"; };"));
	struct settings *none = load(STR(""));
	struct settings *empty = load(STR("limits = ( );"));

	CHECK_STR(str_from(a->generation), str_from(b->generation));
	CHECK(strcmp(a->generation, c->generation) != 0);
	CHECK(strcmp(none->generation, empty->generation) != 0);
	CHECK_INT(strlen(none->generation), 12);
	settings_free(&a);
	settings_free(&b);
	settings_free(&c);
	settings_free(&none);
	settings_free(&empty);
}

static void
rules_are_lent(void)
{
	struct settings *s =
	    load(STR("limits = ( { name = \"n\"; max = 1; } );"));
	struct settings *old = load(str_from(full));
	const char *generation = old->generation;

	settings_borrow_rules(s, old);
	CHECK_INT(rules_limits(s->rules), 2);
	CHECK_INT(s->limits.score_watch, 21);
	CHECK_STR(str_from(s->generation), str_from(generation));
	settings_free(&s);
}

TESTS(TEST(it_can_be_loaded_again), TEST(passwords_are_left_out),
    TEST(its_name_tells_what_counts), TEST(rules_are_lent))
