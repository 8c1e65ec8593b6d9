/* template_test - what a template gives, and what it refuses */
#include "notify/template.h"

#include "base/test.h"

static const struct template_field item_fields[] = {
    {.name = "to", .type = TEMPLATE_WORDS},
    {.name = "note", .type = TEMPLATE_LINES},
    {0},
};

static const struct template_field fields[] = {
    {.name = "name", .type = TEMPLATE_WORDS},
    {.name = "note", .type = TEMPLATE_LINES},
    {.name = "link", .type = TEMPLATE_URL},
    {.name = "is_bulk", .type = TEMPLATE_FLAG},
    {.name = "messages", .type = TEMPLATE_LIST, .of = item_fields},
    {0},
};

static const struct template_field strict_fields[] = {
    {.name = "link", .type = TEMPLATE_URL, .is_needed = true},
    {.name = "name", .type = TEMPLATE_WORDS},
    {0},
};

static struct arena arena;
static char written[4096];

static bool
find_part(
    void *ctx, struct str name, bool is_words, struct template_source *out)
{
	(void)ctx;
	out->file = "part";
	if (is_words) {
		out->line = 7;
		out->text = STR("\"Q & A\", {{#name}}<{{name}}>{{/name}}");
		if (str_is(name, STR("slip")))
			out->text = STR("{{nmae}}");
		return !str_is(name, STR("none"));
	}
	if (str_is(name, STR("head")))
		out->text = STR("<h1>{{name}}</h1>\n");
	else if (str_is(name, STR("open")))
		out->text = STR("{{#is_bulk}}\n");
	else if (str_is(name, STR("close")))
		out->text = STR("\n\n{{/is_bulk}}");
	else if (str_is(name, STR("self")))
		out->text = STR("{{>self}}");
	else
		return false;
	return true;
}

static const struct template *
parse(enum template_kind kind, const struct template_field *table,
    const char *source, struct error *err)
{
	struct template_source s = {.file = "x", .text = str_from(source)};

	return template_parse(&arena, kind, table, &s, find_part, NULL, err);
}

static struct template_data *
make_data(void)
{
	struct template_data *d = template_data_new(&arena, fields), *item;

	template_put(d, "name", STR("O'Neil <b>&\"x\""));
	template_put(d, "note", STR("one\r\ntwo\n"));
	template_put(d, "link", STR("https://x.example/c?a=1&b=2"));
	item = template_add_item(d, "messages");
	template_printf(item, "to", "%s@x", "a");
	item = template_add_item(d, "messages");
	template_put(item, "to", STR("b@x"));
	template_put(item, "note", STR("!"));
	return d;
}

static struct str
fill(enum template_kind kind, const char *source, struct template_data *d)
{
	struct error err;
	const struct template *t = parse(kind, fields, source, &err);
	struct text out;

	if (!t) {
		test_fail(__FILE__, __LINE__, "%s: %s", source, err.text);
		return STR("");
	}
	text_init(&out, written, sizeof(written));
	template_write(t, d, &out);
	return text_view(&out);
}

static void
fields_and_sections(void)
{
	static const struct {
		enum template_kind kind;
		const char *source, *want;
	} cases[] = {
	    {TEMPLATE_TEXT, "", ""},
	    {TEMPLATE_TEXT, "a {b} }} c", "a {b} }} c"},
	    {TEMPLATE_TEXT, "{{name}}|{{ name }}",
		"O'Neil <b>&\"x\"|O'Neil <b>&\"x\""},
	    {TEMPLATE_HTML, "<p>{{name}}",
		"<p>O&#39;Neil &lt;b&gt;&amp;&quot;x&quot;"},
	    {TEMPLATE_TEXT, "{{note}}", "one\ntwo\n"},
	    {TEMPLATE_HTML, "{{note}}", "one<br>\ntwo<br>\n"},
	    {TEMPLATE_HTML, "<a title=\"{{note}}\">", "<a title=\"one two \">"},
	    {TEMPLATE_HTML, "<a href='{{link}}'>x</a>",
		"<a href='https://x.example/c?a=1&amp;b=2'>x</a>"},
	    {TEMPLATE_HTML, "<a href=\"/c/{{name}}\">",
		"<a href=\"/c/O&#39;Neil &lt;b&gt;&amp;&quot;x&quot;\">"},
	    {TEMPLATE_TEXT, "{{#messages}}{{to}},{{/messages}}.", "a@x,b@x,."},
	    {TEMPLATE_TEXT, "{{#messages}}\n{{to}} {{note}}\n{{/messages}}\n.",
		"a@x \nb@x !\n."},
	    /* The item's field, not the one outside of the same name. */
	    {TEMPLATE_TEXT,
		"{{#messages}}{{#note}}{{note}}{{/note}}{{^note}}-{{/note}}"
		"{{/messages}}",
		"-!"},
	    {TEMPLATE_TEXT,
		"{{#messages}}{{#link}}{{to}}{{/link}}{{/messages}}", "a@xb@x"},
	    {TEMPLATE_TEXT, "{{^messages}}none{{/messages}}", ""},
	    {TEMPLATE_TEXT, "{{#is_bulk}}bulk{{/is_bulk}}", ""},
	    {TEMPLATE_TEXT, "{{^is_bulk}}no{{/is_bulk}}", "no"},
	    {TEMPLATE_TEXT, "a\n  {{! b\nc }}  \nd", "a\nd"},
	    {TEMPLATE_TEXT, "a {{! b }} d", "a  d"},
	    {TEMPLATE_TEXT, "a\n{{#name}}\nb\n{{/name}}", "a\nb\n"},
	    {TEMPLATE_TEXT, "{{#name}}b{{/name}}\nc", "b\nc"},
	    {TEMPLATE_TEXT, "{{=greeting}}\n",
		"\"Q & A\", <O'Neil <b>&\"x\">\n"},
	    {TEMPLATE_HTML, "<p>{{= greeting }}</p>",
		"<p>&quot;Q &amp; A&quot;, "
		"&lt;O&#39;Neil &lt;b&gt;&amp;&quot;x&quot;&gt;</p>"},
	    {TEMPLATE_HTML, "<p>\n {{>head}}\n</p>",
		"<p>\n<h1>O&#39;Neil &lt;b&gt;&amp;&quot;x&quot;</h1>\n</p>"},
	    {TEMPLATE_HTML, "<li {{#name}}class=\"x\"{{/name}}>{{link}}</li>",
		"<li class=\"x\">https://x.example/c?a=1&amp;b=2</li>"},
	    {TEMPLATE_HTML, "<style>a{b:c}@media{d{e:f}}</style>{{link}}",
		"<style>a{b:c}@media{d{e:f}}</style>"
		"https://x.example/c?a=1&amp;b=2"},
	    {TEMPLATE_HTML, "<!-- a > b -- c --->{{to_be}}", NULL},
	    {TEMPLATE_HTML, "<!-- a > b -- c --->{{^is_bulk}}!{{/is_bulk}}",
		"<!-- a > b -- c --->!"},
	};

	arena_init(&arena);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (cases[i].want)
			CHECK_STR(
			    fill(cases[i].kind, cases[i].source, make_data()),
			    str_from(cases[i].want));
	}
	arena_done(&arena);
}

static const struct {
	enum template_kind kind;
	const char *source, *why;
} refused[] = {
    {TEMPLATE_TEXT, "a\nb\n{{nmae}}", "x:3: {{nmae}} is no field"},
    {TEMPLATE_TEXT, "{{to}}", "x:1: {{to}} is no field"},
    {TEMPLATE_TEXT, "{{}}", "x:1: {{}} is no field"},
    {TEMPLATE_TEXT, "\n{{#nmae}}{{/nmae}}", "x:2: {{nmae}} is no field"},
    {TEMPLATE_TEXT, "{{#messages}}{{/messages}}{{to}}",
	"x:1: {{to}} is no field"},
    {TEMPLATE_TEXT, "{{^messages}}{{to}}{{/messages}}",
	"x:1: {{to}} is no field"},
    {TEMPLATE_TEXT, "{{is_bulk}}",
	"x:1: {{is_bulk}} is a condition or a list: {{#...}} or "
	"{{^...}}"},
    {TEMPLATE_TEXT, "a\n{{name", "x:2: {{ without }}"},
    {TEMPLATE_TEXT, "\n{{#name}}\n{{#link}}\n{{/link}}\n",
	"x:2: {{name}} is not closed"},
    {TEMPLATE_TEXT, "\n{{#name}}\n{{#link}}\n{{/name}}\n",
	"x:4: {{link}}, opened in line 3, is closed as {{name}}"},
    {TEMPLATE_TEXT, "{{/name}}", "x:1: {{name}} is closed, but was not opened"},
    {TEMPLATE_TEXT, "{{{name}}}", "x:1: nothing is written unescaped"},
    {TEMPLATE_TEXT, "{{&name}}", "x:1: nothing is written unescaped"},
    {TEMPLATE_TEXT, "\n{{>nobody}}", "x:2: {{nobody}} is no part"},
    {TEMPLATE_TEXT, "{{=none}}", "x:1: {{none}} has no words in this language"},
    {TEMPLATE_TEXT, "{{=slip}}", "part:7: {{nmae}} is no field"},
    {TEMPLATE_TEXT, "{{>self}}", "part:1: too many parts in each other"},
    {TEMPLATE_TEXT, "{{>open}}{{/is_bulk}}",
	"part:1: {{is_bulk}} is not closed"},
    {TEMPLATE_TEXT, "{{#is_bulk}}{{>close}}",
	"part:3: {{is_bulk}} is closed, but was not opened"},
    {TEMPLATE_TEXT,
	"{{#name}}{{#name}}{{#name}}{{#name}}{{#name}}{{#name}}"
	"{{#name}}{{#name}}{{#name}}",
	"x:1: too many sections in each other"},
    {TEMPLATE_HTML, "<p>\n<a {{name}}>",
	"x:2: a field in a tag must stand in quotes"},
    {TEMPLATE_HTML, "<a class={{name}}>",
	"x:1: a field in a tag must stand in quotes"},
    {TEMPLATE_HTML, "<{{name}}>", "x:1: a field in a tag must stand in quotes"},
    {TEMPLATE_HTML, "<a href=\"{{name}}\">",
	"x:1: only a field that is an URL can begin an address"},
    {TEMPLATE_HTML, "<form Action = '{{name}}'>",
	"x:1: only a field that is an URL can begin an address"},
    {TEMPLATE_HTML, "<a href=\"{{#is_bulk}}/{{/is_bulk}}{{name}}\">",
	"x:1: only a field that is an URL can begin an address"},
    {TEMPLATE_HTML, "<a onclick=\"f('{{name}}')\">",
	"x:1: a field can't stand in an event's attribute"},
    {TEMPLATE_HTML, "<a style=\"color:{{name}}\">",
	"x:1: a field can't stand in this attribute"},
    {TEMPLATE_HTML, "<script>x='{{name}}'</script>",
	"x:1: a field can't stand in a script or a style"},
    {TEMPLATE_HTML, "<STYLE type=\"a\">{{name}}",
	"x:1: a field can't stand in a script or a style"},
    {TEMPLATE_HTML, "<!-- {{name}} -->",
	"x:1: a field can't stand in a remark of HTML"},
    {TEMPLATE_HTML, "<p {{#name}}>{{/name}}",
	"x:1: {{name}} begins and ends at different places of HTML's "
	"tags"},
    {TEMPLATE_HTML, "{{name}}<a href=\"x>",
	"x: a tag or remark of HTML is not closed"},
};

static void
what_is_refused(void)
{
	arena_init(&arena);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct error err = {""};

		if (parse(refused[i].kind, fields, refused[i].source, &err))
			test_fail(
			    __FILE__, __LINE__, "taken: %s", refused[i].source);
		CHECK_STR(str_from(err.text), str_from(refused[i].why));
	}
	arena_done(&arena);
}

static void
needed_fields_are_missed(void)
{
	struct error err = {""};

	arena_init(&arena);
	CHECK(!parse(TEMPLATE_TEXT, strict_fields, "{{name}}", &err));
	CHECK_STR(str_from(err.text), STR("x: {{link}} is missing"));
	CHECK(parse(TEMPLATE_TEXT, strict_fields,
		  "{{#link}}y {{link}}{{/link}}", &err) != NULL);
	arena_done(&arena);
}

/* Whatever an outsider wrote: no byte of it is markup, none ends the line, none
 * turns it around, and the text stays UTF-8. */
static void
texts_from_outside_stay_in_their_place(void)
{
	static const struct {
		const char *s, *text, *html;
	} cases[] = {
	    {"<script>alert('1')</script>", "<script>alert('1')</script>",
		"&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"},
	    {"a\r\nBcc: b", "a Bcc: b", "a Bcc: b"},
	    {"a\rb\nc\td\xe2\x80\xa8"
	     "e",
		"a b c d e", "a b c d e"},
	    {"a\x01\x1b[2J\x7f\xc2\x9b",
		"a\xef\xbf\xbd\xef\xbf\xbd[2J"
		"\xef\xbf\xbd\xef\xbf\xbd",
		NULL},
	    {"\xe2\x80\xaegpj\xe2\x81\xa6", "\xef\xbf\xbdgpj\xef\xbf\xbd",
		NULL},
	    {"\xff\xc3(\xed\xa0\x80",
		"\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd"
		"\xef\xbf\xbd\xef\xbf\xbd",
		NULL},
	    {"m\xc3\xbcller \xd7\xa9\xd7\x9c \xf0\x9f\x98\x80",
		"m\xc3\xbcller \xd7\xa9\xd7\x9c \xf0\x9f\x98\x80", NULL},
	    {"{{link}}", "{{link}}", NULL},
	};

	arena_init(&arena);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct template_data *d = template_data_new(&arena, fields);
		const char *html =
		    cases[i].html ? cases[i].html : cases[i].text;

		template_put(d, "name", str_from(cases[i].s));
		CHECK_STR(fill(TEMPLATE_TEXT, "{{name}}", d),
		    str_from(cases[i].text));
		CHECK_STR(fill(TEMPLATE_HTML, "{{name}}", d), str_from(html));
	}
	arena_done(&arena);
}

static void
urls(void)
{
	static const char *const good[] = {"http://x", "HTTPS://x/y?z#a",
	    "mailto:a@x", "tel:+49", "/c/abc", "?lang=de", "#top", "/"};
	static const char *const bad[] = {"", "javascript:alert(1)",
	    " javascript:x", "JaVaScRiPt:x", "data:text/html,x",
	    "//evil.example", "/\\evil.example", "vbscript:x", "http:x y",
	    "https://", "x", "a:b", "java\tscript:x", "/a b", "http://a\nb"};
	struct template_data *d;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (!template_is_url(str_from(good[i])))
			test_fail(__FILE__, __LINE__, "%s", good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (template_is_url(str_from(bad[i])))
			test_fail(__FILE__, __LINE__, "%s", bad[i]);
	}
	arena_init(&arena);
	d = template_data_new(&arena, fields);
	template_put(d, "link", STR("javascript:alert(1)"));
	CHECK_STR(fill(TEMPLATE_HTML, "<a href=\"{{link}}\">", d),
	    STR("<a href=\"#\">"));
	arena_done(&arena);
}

/* The bound of the text holds, also for long lists. */
static void
a_full_text_ends_it(void)
{
	struct error err;
	struct template_data *d;
	struct text out;
	char small[64];

	arena_init(&arena);
	d = template_data_new(&arena, fields);
	for (int i = 0; i < 1000; i++)
		template_put(
		    template_add_item(d, "messages"), "to", STR("abcdef"));
	const struct template *t = parse(
	    TEMPLATE_TEXT, fields, "{{#messages}}{{to}}{{/messages}}", &err);

	text_init(&out, small, sizeof(small));
	template_write(t, d, &out);
	CHECK(out.is_cut);
	CHECK_INT(out.n, sizeof(small) - 1);
	arena_done(&arena);
}

TESTS(TEST(fields_and_sections), TEST(what_is_refused),
    TEST(needed_fields_are_missed),
    TEST(texts_from_outside_stay_in_their_place), TEST(urls),
    TEST(a_full_text_ends_it))
