/* manual_test - every page is there, and groff has nothing to say */
#include "cli/manual.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"
#include "daemon/command.h"
#include "config/settings.h"

static struct text page;

static void
print(const char *name)
{
	text_done(&page);
	text_grow(&page, 1 << 20);
	CHECK(manual_print(str_from(name), &page));
	CHECK(!page.is_cut);
	CHECK(page.n > 500);
}

static void
put(char path[32])
{
	int fd;

	strcpy(path, "/tmp/manual-XXXXXX");
	fd = mkstemp(path);
	if (fd < 0 || write(fd, page.p, page.n) != (ssize_t)page.n)
		fatal("%s: can't be written", path);
	close(fd);
}

static void
groff_is_content(void)
{
	static const char *const pages[] = {
	    "outpost.1", "outpostd.8", "outpost.conf.5"};
	char path[32], command[200], line[256];

	if (system("command -v groff >/dev/null") != 0) {
		TEST_SKIP("no groff");
		return;
	}
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		print(pages[i]);
		put(path);
		snprintf(command, sizeof(command),
		    "groff -man -Tutf8 -ww %s 2>&1 >/dev/null", path);
		FILE *f = popen(command, "r");

		while (f && fgets(line, sizeof(line), f))
			test_fail(__FILE__, __LINE__, "%s: %s", pages[i], line);
		if (f)
			pclose(f);
		unlink(path);
	}
}

static bool
has(const char *words)
{
	return str_find(text_view(&page), str_from(words)) >= 0;
}

/* As roff writes it. */
static bool
has_name(const char *name)
{
	char buf[128];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	for (; *name; name++)
		text_add(&t, *name == '-' ? "\\-" : (char[]){*name, '\0'});
	return str_find(text_view(&page), text_view(&t)) >= 0;
}

static void
all_is_told(void)
{
	struct settings *s;
	struct settings_room room;
	struct error err;

	print("outpost.1");
	for (size_t i = 0; i < COMMAND_IDS; i++)
		CHECK(has_name(commands[i].name));
	for (size_t i = 0; i < command_options_n; i++)
		CHECK(has_name(command_options[i].name));
	CHECK(has(".SH EXIT STATUS"));
	s = settings_load("/dev/null", &err);
	if (!s)
		fatal("%s", err.text);
	print("outpost.conf.5");
	for (size_t i = 0; settings_room(s, i, &room); i++) {
		for (size_t k = 0; k < room.table->n; k++)
			CHECK(has_name(room.table->v[k].name));
	}
	for (size_t i = 0; i < webhook_settings_table.n; i++)
		CHECK(has_name(webhook_settings_table.v[i].name));
	for (size_t i = 0; i < hook_settings_table.n; i++)
		CHECK(has_name(hook_settings_table.v[i].name));
	for (size_t i = 0; i < rules_limit_fields.n; i++)
		CHECK(has_name(rules_limit_fields.v[i].name));
	for (size_t i = 0; i < rules_class_fields.n; i++)
		CHECK(has_name(rules_class_fields.v[i].name));
	for (size_t i = 0; i < rules_signal_fields.n; i++)
		CHECK(has_name(rules_signal_fields.v[i].name));
	settings_free(&s);
}

/* The sample says what holds anyway: it can be installed as it is. */
static void
the_sample_is_the_defaults(void)
{
	struct settings *sample, *empty;
	struct text a, b;
	struct error err;
	char path[32];

	print("outpost.conf");
	put(path);
	sample = settings_load(path, &err);
	if (!sample)
		fatal("%s", err.text);
	unlink(path);
	empty = settings_load("/dev/null", &err);
	if (!empty)
		fatal("%s", err.text);
	text_grow(&a, 1 << 20);
	text_grow(&b, 1 << 20);
	settings_print(sample, &a);
	settings_print(empty, &b);
	CHECK_STR(text_view(&a), text_view(&b));
	CHECK_INT(rules_limits(sample->rules), rules_limits(empty->rules));
	for (size_t i = 0; i < rules_limits(sample->rules); i++) {
		const struct limit *l = rules_limit_at(sample->rules, i);
		const struct limit *m = rules_limit_at(empty->rules, i);

		CHECK_STR(str_from(l->name), str_from(m->name));
		CHECK_INT(l->max, m->max);
		CHECK_INT(l->window, m->window);
	}
	CHECK_INT(sample->n_webhooks, 0);
	settings_free(&sample);
	settings_free(&empty);
	text_done(&a);
	text_done(&b);
}

/* A commented example must be right too when its marks are taken away. */
static void
its_examples_can_be_used(void)
{
	struct text t;
	struct error err;
	char path[32];
	struct settings *s;
	struct str rest, line;

	print("outpost.conf");
	text_grow(&t, 1 << 20);
	rest = text_view(&page);
	while (str_cut(&rest, '\n', &line)) {
		struct str bare = line;
		bool is_example =
		    str_take(&bare, STR("#")) && bare.n > 0 && *bare.p != ' ';

		text_str(&t, is_example ? bare : line);
		text_char(&t, '\n');
	}
	text_done(&page);
	page = t;
	put(path);
	s = settings_load(path, &err);
	if (!s)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	settings_free(&s);
	unlink(path);
	text_done(&page);
}

static void
there_are_no_other_pages(void)
{
	CHECK(!manual_print(STR(""), &page));
	CHECK(!manual_print(STR("outpost"), &page));
}

TESTS(TEST(groff_is_content), TEST(all_is_told),
    TEST(the_sample_is_the_defaults), TEST(its_examples_can_be_used),
    TEST(there_are_no_other_pages))
