/* pipeline_rest_test - who rests would have had nothing to say */
#include "daemon/pipeline_script.h"
#include "daemon/pipeline_state.h"

enum { ACCOUNTS = 4, MESSAGES = 3000 };

enum way {
	RESTLESS, /* everybody is looked at afresh for each message */
	RESTING,
	BRIEF, /* and whom it is idle to judge isn't */
};

static uint64_t state;

static unsigned
draw(unsigned below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state % below);
}

/* Mostly a few recipients, now and then a burst; some lines come late, and some
 * mail from three networks, which are others the next day. */
static void
send_some(bool is_restless)
{
	char login[64], client[64];
	unsigned n = draw(8) ? 1 + draw(6) : 10 + draw(60);

	snprintf(
	    login, sizeof(login), "u%u@d%u.example", draw(ACCOUNTS), draw(2));
	snprintf(client, sizeof(client), "192.%u.2.9",
	    draw(6) ? 0 : 1 + (unsigned)(t.now / 86400 % 80) * 3 + draw(3));
	t.client = client;
	pipeline_clock(t.p, t.now);
	if (is_restless)
		pipeline_void_notes(t.p);
	unsigned id = accept_mail(login, draw(20) ? n : n / 2);
	int64_t late = draw(15) ? 0 : 150;

	t.client = NULL;

	if (is_restless)
		pipeline_void_notes(t.p);
	t.now -= late;
	deliver(id, n);
	t.now += late + draw(60);
	if (draw(150) == 0)
		t.now += 7200;
	if (draw(100) == 0)
		operate(EVENT_LIFT, login);
}

/* What is said when everybody is looked at afresh for each message must be
 * said when they rest. Within a message each recipient raises by one. */
static void
run(const char *config, bool is_enforcing, enum way way, struct text *out)
{
	char words[2048];

	snprintf(words, sizeof(words),
	    "ladder = { watch_for = \"5m\"; throttle_for = \"5m\"; "
	    "hold_for = \"10m\"; suspend_for = \"20m\"; "
	    "suspend_again_for = \"20m\"; };\n%s",
	    config);
	state = 88172645463325252u;
	begin(words);
	set_mode(is_enforcing);
	if (way == BRIEF)
		pipeline_tell_verdicts(t.p);
	for (int i = 0; i < MESSAGES; i++)
		send_some(way == RESTLESS);
	text_str(out, text_view(&t.verdicts));
	end();
}

/* Whoever tells verdicts alone tells no warnings. */
static void
drop_warnings(struct text *out)
{
	struct str rest = text_view(out), one;
	size_t n = 0;

	while (str_cut(&rest, '|', &one)) {
		if (str_find(one, STR(" warning")) >= 0)
			continue;
		memmove(out->p + n, one.p, one.n + 1);
		n += one.n + 1;
	}
	out->n = n;
}

static const char *const configs[] = {
    "",
    "signals = ( { name = \"burst\"; floor = 20; history = 3; } );"
    "limits = ( { name = \"wide\"; max = 150; warn = 0; } );",
    "limits = ( { name = \"small\"; window = \"30m\"; max = 40; "
    "warn = 50; }, { name = \"d\"; of = \"domain\"; count = "
    "\"messages\"; window = \"1h\"; max = 20; }, { name = \"n\"; of = "
    "\"network\"; count = \"delivered\"; window = \"2h\"; max = 600; },"
    " { name = \"new\"; max = 20; younger_than = \"2h\"; } );",
    "limits = ( { name = \"hard\"; max = 60; action = \"suspend\"; "
    "warn = 0; } );",
    "limits = ( { name = \"odd\"; window = \"61m\"; max = 60; }, "
    "{ name = \"kib\"; count = \"kib\"; window = \"1h\"; max = 30; }, "
    "{ name = \"distinct\"; of = \"claimed\"; count = "
    "\"distinct_recipients\"; window = \"1h\"; max = 30; } );",
    "signals = ( { name = \"networks\"; window = \"10m\"; floor = 2; "
    "points = 60; }, { name = \"foreign\"; floor = 900; }, "
    "{ name = \"foreign_strangers\"; floor = 900; } );",
    "limits = ( { name = \"places\"; count = \"distinct_networks\"; "
    "window = \"20m\"; max = 2; } );",
};

static void
compare(enum way way)
{
	struct text a, b;

	text_grow(&a, 1 << 20);
	text_grow(&b, 1 << 20);
	for (size_t i = 0; i < sizeof(configs) / sizeof(*configs); i++) {
		text_clear(&a);
		text_clear(&b);
		run(configs[i], i % 2, RESTLESS, &a);
		run(configs[i], i % 2, way, &b);
		if (way == BRIEF)
			drop_warnings(&a), drop_warnings(&b);
		CHECK(a.n > 1000);
		CHECK(str_is(text_view(&a), text_view(&b)));
	}
	text_done(&a);
	text_done(&b);
}

static void
rest_changes_nothing(void)
{
	compare(RESTING);
}

static void
who_is_known_would_have_had_no_news(void)
{
	compare(BRIEF);
}

TESTS(TEST(rest_changes_nothing), TEST(who_is_known_would_have_had_no_news))
