/* template_set_test - files of templates: languages, overrides, errors */
#include "notify/template_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"

static const struct template_field fields[] = {
    {.name = "name", .type = TEMPLATE_WORDS},
    {0},
};

static const struct template_spec specs[] = {
    {"letter.a.txt", fields},
    {"letter.a.html", fields},
    {"letter.b.txt", fields},
    {"letter.c.txt", fields},
};

static char root[] = "/tmp/template_set_test.XXXXXX";
static char installed[64], own[64];

/* words NULL: none of this name. */
static void
put(const char *dir, const char *name, const char *words)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (char *p = path + 1; (p = strchr(p, '/')); p++) {
		*p = 0;
		mkdir(path, 0700);
		*p = '/';
	}
	if (!words) {
		CHECK_INT(unlink(path), 0);
		return;
	}
	f = fopen(path, "w");
	CHECK(f != NULL);
	if (f) {
		fputs(words, f);
		fclose(f);
	}
}

static void
begin(void)
{
	strcpy(root, "/tmp/template_set_test.XXXXXX");
	CHECK(mkdtemp(root) != NULL);
	snprintf(installed, sizeof(installed), "%s/installed", root);
	snprintf(own, sizeof(own), "%s/own", root);
	mkdir(own, 0700);
	put(installed, "en/letter.a.txt", "en a {{name}}");
	put(installed, "en/letter.a.html",
	    "en a <b>{{name}}</b>{{>part.x.html}}");
	put(installed, "en/letter.b.txt", "en b");
	put(installed, "en/letter.c.txt", "en c");
	put(installed, "en/part.x.html", "<i>part</i>");
	put(installed, "en/words",
	    "# remark\n\nmonth.1 = January\nonly = en\n");
	put(installed, "de/letter.a.txt", "de a {{name}}");
	put(installed, "de/letter.a.html", "de a{{>part.x.html}}");
	put(installed, "de/words", "month.1 = Januar");
	put(installed, "README", "no folder");
}

static void
end(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", root);
	CHECK_INT(system(command), 0);
}

static struct template_set *
load(const char *own_dir, const char *language, struct error *err)
{
	struct template_places p = {installed, own_dir, language};

	return template_set_load(
	    &p, specs, sizeof(specs) / sizeof(specs[0]), err);
}

static void
check_text(const struct template_set *s, size_t spec, const char *language,
    const char *want)
{
	struct arena a;
	char buf[256];
	struct text t;

	arena_init(&a);
	struct template_data *d = template_data_new(&a, fields);

	template_put(d, "name", STR("N"));
	text_init(&t, buf, sizeof(buf));
	template_write(template_set_get(s, spec, str_from(language)), d, &t);
	CHECK_STR(text_view(&t), str_from(want));
	arena_done(&a);
}

static void
languages_fall_back(void)
{
	struct error err = {""};

	begin();
	put(own, "it/letter.b.txt", "it b");
	put(own, "fr-CH/letter.b.txt", "suisse b");
	struct template_set *s = load(own, "de", &err);

	CHECK_STR(str_from(err.text), STR(""));
	if (!s) {
		end();
		return;
	}
	CHECK_INT(template_set_languages(s), 4);
	check_text(s, 0, "en", "en a N");
	check_text(s, 0, "EN-us", "en a N");
	check_text(s, 0, "de_AT.UTF-8", "de a N");
	check_text(s, 1, "de", "de a<i>part</i>");
	check_text(s, 2, "de", "en b");
	check_text(s, 2, "it", "it b");
	check_text(s, 0, "it", "de a N");
	check_text(s, 2, "fr-ch", "suisse b");
	check_text(s, 2, "fr", "en b");
	check_text(s, 0, "xx", "de a N");
	check_text(s, 0, "../../etc", "de a N");
	check_text(s, 0, "", "de a N");
	CHECK_STR(template_set_choose(s, STR("it-IT")), STR("it"));
	CHECK_STR(template_set_choose(s, STR("zz")), STR("de"));
	CHECK(template_set_has(s, STR("it-IT")));
	CHECK(!template_set_has(s, STR("zz")));
	CHECK_STR(template_set_word(s, STR("de"), "month.1"), STR("Januar"));
	CHECK_STR(template_set_word(s, STR("en"), "month.1"), STR("January"));
	CHECK_STR(template_set_word(s, STR("it"), "month.1"), STR("Januar"));
	CHECK_STR(template_set_word(s, STR("it"), "only"), STR("en"));
	CHECK_STR(template_set_word(s, STR("it"), "none"), STR(""));
	template_set_free(&s);
	end();
}

static void
the_operators_file_replaces_ours(void)
{
	struct error err = {""};

	begin();
	put(own, "en/letter.b.txt", "mine");
	put(own, "en/part.x.html", "<u>mine</u>");
	put(own, "en/words", "only = mine");
	put(own, "en/notes.txt", "{{nonsense");
	struct template_set *s = load(own, "", &err);

	CHECK_STR(str_from(err.text), STR(""));
	if (s) {
		check_text(s, 2, "en", "mine");
		check_text(s, 1, "en", "en a <b>N</b><u>mine</u>");
		check_text(s, 1, "de", "de a<u>mine</u>");
		CHECK_STR(template_set_word(s, STR("de"), "only"), STR("mine"));
		CHECK_STR(
		    template_set_word(s, STR("en"), "month.1"), STR("January"));
	}
	template_set_free(&s);
	s = load("", "", &err);
	CHECK(s != NULL);
	template_set_free(&s);
	CHECK(s == NULL);
	end();
}

/* One file for all languages that have words for it. */
static void
what_is_shared_has_its_words(void)
{
	struct error err = {""};

	begin();
	put(installed, "en/letter.c.txt", NULL);
	put(installed, "shared/letter.c.txt",
	    "{{=language}}: {{>part.y.txt}}{{=letter.end}}");
	put(installed, "shared/part.y.txt", "{{=letter.dear}} ");
	put(installed, "en/words",
	    "letter.dear = Dear {{name}},\nletter.end=end");
	put(installed, "de/words",
	    "letter.dear=Hallo {{name}}!\nletter.end=Ende");
	put(own, "fr/words", "month.1 = janvier");
	put(own, "it/letter.c.txt", "it {{>part.y.txt}}");
	put(own, "de/words", "letter.end = Schluss");
	put(own, "en/part.y.txt", "{{=letter.end}} ");
	struct template_set *s = load(own, "", &err);

	CHECK_STR(str_from(err.text), STR(""));
	if (s) {
		check_text(s, 3, "de", "de: Hallo N! Schluss");
		check_text(s, 3, "en", "en: end end");
		check_text(s, 3, "fr", "en: end end");
		check_text(s, 3, "it", "it Dear N, ");
	}
	template_set_free(&s);
	put(own, "fr/words", "letter.dear = Cher {{name}},");
	CHECK(!load(own, "", &err));
	CHECK(
	    str_find(str_from(err.text),
		STR("shared/letter.c.txt:1: {{letter.end}} has no words")) > 0);
	end();
}

static void
check_refused(const char *name, const char *words, const char *why)
{
	struct error err = {""};
	char path[128];

	begin();
	put(own, name, words);
	struct template_set *s = load(own, "", &err);

	CHECK(s == NULL);
	snprintf(path, sizeof(path), "%s/", root);
	struct str got = str_from(err.text);

	str_take(&got, str_from(path));
	CHECK_STR(got, str_from(why));
	template_set_free(&s);
	end();
}

static void
errors_name_the_file(void)
{
	struct error err = {""};

	check_refused("en/letter.a.txt", "x\n{{nmae}}",
	    "own/en/letter.a.txt:2: {{nmae}} is no field");
	check_refused("en/part.x.html", "\n\n<a {{name}}>",
	    "own/en/part.x.html:3: a field in a tag must stand in quotes");
	check_refused("it/letter.a.txt", "x",
	    "templates in \"it\": there is letter.a.txt, but no letter.a.html");
	check_refused("en/letter.d.txt", "x",
	    "own/en/letter.d.txt: there is no such template");
	check_refused("shared/letter.d.txt", "x",
	    "own/shared/letter.d.txt: there is no such template");
	check_refused(
	    "de/words", "a = b\nx\n", "own/de/words:2: no \"key = value\"");
	begin();
	CHECK(!load("/nowhere/at/all", "", &err));
	CHECK_STR(str_from(err.text),
	    STR("/nowhere/at/all: No such file or directory"));
	CHECK(!load(own, "pt", &err));
	CHECK_STR(str_from(err.text), STR("there are no templates in \"pt\""));
	end();
}

TESTS(TEST(languages_fall_back), TEST(the_operators_file_replaces_ours),
    TEST(what_is_shared_has_its_words), TEST(errors_name_the_file))
