/* replies_test - rules, in their order, and what they say */
#include "reputation/replies.h"

#include "base/test.h"

static const struct reply_spec specs[] = {
    {.name = "big-block",
	.provider = "big",
	.text = "s3150",
	.class = "blocked",
	.example = "x",
	.contact = "form"},
    {.name = "gone-provider",
	.provider = "gone",
	.text = "qqq",
	.class = "virus",
	.example = "x"},
    {.name = "limit",
	.text = "slow down",
	.class = "rate_limited",
	.scope = "domain",
	.temporary = "true",
	.retry_after = 600,
	.advice = "wait",
	.example = "x"},
    {.name = "never",
	.text = "will not succeed",
	.class = "blocked",
	.temporary = "false",
	.example = "x"},
    {.name = "full", .text = "full", .class = "mailbox_full", .example = "x"},
    {.name = "status-policy",
	.text = "^5[0-9]+ 5[.]7[.]",
	.class = "recipient_policy",
	.example = "x"},
};

static struct reply_spec
whole(struct reply_spec s)
{
	s.provider = s.provider ? s.provider : "";
	s.scope = s.scope ? s.scope : "";
	s.temporary = s.temporary ? s.temporary : "";
	s.advice = s.advice ? s.advice : "";
	s.contact = s.contact ? s.contact : "";
	s.example = s.example ? s.example : "";
	return s;
}

static struct replies *
make(void)
{
	struct replies *r = replies_new();
	struct error err = {""};

	for (size_t i = 0; i < sizeof(specs) / sizeof(*specs); i++) {
		struct reply_spec s = whole(specs[i]);

		CHECK_INT(replies_add(r, &s, &err), 0);
		CHECK_STR(str_from(err.text), STR(""));
	}
	return r;
}

static struct providers *
make_providers(void)
{
	static const char *const big[] = {"big.example"};
	static const char *const other[] = {"other.example"};
	const struct provider_spec v[] = {
	    {.name = "big",
		.mx = {big, 1},
		.domains = {NULL, 0},
		.contact = "postmaster@big.example"},
	    {.name = "other",
		.mx = {other, 1},
		.domains = {NULL, 0},
		.contact = ""},
	};
	struct providers *p = providers_new();
	struct error err;

	for (size_t i = 0; i < 2; i++)
		CHECK_INT(providers_add(p, &v[i], &err), 0);
	return p;
}

static const struct {
	const char *host, *text;
	const char *rule, *class, *scope, *provider, *contact;
	bool is_temporary, is_unmatched;
} rows[] = {
    {"mx.big.example", "550 (S3150)", "big-block", "blocked", "ip", "big",
	"form", false, false},
    /* Nobody's host: the words are the provider's. */
    {"", "550 (S3150)", "big-block", "blocked", "ip", "big", "form", false,
	false},
    {"mx.other.example", "550 (S3150)", "", "other", "session", "other", "",
	false, true},
    /* Its provider isn't in the file: nobody else can be meant. */
    {"mx.other.example", "550 qqq", "gone-provider", "virus", "content",
	"other", "", false, false},
    {"", "host mx.big.example[192.0.2.1] said: 450 full", "full",
	"mailbox_full", "recipient", "big", "postmaster@big.example", true,
	false},
    {"", "550 slow down", "limit", "rate_limited", "domain", "", "", true,
	false},
    {"", "421 it will not succeed", "never", "blocked", "ip", "", "", false,
	false},
    /* The words before the status. */
    {"", "552 5.7.1 full", "full", "mailbox_full", "recipient", "", "", false,
	false},
    {"", "550 5.7.1 no", "status-policy", "recipient_policy", "tenant", "", "",
	false, true},
    {"", "no code and no words", "", "other", "session", "", "", false, false},
    {"", "451 no words", "", "other", "session", "", "", true, true},
};

static void
reads(void)
{
	struct replies *r = make();
	struct providers *p = make_providers();
	struct reply got;

	/* Twice: what was said lately is known. */
	for (size_t i = 0; i < 2 * (sizeof(rows) / sizeof(*rows)); i++) {
		size_t n = i % (sizeof(rows) / sizeof(*rows));

		replies_read(r, p, str_from(rows[n].host), STR(""),
		    str_from(rows[n].text), &got);
		CHECK_STR(str_from(got.rule), str_from(rows[n].rule));
		CHECK_STR(str_from(reply_class_text(got.class)),
		    str_from(rows[n].class));
		CHECK_STR(str_from(reply_scope_text(got.scope)),
		    str_from(rows[n].scope));
		CHECK_STR(str_from(got.provider), str_from(rows[n].provider));
		CHECK_STR(str_from(got.contact), str_from(rows[n].contact));
		CHECK_INT(got.is_temporary, rows[n].is_temporary);
		CHECK_INT(got.is_unmatched, rows[n].is_unmatched);
		CHECK(*got.advice);
	}
	replies_read(r, p, STR(""), STR(""), STR("slow down"), &got);
	CHECK_STR(str_from(got.advice), STR("wait"));
	CHECK_INT(got.retry_after, 600);
	replies_free(&r);
	providers_free(&p);
}

static void
bad_ones(void)
{
	static const struct {
		struct reply_spec spec;
		const char *want;
	} v[] = {
	    {{.name = "A", .text = "x", .class = "virus", .example = "x"},
		"no name of a rule"},
	    {{.name = "", .text = "x", .class = "virus", .example = "x"},
		"no name of a rule"},
	    {{.name = "full", .text = "x", .class = "virus", .example = "x"},
		"two rules named \"full\""},
	    {{.name = "n", .text = "x", .class = "virus"}, "has no example"},
	    {{.name = "n", .text = "x", .class = "", .example = "x"},
		"\"\" is no class"},
	    {{.name = "n", .text = "", .class = "virus", .example = "x"},
		"a pattern has"},
	    {{.name = "n",
		 .text = "x",
		 .class = "virus",
		 .scope = "y",
		 .example = "x"},
		"\"y\" is no scope"},
	    {{.name = "n",
		 .text = "x",
		 .class = "virus",
		 .temporary = "y",
		 .example = "x"},
		"true or false"},
	};
	struct replies *r = make();
	struct error err;

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		struct reply_spec s = whole(v[i].spec);

		CHECK_INT(replies_add(r, &s, &err), -1);
		if (str_find(str_from(err.text), str_from(v[i].want)) < 0)
			test_fail(__FILE__, __LINE__, "%s", err.text);
	}
	replies_free(&r);
}

TESTS(TEST(reads), TEST(bad_ones))
