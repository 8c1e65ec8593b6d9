/* The labelled replies of other projects, read from ../shared/corpus (or
 * OUTPOST_CORPUS): how often the shipped rules agree with their labels, class
 * by class, where two sources agree with each other and where one speaks
 * alone; and how many replies no rule is for, of ours and of theirs. Labels
 * that we argue with are listed in tests/data/reply-exceptions.txt, with
 * reasons. OUTPOST_CORPUS_SHOW=yes prints every reply that isn't agreed on.
 */
#include "config/providers_file.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/test.h"

enum { AGREED_PERCENT = 95, UNMATCHED_PERCENT = 5, LINE_BYTES = 1 << 16 };

struct label {
	const char *source;
	const char *theirs, *ours;
};

static const struct label labels[] = {
#define LABEL(source, theirs, ours) {#source, theirs, ours},
#include "config/reply_labels.def"
#undef LABEL
};

struct share {
	size_t asked, agreed;
};

static struct {
	struct providers *providers;
	struct replies *replies;
	size_t replies_n, unmatched, argued;
	/* Of the replies that KumoMTA's and ZoneMTA's rules were asked about.
	 */
	size_t asked_n, ours_none, kumo_none, zone_none;
	char exceptions[16384];
	struct share both[REPLY_CLASSES], one[REPLY_CLASSES];
	bool is_shown;
} t;

/* A bit per class; 0: no opinion. */
static unsigned
classes_of(char source, struct str theirs)
{
	unsigned set = 0;

	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
		if (*labels[i].source != source ||
		    !str_is(theirs, str_from(labels[i].theirs)))
			continue;
		for (int c = 0; c < REPLY_CLASSES; c++) {
			const char *name =
			    reply_class_text((enum reply_class)c);

			if (strstr(labels[i].ours, name))
				set |= 1u << c;
		}
	}
	return set;
}

static struct share *
share_of(struct share *v, unsigned set, const struct reply *r)
{
	if (set >> r->class & 1)
		return &v[r->class];
	for (int c = 0; c < REPLY_CLASSES; c++)
		if (set >> c & 1)
			return &v[c];
	return NULL;
}

/* "LABEL CLASS reason" is a line of the exceptions. */
static bool
is_argued(const char *label, const struct reply *r)
{
	char line[300];

	snprintf(
	    line, sizeof(line), "\n%s %s ", label, reply_class_text(r->class));
	return strstr(t.exceptions, line) != NULL;
}

static void
read_exceptions(void)
{
	FILE *f = fopen("tests/data/reply-exceptions.txt", "r");

	CHECK(f);
	if (!f)
		return;
	t.exceptions[fread(t.exceptions, 1, sizeof(t.exceptions) - 1, f)] =
	    '\0';
	fclose(f);
}

static void
count(struct share *v, unsigned set, const struct reply *r, struct str text,
    const char *labels_text)
{
	struct share *s = share_of(v, set, r);

	if (!s)
		return;
	s->asked++;
	s->agreed += set >> r->class & 1;
	if (set >> r->class & 1)
		return;
	if (is_argued(labels_text, r))
		t.argued++;
	else if (v == t.both)
		test_fail(__FILE__, __LINE__, "not argued: %s, %s: %.*s",
		    labels_text, reply_class_text(r->class),
		    STR_ARG(str_head(text, 200)));
	if (t.is_shown)
		printf("%s: %s, %s (%s): %.*s\n", v == t.both ? "TWO" : "one",
		    labels_text, reply_class_text(r->class),
		    r->rule ? r->rule : "-", STR_ARG(str_head(text, 240)));
}

static void
read_one(const struct json *row, char source, struct str second)
{
	struct str text = json_text(json_get(row, "response"));
	struct str host = json_text(json_get(row, "rhost"));
	struct str label = json_text(json_get(row, "expect"));
	unsigned set = classes_of(source, label);
	unsigned other = classes_of('k', second);
	char names[200];
	struct reply r;

	if (text.n == 0)
		return;
	replies_read(t.replies, t.providers, host, STR(""), text, &r);
	t.replies_n++;
	t.unmatched += r.rule == NULL;
	if (t.is_shown && !r.rule)
		printf("NONE: %.*s: %.*s\n", STR_ARG(label),
		    STR_ARG(str_head(text, 240)));
	snprintf(
	    names, sizeof(names), "%.*s/%.*s", STR_ARG(label), STR_ARG(second));
	if (set & other)
		count(t.both, set & other, &r, text, names);
	else if (set && !other)
		count(t.one, set, &r, text, names);
}

static FILE *
open_corpus(const char *name)
{
	const char *given = getenv("OUTPOST_CORPUS");
	const char *const folders[] = {
	    given ? given : "../shared/corpus", "../../shared/corpus"};
	char path[512];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/smtp-responses/%s", folders[i],
		    name);
		FILE *f = fopen(path, "r");
		if (f)
			return f;
	}
	return NULL;
}

static struct json *
next_row(FILE *f)
{
	static char line[LINE_BYTES];

	return f && fgets(line, sizeof(line), f)
		   ? json_parse(str_from(line), NULL)
		   : NULL;
}

static bool
is_none(const struct json *other, const char *key)
{
	struct str said = json_text(json_get(other, key));

	return said.n == 0 || str_is(said, STR("Uncategorized"));
}

/* How many of the same replies have no rule, in ours and in theirs. */
static void
compare(const struct json *row, const struct json *other)
{
	struct reply r;

	if (!other)
		return;
	replies_read(t.replies, t.providers, json_text(json_get(row, "rhost")),
	    STR(""), json_text(json_get(row, "response")), &r);
	t.asked_n++;
	t.ours_none += !r.rule;
	t.kumo_none += is_none(other, "kumomta");
	t.zone_none += is_none(other, "zonemta");
}

static double
percent(size_t part, size_t all)
{
	return all ? 100.0 * (double)part / (double)all : 0;
}

/* The second opinions stand in the same order. */
static bool
read_file(const char *name, char source, const char *second)
{
	FILE *f = open_corpus(name), *g = second ? open_corpus(second) : NULL;
	struct json *row, *other;

	if (!f)
		return false;
	while ((row = next_row(f))) {
		other = next_row(g);
		compare(row, other);
		read_one(row, source, json_text(json_get(other, "kumomta")));
		json_free(&row);
		json_free(&other);
	}
	fclose(f);
	if (g)
		fclose(g);
	return true;
}

static struct share
tell(const char *title, const struct share *v)
{
	struct share all = {0, 0};

	printf("%s:\n", title);
	for (int c = 0; c < REPLY_CLASSES; c++) {
		if (v[c].asked == 0)
			continue;
		printf("  %-17s %3zu of %3zu\n",
		    reply_class_text((enum reply_class)c), v[c].agreed,
		    v[c].asked);
		all.asked += v[c].asked;
		all.agreed += v[c].agreed;
	}
	printf("  %-17s %3zu of %3zu: %.1f%%\n", "all", all.agreed, all.asked,
	    percent(all.agreed, all.asked));
	return all;
}

static void
corpus(void)
{
	struct error err;

	read_exceptions();
	t.is_shown = getenv("OUTPOST_CORPUS_SHOW") != NULL;
	CHECK_INT(providers_file_read(
		      "etc/providers.conf", &t.providers, &t.replies, &err),
	    0);
	if (!read_file(
		"sisimai-samples.jsonl", 's', "cross-labels-computed.jsonl")) {
		TEST_SKIP("no corpus of replies here");
	} else {
		read_file("sisimai-reason-tests.jsonl", 's', NULL);
		read_file("kumomta-unit-tests.jsonl", 'k', NULL);
		read_file("crisp-fixtures.jsonl", 'c', NULL);
		struct share both =
		    tell("two sources agree with each other", t.both);
		struct share one = tell("one source alone", t.one);

		printf("no rule: %zu of %zu replies: %.1f%%\n", t.unmatched,
		    t.replies_n, percent(t.unmatched, t.replies_n));
		printf("argued with: %zu of the %zu others\n", t.argued,
		    both.asked + one.asked - both.agreed - one.agreed);
		printf("no rule, of the same %zu: ours %.1f%%, KumoMTA's "
		       "%.1f%%, ZoneMTA's %.1f%%\n",
		    t.asked_n, percent(t.ours_none, t.asked_n),
		    percent(t.kumo_none, t.asked_n),
		    percent(t.zone_none, t.asked_n));
		CHECK(both.agreed * 100 >= both.asked * AGREED_PERCENT);
		CHECK(one.asked > 0);
		CHECK(t.unmatched * 100 < t.replies_n * UNMATCHED_PERCENT);
	}
	providers_free(&t.providers);
	replies_free(&t.replies);
}

TESTS(TEST(corpus))
