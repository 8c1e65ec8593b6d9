/* settings_test - good files, bad files, and what is said about them */
#include "config/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"

static struct {
	char dir[32], path[64];
	struct error err;
} t;

static const char *
path_of(const char *name)
{
	static char path[4][128];
	static unsigned i;

	i = (i + 1) % 4;
	snprintf(path[i], sizeof(path[i]), "%s/%s", t.dir, name);
	return path[i];
}

static void
put(const char *name, struct str words)
{
	FILE *f = fopen(path_of(name), "w");

	if (!f || fwrite(words.p, 1, words.n, f) != words.n || fclose(f) != 0)
		fatal("%s: can't be written", name);
}

static void
begin(void)
{
	strcpy(t.dir, "/tmp/settings-XXXXXX");
	if (!mkdtemp(t.dir))
		fatal("no directory");
	snprintf(t.path, sizeof(t.path), "%s/outpost.conf", t.dir);
}

static void
end(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", t.dir);
	CHECK_INT(system(command), 0);
}

static struct settings *
load(const char *words)
{
	put("outpost.conf", str_from(words));
	strcpy(t.err.text, "");
	return settings_load(t.path, &t.err);
}

/* It loads. */
static void
good(const char *words)
{
	struct settings *s = load(words);

	if (!s)
		test_fail(__FILE__, __LINE__, "%s: %s", words, t.err.text);
	settings_free(&s);
}

/* It doesn't, and the error is "FILE:LINE: ..." and has the words. */
static void
bad(const char *words, int line, const char *want)
{
	struct settings *s = load(words);
	char place[128];

	if (s) {
		test_fail(__FILE__, __LINE__, "accepted: %s", words);
		settings_free(&s);
		return;
	}
	snprintf(place, sizeof(place), "%s:%d: ", t.path, line);
	if (!str_starts(str_from(t.err.text), str_from(place)) ||
	    !strstr(t.err.text, want))
		test_fail(__FILE__, __LINE__, "%s\n  gave  %s\n  not   %s...%s",
		    words, t.err.text, place, want);
}

static void
an_empty_file_is_the_defaults(void)
{
	begin();
	struct settings *s = load("");

	if (!s)
		fatal("%s", t.err.text);
	CHECK_STR(str_from(s->path), str_from(t.path));
	CHECK_STR(str_from(s->daemon.state_dir), STR("/var/lib/outpost"));
	CHECK_INT(s->daemon.files.n, 1);
	CHECK(rules_limits(s->rules) > 0); /* the shipped ones */
	CHECK(s->notify.letters);
	CHECK_INT(s->n_webhooks, 0);
	settings_free(&s);
	CHECK(!settings_load(path_of("absent"), &t.err));
	CHECK(strstr(t.err.text, "absent: No such file"));
	CHECK(!settings_load(t.dir, &t.err));
	CHECK(strstr(t.err.text, "directory"));
	end();
}

static void
values_of_every_type(void)
{
	begin();
	struct settings *s = load(
	    "state_dir = \"/srv/o\";\n"
	    "log: { files = (\"/a\", \"/b*\"); };\n"
	    "policy: { listen = \"unix:/p, inet:127.0.0.1:99\";\n"
	    "  policy_timeout = 7; policy_idle = \"5m\"; };\n"
	    "books: { books_map_size = \"1G\"; };\n"
	    "letters: { letters = false; provider = \"Ex Ample, Ltd\"; };\n"
	    "accounts: { trusted_clients = [\"192.0.2.0/24\", \"::1\"]; };\n");

	if (!s)
		fatal("%s", t.err.text);
	CHECK_STR(str_from(s->daemon.state_dir), STR("/srv/o"));
	CHECK_INT(s->daemon.files.n, 2);
	CHECK_STR(str_from(s->daemon.files.v[1]), STR("/b*"));
	CHECK_INT(s->daemon.listen.n, 2);
	CHECK_INT(s->daemon.policy_timeout, 7);
	CHECK_INT(s->daemon.policy_idle, 300);
	CHECK_INT(s->daemon.books_map_size, 1 << 30);
	CHECK(!s->notify.letters);
	CHECK_STR(str_from(s->notify.provider), STR("Ex Ample, Ltd"));
	CHECK_INT(s->mta.trusted_clients.n, 2);
	settings_free(&s);
	good("books: { books_map_size = 1073741824; max_subjects = 0x1000; };");
	good("limits = ();");
	good("webhooks = (); classes = (); signals = (); pools = ();");
	end();
}

static void
own_ips(void)
{
	begin();
	struct settings *s = load(
	    "own_ips = ( { name = \"out1\"; ipv4 = \"192.0.2.1\";\n"
	    "  pools = ( \"default\", \"vip\" ); weight = 20; } );\n"
	    "pools = ( { name = \"vip\"; domains = \"big.example\"; } );\n");

	if (!s)
		fatal("%s", t.err.text);
	CHECK_INT(pools_ip_count(s->pools), 1);
	CHECK_INT(pools_ip_at(s->pools, 0)->weight, 20);
	settings_free(&s);
	bad("\nown_ips = ( { name = \"smtp\"; ipv4 = \"192.0.2.1\"; } );", 2,
	    "another service of master.cf");
	bad("pools = ( { name = \"vip\"; helo = \"x\"; } );", 1,
	    "unknown key \"helo\" in pools");
	end();
}

static void
unknown_keys(void)
{
	begin();
	bad("\nstate_dri = \"/x\";", 2, "did you mean \"state_dir\"?");
	bad("policy: {\n  lisen = \"unix:/x\";\n};", 2,
	    "unknown key \"lisen\" in policy; did you mean \"listen\"?");
	bad("polcy: { listen = \"unix:/x\"; };", 1,
	    "\"listen\" belongs into the group policy");
	bad("listen = \"unix:/x\";", 1, "belongs into the group policy");
	bad("log: { state_dir = \"/x\"; };", 1, "outside of any group");
	bad("frobnicate = 1;", 1, "unknown key \"frobnicate\"");
	CHECK(!strstr(t.err.text, "did you mean"));
	bad("xy = 1;", 1, "unknown key \"xy\"");
	CHECK(!strstr(t.err.text, "did you mean"));
	bad("limits = ( { nam = \"x\"; } );", 1, "did you mean \"name\"?");
	bad("webhooks = ( { name = \"x\"; link = \"http://x/\"; } );", 1,
	    "unknown key \"link\" in webhooks");
	bad("signals = ( { name = \"burst\";\n flor = 50; } );", 2,
	    "did you mean \"floor\"?");
	end();
}

static void
wrong_types(void)
{
	begin();
	bad("state_dir = 5;", 1, "state_dir must be a text in quotes");
	bad("state_dir = true;", 1, "must be a text in quotes");
	bad("state_dir = ( \"/a\", \"/b\" );", 1, "must be a text in quotes");
	bad("letters: { letters = \"yes\"; };", 1, "letters must be true or");
	bad("letters: { letters = 1; };", 1, "letters must be true or");
	bad("books: { commits_per_second = \"4\"; };", 1, "must be a number");
	bad("books: { commits_per_second = 4.5; };", 1, "whole number");
	bad("books: { fold_every = \"soon\"; };", 1, "a duration such as");
	bad("books: { fold_every = true; };", 1, "fold_every must be");
	bad("books: { books_map_size = \"lots\"; };", 1, "a size such as");
	bad("accounts: { trusted_clients = (\"192.0.2.1/24\"); };", 1,
	    "\"192.0.2.1/24\" is no network");
	bad("log: { files = (1, 2); };", 1, "must be of texts");
	bad("log: { files = ({}); };", 1, "files: ");
	bad("log: { files = (\"/a b\"); };", 1, "no blanks and no commas");
	bad("log: { files: { a = 1; }; };", 1,
	    "files: a group where a value was expected");
	end();
}

static void
out_of_bounds(void)
{
	begin();
	bad("books: {\n\tcommits_per_second = 0; };", 2,
	    "commits_per_second must be from 1 to 50");
	bad("books: { commits_per_second = -1; };", 1, "from 1 to 50");
	bad("books: { commits_per_second = 99999999999999999999; };", 1, "");
	bad("books: { fold_every = \"11m\"; };", 1, "fold_every must be from");
	bad("books: { books_map_size = \"1K\"; };", 1, "must be from");
	end();
}

static void
lists_and_groups_are_told_apart(void)
{
	begin();
	bad("\n\nlogs = ( { files = \"x\"; } );", 3, "unknown list \"logs\"");
	bad("log = ( { files = \"x\"; } );", 1, "it is a group");
	bad("limits: { name = \"x\"; };", 1, "\"limits\" is a list");
	bad("limits = 5;", 1, "\"limits\" is a list");
	bad("log = \"/var/log/mail.log\";", 1, "unknown key \"log\"");
	bad("limits = ( { name = \"x\"; }, 5 );", 1, "must be a { group }");
	bad("limits = ( 5, { name = \"x\"; } );", 1, "must be a { group }");
	bad("limits = ( {} );", 1, "an empty element in limits");
	bad("limits = ( \"a\" );", 1, "limits");
	bad("state_dir: { x = 1; };", 1, "unknown key \"x\" in state_dir");
	end();
}

static void
syntax_errors(void)
{
	begin();
	bad("state_dir = \"/x\";\nlog: {\n", 3, "syntax error");
	bad("state_dir = ;\n", 1, "syntax error");
	bad("a = \"x\";\na = \"y\";\n", 2, "duplicate");
	bad("\001\002\n", 1, "");
	put("outpost.conf", str_make("state_dir\0= 1;", 14));
	CHECK(!settings_load(t.path, &t.err));
	end();
}

#define LIMIT(name, more)                          \
	"{ name = \"" name "\"; window = \"1h\"; " \
	"max = 5; " more " }"

static void
limits_that_contradict(void)
{
	begin();
	good("limits = ( " LIMIT("a", "") " );");
	bad("limits = ( " LIMIT("a", "") ",\n" LIMIT("a", "") " );", 2,
	    "\"a\" is given twice");
	bad("limits = ( " LIMIT("a", "") ",\n" LIMIT("b", "") " );", 2,
	    "contradicts \"a\"");
	bad("limits = ( " LIMIT("a", "class = \"no\";") " );", 1,
	    "unknown class \"no\"");
	bad("limits = ( " LIMIT("a", "of = \"planet\";") " );", 1, "planet");
	bad("limits = ( " LIMIT("a", "count = \"tears\";") " );", 1, "tears");
	bad("limits = ( " LIMIT("a", "action = \"shout\";") " );", 1, "shout");
	bad("limits = ( { window = \"1h\"; max = 1; } );", 1, "needs a name");
	bad("limits = ( { name = \"a\"; window = \"36d\"; max = 1; } );", 1,
	    "window must be from");
	bad("limits = ( { name = \"a\"; window = \"1h\"; } );", 1, "max");
	bad("ladder: { score_watch = 60; };", 1, "must ascend");
	bad("answers: {\n throttle_text = \"wait %z\"; };", 2, "%z");
	bad("signals = ( { name = \"bust\"; } );", 1, "unknown signal");
	bad("signals = ( { floor = 5; } );", 1, "signal");
	bad("signals = ( { name = \"burst\"; },\n{ name = \"burst\"; } );", 2,
	    "given twice");
	end();
}

static void
class_files(void)
{
	begin();
	put("bulk", STR("# ours\nnews@example.com # letters\n\n  *@lists."
			"example.com\n"));
	good("classes = ( { name = \"bulk\"; file = \"bulk\"; } );");
	struct settings *s =
	    load("classes = ( { name = \"bulk\"; file = \"bulk\"; } );");

	if (!s)
		fatal("%s", t.err.text);
	static const struct {
		const char *account, *class;
	} cases[] = {{"news@example.com", "bulk"},
	    {"a@lists.example.com", "bulk"}, {"a@example.com", "person"},
	    {"# ours", "person"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_STR(str_from(rules_class_at(
			      s->rules, rules_class(s->rules, SUBJECT_ACCOUNT,
					    str_from(cases[i].account)))
				       ->name),
		    str_from(cases[i].class));
	settings_free(&s);
	bad("\nclasses = ( { name = \"x\"; file = \"/no/such\"; } );", 2,
	    "/no/such: No such file");
	bad("classes = ( { name = \"x\"; }, { name = \"x\"; } );", 1, "twice");
	bad("classes = ( { accounts = \"*\"; } );", 1, "needs a name");
	bad("classes = ( { name = \"x\"; at_most = \"x\"; } );", 1, "at_most");
	end();
}

static void
included_files(void)
{
	char words[256];

	begin();
	put("more.conf", STR("\nstate_dir = \"/more\";\n"));
	struct settings *s = load("@include \"more.conf\"\n");

	if (!s)
		fatal("%s", t.err.text);
	CHECK_STR(str_from(s->daemon.state_dir), STR("/more"));
	settings_free(&s);
	snprintf(
	    words, sizeof(words), "@include \"%s\"\n", path_of("more.conf"));
	good(words);
	put("more.conf", STR("\nstate_dri = \"/more\";\n"));
	CHECK(!load("@include \"more.conf\"\n"));
	CHECK(strstr(t.err.text, "more.conf:2: unknown key"));
	put("more.conf", STR("\n\nstate_dir = ;\n"));
	CHECK(!load("@include \"more.conf\"\n"));
	CHECK(strstr(t.err.text, "more.conf:3: syntax error"));
	bad("\n@include \"absent.conf\"\n", 2, "include");
	put("more.conf", STR("@include \"outpost.conf\"\n"));
	CHECK(!load("@include \"more.conf\"\n"));
	CHECK(strstr(t.err.text, "include"));
	end();
}

#define HOOK(name, url) "{ name = \"" name "\"; url = \"" url "\"; }"

static void
hooks_that_could_not_work(void)
{
#define RUN(words, more) \
	"hooks = ( { name = \"k\"; command = (" words "); " more " } );"
	begin();
	good(RUN("\"/bin/x\", \"%account\", \"%%a\", \"a%b\"",
	    "on = (\"suspended\", \"lifted\"); where = \"one\";"));
	bad(RUN("", ""), 1, "absolute path");
	bad(RUN("\"x\"", ""), 1, "absolute path, not x");
	bad(RUN("\"/x\", \"%acount\"", ""), 1, "stands for nothing");
	bad(RUN("\"/x\", \"--user=%account\"", ""), 1, "of its own");
	bad(RUN("\"/x\"", "on = \"warned\";"), 1, "on must be of");
	bad(RUN("\"/x\"", "where = \"here\";"), 1, "every or one");
	bad("hooks = ( { name = \"k k\"; command = \"/x\"; } );", 1, "blanks");
	bad("hooks = ( { name = \"k\"; command = \"/x\"; },\n"
	    "{ name = \"k\"; command = \"/y\"; } );",
	    2, "two hooks named");
#undef RUN
	end();
}

static void
webhooks_that_could_not_work(void)
{
	char words[8192];
	struct text w;

	begin();
	good("webhooks = ( " HOOK("a", "https://a.example/x?y=1") " );");
	bad("webhooks = ( " HOOK("a", "http://a/") ",\n" HOOK(
		"a", "http://b/") " );",
	    2, "two webhooks named \"a\"");
	bad("webhooks = ( " HOOK("", "http://a/") " );", 1, "a name");
	bad("webhooks = ( " HOOK("a b", "http://a/") " );", 1, "name");
	bad("webhooks = ( " HOOK("a", "") " );", 1, "url must be http");
	bad("webhooks = ( " HOOK("a", "ftp://a/") " );", 1, "url must be");
	bad("webhooks = ( " HOOK("a", "httpx://a/") " );", 1, "url must be");
	bad("webhooks = ( " HOOK("a", "http://") " );", 1, "url must be");
	bad("webhooks = ( " HOOK("a", "http:///x") " );", 1, "url must be");
	bad("webhooks = ( " HOOK("a", "http://a b/") " );", 1, "url must be");
	bad("webhooks = ( " HOOK("a", "http://a/\\nX: y") " );", 1, "url must");
	bad("webhooks = ( { name = \"a\"; url = \"http://a/\";\n"
	    "events = (\"sanktion\"); } );",
	    1, "no event \"sanktion\"");
	/* As many as there are places. */
	text_init(&w, words, sizeof(words));
	text_add(&w, "webhooks = ( ");
	for (int i = 0; i < SETTINGS_WEBHOOKS; i++)
		text_printf(&w, "%s{ name = \"h%d\"; url = \"http://a/\"; }",
		    i ? ",\n" : "", i);
	text_add(&w, " );");
	good(words);
	w.n -= 3;
	text_add(&w, ",\n { name = \"x\"; url = \"http://a/\"; } );");
	bad(words, SETTINGS_WEBHOOKS + 1, "more than 32 webhooks");
	end();
}

static void
addresses_that_could_not_work(void)
{
	begin();
	bad("letters: { letter_smtp = \"mail.example.com\"; };", 1,
	    "letter_smtp must be smtp://");
	bad("letters: { letter_smtp = \"http://mail.example.com\"; };", 1,
	    "letter_smtp must be smtp://");
	good("letters: { letter_smtp = \"smtps://mail.example.com:465\"; };");
	bad("letters: { letter_from = \"Abuse <abuse@example.com>\"; };", 1,
	    "letter_from must be an address");
	bad("letters: { letter_from = \"a@b\\r\\nBcc: c@d\"; };", 1,
	    "letter_from must be an address");
	bad("letters: { letter_to = \"nobody\"; };", 1, "letter_to must be");
	good("letters: { letter_to = \"owners+%a\"; };");
	bad("policy: { listen = \"/run/x.sock\"; };", 1, "unix:/path or inet:");
	bad("policy: { listen = \"unix:x.sock\"; };", 1, "begins with /");
	bad("policy: { listen = \"inet:127.0.0.1\"; };", 1, "no port");
	bad("policy: { listen = \"inet:127.0.0.1:66666\"; };", 1, "no port");
	bad("policy: { listen = \"inet:mail.example.com:99\"; };", 1, "host");
	bad("policy: { policy_mode = \"rw\"; };", 1, "octal");
	bad("policy: { policy_mode = \"888\"; };", 1, "octal");
	bad("policy: { policy_mode = \"\"; };", 1, "octal");
	bad("policy: { policy_mode = \"1777777\"; };", 1, "octal");
	good("policy: { policy_mode = \"660\"; };");
	bad("control: { control_socket = \"x\"; };", 1, "begins with /");
	bad("http: { http_listen = \"8425\"; };", 1, "no port");
	good("http: { http_listen = \"\"; };");
	good("http: { http_listen = \"[::1]:8425\"; };");
	bad("state_dir = \"lib\";", 1, "absolute path");
	bad("redis: { redis_uri = \"localhost\"; };", 1, "redis_uri must be");
	good("redis: { redis_uri = \"unix:/run/redis.sock\"; };");
	end();
}

/* What `outpost settings` prints is a file that means the same. */
static void
what_is_printed_means_the_same(void)
{
	static const char *const files[] = {"",
	    "state_dir = \"/a \\\"b\\\" \\\\c\";\n"
	    "log: { files = (); };\n"
	    "policy: { policy_idle = 3601; listen = (); };\n"
	    "books: { books_map_size = 16777217; };\n"
	    "http: { http_listen = \"\"; };\n"
	    "letters: { provider = \"Müller\\n& Söhne\\t\"; letters = false; "
	    "};\n"
	    "ladder: { probation_for = 0; };\n"
	    "accounts: { trusted_clients = (\"2001:db8::/32\", "
	    "\"192.0.2.1\"); strip_suffixes = (\"+app\", \"%*\"); };\n"};

	begin();
	for (size_t i = 0; i < 2; i++) {
		struct settings *s = load(files[i]);
		struct text first, second;

		if (!s)
			fatal("%s", t.err.text);
		text_grow(&first, 1 << 20);
		settings_print(s, &first);
		settings_free(&s);
		put("printed.conf", text_view(&first));
		s = settings_load(path_of("printed.conf"), &t.err);
		if (!s)
			fatal("%s", t.err.text);
		text_grow(&second, 1 << 20);
		settings_print(s, &second);
		CHECK_STR(text_view(&second), text_view(&first));
		if (i == 1) {
			CHECK_STR(
			    str_from(s->daemon.state_dir), STR("/a \"b\" \\c"));
			CHECK_STR(str_from(s->notify.provider),
			    STR("Müller\n& Söhne\t"));
			CHECK_INT(s->daemon.policy_idle, 3601);
			CHECK_INT(s->daemon.files.n, 0);
			CHECK_INT(s->limits.probation_for, 0);
		}
		settings_free(&s);
		text_done(&first);
		text_done(&second);
	}
	end();
}

TESTS(TEST(an_empty_file_is_the_defaults), TEST(values_of_every_type),
    TEST(own_ips), TEST(unknown_keys), TEST(wrong_types), TEST(out_of_bounds),
    TEST(lists_and_groups_are_told_apart), TEST(syntax_errors),
    TEST(limits_that_contradict), TEST(class_files), TEST(included_files),
    TEST(webhooks_that_could_not_work), TEST(hooks_that_could_not_work),
    TEST(addresses_that_could_not_work), TEST(what_is_printed_means_the_same))
