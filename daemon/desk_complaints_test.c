/* desk_complaints_test - sums over more than a turn may look at */
#include "base/test.h"
#include "base/time.h"
#include "daemon/desk_gather.h"
#include "fbl/noted.h"

enum { RECORDS = 1200, STEPS = 5000, STEP = 16 };

static int64_t
now(void *ctx)
{
	(void)ctx;
	return 2000000;
}

/* As app_complaints notes it, under a key of bytes. */
static void
put(struct kept *k, unsigned i, const char *account)
{
	uint8_t key[16] = {0, (uint8_t)i, 0, (uint8_t)(i >> 8), 7};
	char buf[512];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "1000000%c%s%ccomplaint%cyes", 0, account, 0, 0);
	for (enum noted_field f = NOTED_VOUCHED; f < NOTED_FIELDS; f++)
		text_char(&t, '\0');
	kept_put(k, str_make((const char *)key, sizeof(key)), text_view(&t),
	    1000000 + i);
}

/* Asks, and gathers until there is an answer; false: it doesn't end. */
static bool
ask(struct desk *d, const char *by, struct control_reply *r)
{
	char options[64];
	struct text t;

	text_init(&t, options, sizeof(options));
	text_printf(&t, "{\"by\":\"%s\"}", by);
	struct json *doc = json_parse(text_view(&t), NULL);
	const struct control_request q = {
	    .command = COMMAND_ID_complaints, .options = doc, .is_json = true};
	bool is_whole = false;

	control_reply_init(r);
	desk_complaints(d, &q, r);
	d->gathered = d->wanted;
	d->wanted = NULL;
	for (int i = 0; d->gathered && i < STEPS && !is_whole; i++)
		is_whole = d->gathered->step(d->gathered, d, STEP);
	if (is_whole)
		desk_complaints(d, &q, r);
	desk_gather_free(&d->gathered);
	json_free(&doc);
	return is_whole;
}

struct bed {
	struct desk desk;
	struct kept kept;
	struct shares shares;
	struct control_reply r;
};

static void
start(struct bed *b)
{
	*b = (struct bed){.desk = {.now = now}};
	kept_init(&b->kept, RECORDS);
	shares_init(&b->shares);
	b->desk.complaints = &b->kept;
	b->desk.shares = &b->shares;
}

static void
end(struct bed *b)
{
	control_reply_done(&b->r);
	shares_done(&b->shares);
	kept_done(&b->kept);
}

static void
keys_of_any_bytes_come_to_an_end(void)
{
	struct bed b;

	start(&b);
	for (unsigned i = 0; i < RECORDS; i++)
		put(&b.kept, i, "ann@inside.example");
	CHECK(ask(&b.desk, "account", &b.r));
	CHECK(str_find(text_view(&b.r.out), STR("\"complaints\":1200")) > 0);
	end(&b);
}

/* None is charged with what others did. */
static void
who_is_too_many_is_others(void)
{
	struct json *doc;
	struct bed b;
	int64_t others = 0;

	start(&b);
	for (unsigned i = 0; i < RECORDS; i++) {
		char account[32];
		struct text t;

		text_init(&t, account, sizeof(account));
		text_printf(&t, "u%u@inside.example", i);
		put(&b.kept, i, account);
	}
	CHECK(ask(&b.desk, "account", &b.r));
	doc = json_parse(text_view(&b.r.out), NULL);
	CHECK_INT(json_count(doc), 1000);
	for (size_t i = 0; i < json_count(doc); i++) {
		const struct json *one = json_at(doc, i);
		int64_t n = json_number(json_get(one, "complaints"), 0);

		if (str_is(json_text(json_get(one, "account")), STR("others")))
			others = n;
		else
			CHECK_INT(n, 1);
	}
	CHECK_INT(others, RECORDS - 999);
	json_free(&doc);
	end(&b);
}

TESTS(TEST(keys_of_any_bytes_come_to_an_end), TEST(who_is_too_many_is_others))
