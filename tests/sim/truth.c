/* truth - what week wrote beside its log, and when each account was stopped */
#include "tests/sim/truth.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FOR_EVER (INT64_C(7) * 86400 * 1000)

static void
bad(const char *path, unsigned line, const char *what)
{
	fprintf(stderr, "score: %s:%u: %s\n", path, line, what);
	exit(2);
}

/* "2026-01-12T08:00:00[.000]Z"; -1: no time. */
static int64_t
time_of(const char *s)
{
	struct tm tm = {0};
	const char *end = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);
	double part = 0;

	if (end == NULL)
		return -1;
	if (*end == '.')
		part = strtod(end, NULL);
	return (int64_t)timegm(&tm) * 1000 + (int64_t)(part * 1000 + 0.5);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct truth_account *)a)->name,
	    ((const struct truth_account *)b)->name);
}

static struct truth_account *
find(struct truth *t, const char *name)
{
	struct truth_account key;

	snprintf(key.name, sizeof(key.name), "%s", name);
	return bsearch(&key, t->accounts, t->n, sizeof(key), by_name);
}

static void *
grown(void *p, size_t n, size_t *max, size_t size)
{
	if (n < *max)
		return p;
	*max = *max * 2 + 64;
	p = realloc(p, *max * size);
	if (p == NULL)
		abort();
	return p;
}

static void
add_account(struct truth *t, char *const f[5])
{
	struct truth_account *a;

	t->accounts = grown(t->accounts, t->n, &t->max, sizeof(*t->accounts));
	a = &t->accounts[t->n++];
	memset(a, 0, sizeof(*a));
	snprintf(a->name, sizeof(a->name), "%s", f[1]);
	snprintf(a->kind, sizeof(a->kind), "%s", f[2]);
	snprintf(a->attack, sizeof(a->attack), "%s", f[3]);
	a->attack_at = a->attack[0] != '\0' ? time_of(f[4]) : 0;
}

static void
add_message(struct truth *t, char *const f[5], const char *path, unsigned line)
{
	struct truth_account *a = find(t, f[2]);
	struct truth_message *m;

	if (a == NULL)
		bad(path, line, "a message of an unknown account");
	a->messages = grown(a->messages, a->n, &a->max, sizeof(*a->messages));
	m = &a->messages[a->n++];
	m->at = time_of(f[1]);
	m->recipients = (uint32_t)strtoul(f[3], NULL, 10);
	m->is_thief = strcmp(f[4], "thief") == 0;
	if (t->begins == 0)
		t->begins = m->at;
}

void
truth_read(struct truth *t, const char *path)
{
	FILE *f = fopen(path, "r");
	char text[512];
	bool is_sorted = false;

	*t = (struct truth){0};
	if (f == NULL) {
		perror(path);
		exit(2);
	}
	for (unsigned line = 1; fgets(text, sizeof(text), f); line++) {
		char *field[5], *rest = text;

		text[strcspn(text, "\n")] = '\0';
		for (int i = 0; i < 5; i++)
			if ((field[i] = strsep(&rest, "\t")) == NULL)
				bad(path, line, "too few fields");
		if (strcmp(field[0], "account") == 0) {
			add_account(t, field);
			continue;
		}
		if (!is_sorted)
			qsort(t->accounts, t->n, sizeof(*t->accounts), by_name);
		is_sorted = true;
		add_message(t, field, path, line);
	}
	fclose(f);
}

static void
note(int64_t *first, int64_t at)
{
	if (*first == 0 || at < *first)
		*first = at;
}

/* Innocently held: one hold right after the other is one. */
static void
note_hold(struct truth_account *a, int64_t at, int64_t until)
{
	enum { SAME = 60 * 1000 };

	if (at > a->held_until + SAME)
		a->held_since = at;
	if (until > a->held_until)
		a->held_until = until;
	if (a->held_until - a->held_since > a->held_longest)
		a->held_longest = a->held_until - a->held_since;
}

static void
add_verdict(
    struct truth_account *a, const char *action, int64_t at, int64_t until)
{
	bool is_owner = a->attack[0] == '\0' || at < a->attack_at;

	if (strcmp(action, "hold") == 0) {
		note(is_owner ? &a->owner_held : &a->held, at);
		if (is_owner)
			note_hold(a, at, until);
	} else if (strcmp(action, "suspend") == 0) {
		note(is_owner ? &a->owner_suspended : &a->suspended, at);
	} else if (strcmp(action, "throttle") == 0) {
		a->throttles += is_owner;
	}
}

void
truth_verdicts(struct truth *t, const char *path)
{
	FILE *f = fopen(path, "r");
	char text[65536];

	if (f == NULL) {
		perror(path);
		exit(2);
	}
	for (unsigned line = 1; fgets(text, sizeof(text), f); line++) {
		const char *time, *name, *action, *until = NULL;
		json_t *o = json_loads(text, 0, NULL);
		struct truth_account *a;
		int64_t at;

		if (json_unpack(o, "{s:s,s:s,s:s,s?n}", "time", &time,
			"account", &name, "action", &action, "until") != 0 &&
		    json_unpack(o, "{s:s,s:s,s:s,s?s}", "time", &time,
			"account", &name, "action", &action, "until",
			&until) != 0)
			bad(path, line, "no verdict");
		/* A verdict's second began with it at the earliest: what was
		 * handed in within it counts as leaked. */
		at = time_of(time) + 999;
		a = find(t, name);
		if (a != NULL && at >= t->begins)
			add_verdict(a, action, at,
			    until ? time_of(until) : at + FOR_EVER);
		json_decref(o);
	}
	fclose(f);
}

void
truth_free(struct truth *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->accounts[i].messages);
	free(t->accounts);
	*t = (struct truth){0};
}

int64_t
truth_limit(
    const struct truth_account *a, uint32_t recipients, int64_t window_ms)
{
	uint64_t sum = 0;
	size_t first = 0;

	for (size_t i = 0; i < a->n; i++) {
		sum += a->messages[i].recipients;
		while (a->messages[first].at <= a->messages[i].at - window_ms)
			sum -= a->messages[first++].recipients;
		if (sum > recipients)
			return a->messages[i].at;
	}
	return 0;
}

uint64_t
truth_leaked(const struct truth_account *a, int64_t stopped)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < a->n; i++)
		if (a->messages[i].is_thief &&
		    (stopped == 0 || a->messages[i].at <= stopped))
			sum += a->messages[i].recipients;
	return sum;
}
