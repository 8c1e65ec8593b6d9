/* case_file - what readers of a case get, also from hostile pieces */
#include "notify/case_file.h"

#include "base/test.h"
#include "notify/case_bed.h"
#include "notify/case_piece.h"

static struct case_file *
opened(struct case_head *head)
{
	struct case_file *f = case_file_new();
	struct event e = bed_suspension();

	case_file_add(f, &e);
	*head = f->head;
	return f;
}

static void
file(void *ctx, struct event *e)
{
	e->at_us = (BED_SINCE + 1) * TIME_US;
	CHECK(strlen(e->evidence) + 1 < sizeof(e->evidence));
	CHECK_STR(str_from(e->file), STR(BED_CAUSE));
	case_file_add(ctx, e);
}

static void
log_lines_come_back_verbatim(void)
{
	struct case_head head;
	struct case_file *f = opened(&head);
	struct case_piece p = {
	    .about = &head, .emit = file, .ctx = f, .max = 20};
	char line[300], buf[1024];
	struct text t;

	case_piece_begin(&p, "log");
	for (int i = 0; i < 200; i++) {
		snprintf(line, sizeof(line),
		    "Nov 21 22:40:%02d mx postfix/smtp[1]: \"4F\\%d\": to=<\t>",
		    i % 60, i);
		text_init(&t, buf, sizeof(buf));
		case_piece_line(str_from(line), &t);
		CHECK(case_piece_add(&p, text_view(&t)));
	}
	case_piece_end(&p);
	CHECK_INT(f->n_lines, 200);
	CHECK_STR(str_from(f->lines[199]), str_from(line));
	CHECK(p.emitted > 1);
	case_file_free(&f);
}

static void
pieces_are_bounded_in_number(void)
{
	struct case_head head;
	struct case_file *f = opened(&head);
	struct case_piece p = {
	    .about = &head, .emit = file, .ctx = f, .max = 2};
	char element[3002];
	int n = 0;

	memset(element, 'x', sizeof(element) - 1);
	element[0] = element[sizeof(element) - 2] = '"';
	element[sizeof(element) - 1] = '\0';
	case_piece_begin(&p, "log");
	while (n < 100 && case_piece_add(&p, str_from(element)))
		n++;
	case_piece_end(&p);
	CHECK_INT(n, 4);
	CHECK_INT(p.emitted, 2);
	CHECK_INT(f->n_lines, 4);
	case_file_free(&f);
}

static void
everything_is_read(void)
{
	struct case_head head;
	struct case_file *f = opened(&head);
	struct case_piece p = {
	    .about = &head, .emit = file, .ctx = f, .max = 20};
	char buf[1024];
	struct text t;
	struct case_message m = {.at = BED_SINCE,
	    .queue_id = "4F",
	    .sender = "alice@example.com",
	    .client = "198.51.100.7",
	    .country = "NG",
	    .recipients = 50,
	    .to = {"x@example.net"},
	    .n_to = 1};
	struct case_network n = {.is_in_evidence = true};
	struct ip in, out;

	ip_net_parse(STR("203.0.113.0/24"), &n.net);
	text_init(&t, buf, sizeof(buf));
	case_piece_message(&m, &t);
	case_piece_begin(&p, "messages");
	case_piece_add(&p, text_view(&t));
	case_piece_end(&p);
	text_init(&t, buf, sizeof(buf));
	case_piece_network(&n, &t);
	case_piece_begin(&p, "networks");
	case_piece_add(&p, text_view(&t));
	case_piece_add(&p, text_view(&t));
	case_piece_end(&p);
	case_piece_put(
	    &p, "place", STR("{\"host\":\"mx1\",\"rule_text\":\"r\"}"));
	case_piece_put(&p, "counts",
	    STR("{\"counts\":[{\"name\":\"recipients\",\"hour\":5}],"
		"\"leaked\":9,\"bars\":[1,2,3],\"bar_seconds\":60}"));
	CHECK_INT(f->n_messages, 1);
	CHECK_STR(str_from(f->messages[0].to[0]), STR("x@example.net"));
	CHECK_STR(str_from(f->messages[0].subject), STR(""));
	CHECK_INT(f->n_networks, 1);
	CHECK_STR(str_from(f->places[0].host), STR("mx1"));
	CHECK_INT(f->counts[0].hour, 5);
	CHECK_INT(f->n_bars, 3);
	CHECK_INT(f->head.recipients, 9);
	CHECK_INT(f->n_reasons, 1);
	CHECK_STR(str_from(f->reason), STR("500 recipients in 10m"));
	ip_parse(STR("203.0.113.200"), &in);
	CHECK(case_file_has_network(f, &in));
	ip_parse(STR("198.51.100.99"), &in); /* of a message */
	CHECK(case_file_has_network(f, &in));
	ip_parse(STR("192.0.2.1"), &out);
	CHECK(!case_file_has_network(f, &out));
	case_file_free(&f);
}

static void
steps_are_in_words(void)
{
	struct case_head head;
	struct case_file *f = opened(&head);
	struct event e = bed_said(EVENT_CASE_ANSWER, 10, "not-me");

	BED_PUT(e.by, "owner");
	BED_PUT(e.evidence, "{\"what\":\"<script>\",\"client\":\"192.0.2.1\"}");
	case_file_add(f, &e);
	e = bed_said(EVENT_CASE_LETTER, 11, "suspended");
	BED_PUT(e.reason, "sent");
	BED_PUT(e.evidence, "{\"to\":[\"a@x\",\"b@x\"]}");
	case_file_add(f, &e);
	e = bed_said(EVENT_CASE_DECISION, 12, "approved");
	BED_PUT(e.reason, "called her");
	case_file_add(f, &e);
	CHECK_INT(f->n_steps, 4);
	CHECK_STR(str_from(f->steps[0].what), STR("suspended"));
	CHECK_STR(str_from(f->steps[1].what), STR("answered: it was not me"));
	CHECK_STR(str_from(f->steps[1].by), STR("owner"));
	CHECK_STR(str_from(f->said[0].what), STR("<script>"));
	CHECK_STR(str_from(f->letters[0].to), STR("a@x, b@x"));
	CHECK_STR(str_from(f->decision), STR("called her"));
	case_file_free(&f);
}

static void
what_is_wrong_is_left_out(void)
{
	static const char *const bad[] = {"", "[]", "{\"log\":{}}",
	    "{\"log\":[1,{},[],null]}", "{\"log\":\"x\"}", "{\"log\":[\"a\"",
	    "{\"messages\":[3]}", "{\"networks\":[{\"net\":\"x\"}]}",
	    "{\"bars\":[\"a\"]}"};
	static const char *const names[] = {
	    "log", "messages", "networks", "counts", "place", "", "nonsense"};
	struct case_head head;
	struct case_file *f = opened(&head);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			struct event e = bed_event(EVENT_CASE_FILED, 2);

			BED_PUT(e.rule, names[k]);
			BED_PUT(e.evidence, bad[i]);
			case_file_add(f, &e);
		}
	}
	CHECK_INT(f->n_networks, 0);
	CHECK_INT(f->head.state, CASE_OPEN);
	case_file_free(&f);
}

TESTS(TEST(log_lines_come_back_verbatim), TEST(pieces_are_bounded_in_number),
    TEST(everything_is_read), TEST(steps_are_in_words),
    TEST(what_is_wrong_is_left_out))
