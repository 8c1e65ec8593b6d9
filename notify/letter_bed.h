/* letter_bed - a case with everything in it, for the tests of letters */
#ifndef NOTIFY_LETTER_BED_H
#define NOTIFY_LETTER_BED_H

#include <stdlib.h>

#include "base/json.h"
#include "notify/case_bed.h"
#include "notify/letter.h"

struct letter_bed {
	struct arena arena;
	struct notify_settings settings;
	struct template_set *forms;
	struct case_file *file;
	struct letter letter;
};

static inline void
letter_bed_filed(struct case_file *f, const char *name, const char *evidence)
{
	struct event e = bed_event(EVENT_CASE_FILED, 1);

	BED_PUT(e.rule, name);
	BED_PUT(e.evidence, evidence);
	case_file_add(f, &e);
}

/* With foreign texts: a message's subject, recipient; the owner's name. */
static inline void
letter_bed_message(
    struct case_file *f, const char *subject, const char *recipient)
{
	char buf[EVENT_EVIDENCE];
	struct text t;
	struct json_out j;

	text_init(&t, buf, sizeof(buf));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_open_array(&j, "messages");
	json_open(&j, NULL);
	json_time(&j, "at", BED_SINCE - 60);
	json_str(&j, "queue_id", STR("4F1"));
	json_str(&j, "sender", STR("alice@example.com"));
	json_str(&j, "subject", str_from(subject));
	json_str(&j, "client", STR("203.0.113.7"));
	json_str(&j, "country", STR("NG"));
	json_str(&j, "country_name", STR("Nigeria"));
	json_i64(&j, "recipients", 412);
	json_open_array(&j, "to");
	json_str(&j, NULL, str_from(recipient));
	json_str(&j, NULL, STR("ben@world.example"));
	json_close_array(&j);
	json_close(&j);
	json_close_array(&j);
	json_close(&j);
	letter_bed_filed(f, "messages", buf);
}

static inline struct case_file *
letter_bed_file(void)
{
	struct case_file *f = case_file_new();
	struct event e = bed_suspension();

	BED_PUT(e.evidence,
	    "{\"score\":120,\"repeats\":0,\"reasons\":[{\"rule\":\"burst\","
	    "\"count\":\"recipients\",\"window\":600,\"value\":412,"
	    "\"bound\":9,\"points\":120,\"is_own\":true,"
	    "\"text\":\"412 recipients in 10 minutes, usually at most 9\"}]}");
	case_file_add(f, &e);
	letter_bed_filed(f, "networks",
	    "{\"networks\":[{\"net\":\"203.0.113.0/24\",\"country\":\"NG\","
	    "\"country_name\":\"Nigeria\",\"first\":\"2025-11-21T22:30:00Z\","
	    "\"last\":\"2025-11-21T22:40:00Z\",\"is_known\":false,"
	    "\"in_evidence\":true}]}");
	f->head.recipients = 412;
	return f;
}

static inline void
letter_bed_begin(struct letter_bed *b, const char *language)
{
	struct error err = {""};

	setenv("TZ", "UTC", 1);
	time_zone_reset();
	arena_init(&b->arena);
	setting_put_defaults(&notify_settings_table, &b->arena, &b->settings);
	b->settings.letter_from = "postmaster@mail.example";
	b->settings.provider = "Example Mail";
	b->settings.help_text = "Call us: 0800 100 100, day and night.";
	b->settings.bulk_service = "https://bulk.example/";
	b->forms = letter_forms("", "", &err);
	if (!b->forms)
		fatal("%s", err.text);
	b->file = letter_bed_file();
	letter_bed_message(b->file, "Your parcel", "ann@world.example");
	b->letter = (struct letter){
	    .settings = &b->settings,
	    .forms = b->forms,
	    .stage = LETTER_SUSPENDED,
	    .file = b->file,
	    .language = str_from(language),
	    .owner_name = STR("Alice Smith"),
	    .password_page = STR("https://panel.example/password?a=1&b=2"),
	    .to = "alice@home.example",
	    .link = STR("https://mail.example/c/abcdefghijklmnopqrstuvwxyz"),
	    .link_until = BED_SINCE + 86400,
	    .closes_at = BED_SINCE + 7 * 86400,
	    .probation = 7 * 86400,
	    .why = "the directory does not know the account",
	    .id = "outpost-1-2-3",
	    .now = BED_SINCE + 100,
	};
}

static inline void
letter_bed_end(struct letter_bed *b)
{
	case_file_free(&b->file);
	template_set_free(&b->forms);
	arena_done(&b->arena);
}

#endif
