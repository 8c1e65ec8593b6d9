/* facts - prints the facts that a log makes, as text
 *
 * usage: facts [-q] [NAME=VALUE ...] <LOG
 *   -q          print only how many of each kind, and the chains' counters
 *   NAME=VALUE  a setting of mta/settings.def
 * A fact is a line "KIND account=A recipient=R outward=yes n=1 ...".
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/time.h"
#include "mta/chain.h"

static bool is_quiet;
static uint64_t totals[FACT_KINDS];

static void
on_fact(void *ctx, const struct fact *f)
{
	(void)ctx;
	totals[f->kind] += (uint64_t)(f->n > 0 ? f->n : 0);
	if (is_quiet)
		return;
	printf("%s account=%.*s recipient=%.*s outward=%s n=%d size=%llu "
	       "shared=%s claimed=%.*s domain=%.*s sender=%.*s "
	       "suspended=%s pending=%d id=%.*s\n",
	    fact_kind_text(f->kind), STR_ARG(f->account), STR_ARG(f->recipient),
	    f->is_outward ? "yes" : "no", f->n,
	    (unsigned long long)f->size_bytes, f->is_shared ? "yes" : "no",
	    STR_ARG(f->claimed), STR_ARG(f->domain), STR_ARG(f->sender),
	    f->is_suspended ? "yes" : "no",
	    f->kind == FACT_PENDING ? f->n : -f->was_pending,
	    STR_ARG(f->queue_id));
}

static void
name_user(void *ctx, uint32_t uid, struct text *out)
{
	const struct passwd *user = getpwuid(uid);

	(void)ctx;
	if (user)
		text_add(out, user->pw_name);
}

static void
set(struct mta_settings *settings, struct arena *a, struct str arg)
{
	struct error err;
	struct str name;

	if (!str_cut(&arg, '=', &name))
		fatal("%.*s is no NAME=VALUE", STR_ARG(arg));
	for (size_t i = 0; i < mta_settings_table.n; i++) {
		const struct setting *s = &mta_settings_table.v[i];

		if (!str_is(str_from(s->name), name))
			continue;
		if (setting_put(s, arg, a, settings, &err) < 0)
			fatal("%s", err.text);
		return;
	}
	fatal("no setting %.*s", STR_ARG(name));
}

static uint64_t
read_log(struct chains *c)
{
	struct logline_clock clock;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	uint64_t lines = 0;

	logline_clock_init(&clock, time_now_us() / TIME_US);
	while ((n = getline(&line, &cap, stdin)) > 0) {
		struct logline parsed;
		struct postfix_line l;
		struct str s = str_make(line, (size_t)n);

		if (s.p[s.n - 1] == '\n')
			s.n--;
		lines++;
		if (!logline_parse(&clock, s, &parsed))
			continue;
		postfix_parse(&parsed, &l);
		chains_line(c, &parsed, &l);
	}
	free(line);
	return lines;
}

int
main(int argc, char **argv)
{
	struct mta_settings settings;
	struct arena a;
	int i = 1;

	arena_init(&a);
	setting_put_defaults(&mta_settings_table, &a, &settings);
	if (i < argc && str_is(str_from(argv[i]), STR("-q")))
		is_quiet = i++ > 0;
	for (; i < argc; i++)
		set(&settings, &a, str_from(argv[i]));
	const struct chains_options o = {
	    .settings = &settings, .seed = 1, .uid_name = name_user};
	struct chains *c = chains_new(&o, on_fact, NULL);
	uint64_t lines = read_log(c);

	chains_settle(c);
	if (is_quiet) {
		printf("lines %llu\n", (unsigned long long)lines);
		for (i = 0; i < FACT_KINDS; i++)
			printf("%s %llu\n", fact_kind_text((enum fact_kind)i),
			    (unsigned long long)totals[i]);
		for (i = 0; i < CHAINS_COUNTS; i++)
			printf("%s %llu\n",
			    chains_count_text((enum chains_count)i),
			    (unsigned long long)chains_count(
				c, (enum chains_count)i));
	}
	chains_free(&c);
	arena_done(&a);
	return 0;
}
