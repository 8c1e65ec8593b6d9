/* signal_bed - an account's life, for the tests of signals. Included by them.
 */
#ifndef LIMITS_SIGNAL_BED_H
#define LIMITS_SIGNAL_BED_H

#include "limits/signal.h"

#include <stdio.h>

#include "base/test.h"
#include "limits/rules.h"

enum { BEGAN = 1767225600, HOUR = 3600, DAY = 86400, PAST = 30 };

static struct arena arena;
static struct ledger *ledger;
static struct limits_rules *rules;
static int next_stranger;
static const char *changed;	      /* a signal's name; NULL: none */
static struct signal_spec changed_to; /* begins as its defaults */

static inline void
start(void)
{
	struct limits_settings s;
	struct class_spec c;
	struct error err;

	arena_init(&arena);
	setting_put_defaults(&limits_settings_table, &arena, &s);
	ledger = ledger_new(&(struct ledger_options){.max_subjects = 1000});
	rules = rules_new(&s);
	setting_put_defaults(&rules_class_fields, &arena, &c);
	c.name = "bulk";
	rules_add_class(
	    rules, &c, STR("news@x.example\nfwd:big@x.example"), &err);
	c.name = "shared";
	rules_add_class(rules, &c, STR("web@x.example"), &err);
	rules_add_shipped(rules);
	if (changed)
		CHECK_INT(rules_set_signal(
			      rules, str_from(changed), &changed_to, &err),
		    0);
	CHECK_INT(rules_finish(rules, ledger, &err), 0);
	next_stranger = 100;
}

static inline void
stop(void)
{
	rules_free(&rules);
	ledger_free(&ledger);
	arena_done(&arena);
}

static inline struct fact
make(enum fact_kind kind, const char *account, const char *from, int64_t at)
{
	struct fact f = {.kind = kind,
	    .is_outward = true,
	    .at = at,
	    .accepted_at = at,
	    .account = str_from(account),
	    .domain = STR("x.example"),
	    .recipient = STR("r@out.example"),
	    .n = 1};

	CHECK(ip_parse(str_from(from), &f.client));
	return f;
}

static inline void
add(const struct fact *f)
{
	struct ledger_touched touched;

	ledger_add(ledger, f, &touched);
}

/* A message to the friends from..to-1. */
static inline void
write_to(const char *account, const char *from, int first, int last, int64_t at)
{
	struct fact f = make(FACT_ACCEPTED, account, from, at);

	add(&f);
	f.kind = FACT_RECIPIENT;
	for (int i = first; i < last; i++) {
		char to[32];

		snprintf(to, sizeof(to), "r%d@out.example", i);
		f.recipient = str_from(to);
		add(&f);
	}
}

static inline void
write_strangers(const char *account, const char *from, int n, int64_t at)
{
	write_to(account, from, next_stranger, next_stranger + n, at);
	next_stranger += n;
}

#define HOME "192.0.2.1"
#define ABROAD "203.0.113.7"

/* Two weeks of a few friends each working hour, now and then somebody new. */
static inline int64_t
live(const char *account)
{
	for (int day = 0; day < PAST; day++) {
		for (int h = 8; h < 17; h++)
			write_to(account, HOME, (day + h) % 20,
			    (day + h) % 20 + 3, BEGAN + day * DAY + h * HOUR);
		write_strangers(
		    account, HOME, 2, BEGAN + day * DAY + 12 * HOUR);
	}
	return BEGAN + PAST * DAY + 9 * HOUR;
}

static inline struct verdict
judge_it(const char *account)
{
	struct str key = str_from(account);
	struct judge_input in = {
	    .rules = rules,
	    .ledger = ledger,
	    .subject = ledger_get(ledger, SUBJECT_ACCOUNT, key),
	    .class_index = rules_class(rules, SUBJECT_ACCOUNT, key),
	    .now = ledger_now(ledger),
	};
	struct verdict v;

	judge(&in, &v);
	return v;
}

static inline int
points(const struct verdict *v, const char *rule)
{
	for (size_t i = 0; i < v->n_reasons; i++)
		if (strcmp(v->reasons[i].rule, rule) == 0)
			return v->reasons[i].points;
	return 0;
}

static inline bool
has_reason(const struct verdict *v, const char *rule, const char *words)
{
	char buf[256];
	struct text t;

	for (size_t i = 0; i < v->n_reasons; i++) {
		if (strcmp(v->reasons[i].rule, rule) != 0)
			continue;
		text_init(&t, buf, sizeof(buf));
		reason_print(&v->reasons[i], &t);
		CHECK_STR(text_view(&t), str_from(words));
		return true;
	}
	return false;
}

#endif
