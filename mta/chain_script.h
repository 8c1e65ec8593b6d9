/* chain_script - for the chains' tests: log lines in, facts as text out
 *
 * A script's line is "SECOND TAG: TEXT", the host is "mx" unless it is
 * "SECOND HOST/ TAG: TEXT". A fact becomes "KIND ACCOUNT ..." on a line.
 */
#ifndef MTA_CHAIN_SCRIPT_H
#define MTA_CHAIN_SCRIPT_H

#include "base/test.h"
#include "base/time.h"
#include "mta/chain.h"

/* 2026-11-21T10:00:00Z */
#define SCRIPT_BEGIN 1795255200

struct script {
	struct arena arena;
	struct mta_settings settings;
	struct chains *chains;
	struct logline_clock clock;
	struct text facts;
};

static void
script_print(struct text *t, const struct fact *f)
{
	text_printf(t, "%s %.*s", fact_kind_text(f->kind), STR_ARG(f->account));
	if (f->is_shared)
		text_printf(t, " claims %.*s", STR_ARG(f->claimed));
	if (f->kind == FACT_PENDING)
		text_printf(t, " %+d", f->n);
	else if (f->kind == FACT_ACCEPTED)
		text_printf(t, " %u bytes", (unsigned)f->size_bytes);
	else if (f->kind != FACT_LOGIN_FAILED && f->kind != FACT_LOGIN &&
		 f->kind != FACT_LOST_LINES)
		text_printf(t, " %.*s %s", STR_ARG(f->recipient),
		    f->is_outward ? "out" : "in");
	else
		text_printf(t, " %d", f->n);
	if (f->was_pending)
		text_add(t, " -1");
	if (f->is_suspended)
		text_add(t, " suspended");
	text_char(t, '\n');
}

static void
script_on_fact(void *ctx, const struct fact *fact)
{
	struct script *s = ctx;

	script_print(&s->facts, fact);
}

static inline void
script_set(struct script *s, const char *name, const char *value)
{
	struct error err;

	for (size_t i = 0; i < mta_settings_table.n; i++) {
		const struct setting *one = &mta_settings_table.v[i];

		if (strcmp(one->name, name) == 0 &&
		    setting_put(one, str_from(value), &s->arena, &s->settings,
			&err) == 0) {
			if (s->chains)
				chains_set(s->chains, &s->settings);
			return;
		}
	}
	test_fail(__FILE__, __LINE__, "no setting %s = %s", name, value);
}

static inline void
script_uid(void *ctx, uint32_t uid, struct text *out)
{
	(void)ctx;
	if (uid == 33)
		text_add(out, "www-data");
	else if (uid == 1000)
		text_add(out, "Carol");
}

/* Settings are set between these two. */
static inline void
script_init(struct script *s)
{
	*s = (struct script){0};
	arena_init(&s->arena);
	setting_put_defaults(&mta_settings_table, &s->arena, &s->settings);
	s->settings.flights_max = 1000;
	logline_clock_init(&s->clock, SCRIPT_BEGIN + 100 * 86400);
	text_grow(&s->facts, 1 << 24);
}

static inline void
script_start(struct script *s, bool is_kept)
{
	const struct chains_options o = {.settings = &s->settings,
	    .seed = 0x1234567890abcdef,
	    .is_kept = is_kept,
	    .uid_name = script_uid};

	s->chains = chains_new(&o, script_on_fact, s);
}

static inline void
script_done(struct script *s)
{
	chains_free(&s->chains);
	text_done(&s->facts);
	arena_done(&s->arena);
}

static inline void
script_line(struct script *s, struct str line)
{
	struct str second, host = STR("mx"), tag;
	struct logline parsed;
	struct postfix_line l;
	uint64_t at = 0;
	char buf[4096];
	struct text t;

	if (!str_cut(&line, ' ', &second) || !str_to_u64(second, &at)) {
		test_fail(__FILE__, __LINE__, "script: %.*s", STR_ARG(line));
		return;
	}
	if (str_find(line, STR("/ ")) >= 0 &&
	    str_find(line, STR("/ ")) < str_find_char(line, ':')) {
		str_cut(&line, '/', &host);
		line = str_skip(line, 1);
	}
	str_cut(&line, ':', &tag);
	text_init(&t, buf, sizeof(buf));
	time_rfc3339(&t, SCRIPT_BEGIN + (int64_t)at);
	text_printf(&t, " %.*s %.*s[9]:%.*s", STR_ARG(host), STR_ARG(tag),
	    STR_ARG(line));
	if (!logline_parse(&s->clock, text_view(&t), &parsed)) {
		test_fail(__FILE__, __LINE__, "no line: %s", buf);
		return;
	}
	postfix_parse(&parsed, &l);
	if (l.kind == LINE_OTHER || l.kind == LINE_FOREIGN)
		test_fail(__FILE__, __LINE__, "not understood: %s", buf);
	chains_line(s->chains, &parsed, &l);
}

static inline void
script_lines(struct script *s, const char *lines)
{
	struct str rest = str_from(lines), line;

	while (str_cut(&rest, '\n', &line))
		script_line(s, line);
}

/* The facts since the last call are exactly these. */
#define SCRIPT_FACTS(s, want)                                        \
	do {                                                         \
		test_str(__FILE__, __LINE__, text_view(&(s)->facts), \
		    str_from(want));                                 \
		text_clear(&(s)->facts);                             \
	} while (0)

static inline void
script_tick(struct script *s, int64_t second)
{
	chains_tick(s->chains, SCRIPT_BEGIN + second);
}

#endif
