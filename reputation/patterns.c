/* patterns - many regular expressions over one text (PCRE2) */
#include "reputation/patterns.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "reputation/regex_needs.h"

enum {
	NEEDS = 4,	/* threes that a pattern looks for */
	GROUPS = 2,	/* of which it looks for one at least, each */
	GROUP_MAX = 32, /* alternatives */
	THREES = 4096,	/* what three bytes are hashed to */
	ALWAYS = THREES,
	REGEX_MAX = 4096,
	STEPS_MAX = 20000, /* of PCRE2 in one match */
};

struct pattern {
	uint32_t id;
	uint16_t n_needs, needs[NEEDS];
	uint16_t n_groups;
	struct {
		uint16_t n, threes[GROUP_MAX][2]; /* first and last of each */
	} group[GROUPS];
	struct regex_literal whole; /* n 0: see code */
	pcre2_code *code;
};

struct patterns {
	struct pattern *v;
	size_t n, cap;
	pcre2_match_context *limits;
	pcre2_match_data *found;
	/* What each looks for first, side by side; ALWAYS: nothing. */
	uint16_t *first;
	uint64_t has[THREES / 64 + 1]; /* of the text; and ALWAYS */
};

struct patterns *
patterns_new(void)
{
	struct patterns *p = xalloc(1, sizeof(*p));

	p->limits = pcre2_match_context_create(NULL);
	p->found = pcre2_match_data_create(1, NULL);
	if (!p->limits || !p->found)
		fatal("no memory");
	pcre2_set_match_limit(p->limits, STEPS_MAX);
	pcre2_set_depth_limit(p->limits, STEPS_MAX);
	return p;
}

void
patterns_free(struct patterns **pp)
{
	struct patterns *p = *pp;

	if (!p)
		return;
	*pp = NULL;
	for (size_t i = 0; i < p->n; i++)
		pcre2_code_free(p->v[i].code);
	pcre2_match_data_free(p->found);
	pcre2_match_context_free(p->limits);
	free(p->v);
	free(p->first);
	free(p);
}

static inline uint16_t
three(const char *p)
{
	uint32_t v = (uint32_t)(unsigned char)p[0] |
		     (uint32_t)(unsigned char)p[1] << 8 |
		     (uint32_t)(unsigned char)p[2] << 16;

	return (uint16_t)(v * UINT32_C(2654435761) >> 20);
}

/* Spread over the literal: neighbours say the same. */
static void
set_needs(struct pattern *one, const struct regex_literal *literal)
{
	if (literal->n < 3)
		return;
	size_t last = literal->n - 3;

	one->n_needs = (uint16_t)(last + 1 < NEEDS ? last + 1 : NEEDS);
	for (size_t i = 0; i < one->n_needs; i++) {
		size_t at =
		    one->n_needs > 1 ? last * i / (one->n_needs - 1u) : 0;

		one->needs[i] = three(literal->p + at);
	}
}

/* A group is of use when all its alternatives are. */
static void
set_group(struct pattern *one, struct str inside)
{
	struct regex_literal literal;
	struct str alternative;
	size_t n = 0;
	bool is_more = true;

	while (is_more && n < GROUP_MAX) {
		is_more = regex_needs_next(&inside, &alternative);
		regex_needs_literal(alternative, &literal);
		if (literal.n < 3)
			return;
		one->group[one->n_groups].threes[n][0] = three(literal.p);
		one->group[one->n_groups].threes[n][1] =
		    three(literal.p + literal.n - 3);
		n++;
	}
	if (is_more)
		return;
	one->group[one->n_groups++].n = (uint16_t)n;
}

static void
set_groups(struct pattern *one, struct str regex)
{
	struct str inside;
	size_t at = 0;

	while (one->n_groups < GROUPS && regex_needs_group(regex, &at, &inside))
		set_group(one, inside);
}

static int
add_one(struct patterns *p, struct str regex, uint32_t id, struct error *err)
{
	struct regex_literal literal;
	PCRE2_UCHAR said[200] = "";
	PCRE2_SIZE at;
	int number;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)regex.p, regex.n,
	    PCRE2_NO_AUTO_CAPTURE | PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C,
	    &number, &at, NULL);

	if (!code) {
		pcre2_get_error_message(number, said, sizeof(said));
		return error_set(err, "\"%.*s\": %s at byte %zu",
		    STR_ARG(str_head(regex, 200)), (char *)said, (size_t)at);
	}
	if (p->n == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 64;
		p->v = xrealloc(p->v, p->cap, sizeof(*p->v));
		p->first = xrealloc(p->first, p->cap, sizeof(*p->first));
	}
	struct pattern *one = &p->v[p->n];

	*one = (struct pattern){.id = id, .code = code};
	regex_needs_literal(regex, &literal);
	set_needs(one, &literal);
	set_groups(one, regex);
	if (literal.is_whole)
		one->whole = literal;
	p->first[p->n++] = one->n_needs ? one->needs[0] : ALWAYS;
	return 0;
}

int
patterns_add(
    struct patterns *p, struct str regex, uint32_t id, struct error *err)
{
	struct str one;
	bool is_more = true;

	if (regex.n == 0 || regex.n > REGEX_MAX)
		return error_set(err, "a pattern has 1 to %d bytes", REGEX_MAX);
	for (size_t i = 0; i < regex.n; i++) {
		if (regex.p[i] >= 'A' && regex.p[i] <= 'Z' &&
		    (i == 0 || regex.p[i - 1] != '\\'))
			return error_set(err,
			    "the pattern must be in lower case at \"%.*s\"",
			    STR_ARG(str_head(str_skip(regex, i), 20)));
	}
	while (is_more) {
		is_more = regex_needs_next(&regex, &one);
		if (one.n == 0)
			return error_set(err, "an alternative is empty");
		if (add_one(p, one, id, err) < 0)
			return -1;
	}
	return 0;
}

static void
note_threes(struct patterns *p, struct str text)
{
	memset(p->has, 0, sizeof(p->has));
	p->has[ALWAYS / 64] = 1;
	for (size_t i = 0; i + 3 <= text.n; i++) {
		unsigned t = three(text.p + i);

		p->has[t / 64] |= UINT64_C(1) << t % 64;
	}
}

static inline bool
has(const struct patterns *p, unsigned t)
{
	return p->has[t / 64] >> t % 64 & 1;
}

static bool
has_groups(const struct patterns *p, const struct pattern *one)
{
	for (size_t g = 0; g < one->n_groups; g++) {
		size_t i = 0;

		while (i < one->group[g].n &&
		       !(has(p, one->group[g].threes[i][0]) &&
			   has(p, one->group[g].threes[i][1])))
			i++;
		if (i == one->group[g].n)
			return false;
	}
	return true;
}

static inline bool
may_match(const struct patterns *p, const struct pattern *one)
{
	for (size_t i = 0; i < one->n_needs; i++)
		if (!has(p, one->needs[i]))
			return false;
	return has_groups(p, one);
}

static bool
matches(struct patterns *p, const struct pattern *one, struct str text)
{
	if (one->whole.n)
		return str_find(text, str_make(one->whole.p, one->whole.n)) >=
		       0;
	return pcre2_match(one->code, (PCRE2_SPTR)text.p, text.n, 0, 0,
		   p->found, p->limits) >= 0;
}

bool
patterns_find(struct patterns *p, struct str text, patterns_fn *is_asked,
    void *ctx, uint32_t *id)
{
	note_threes(p, text);
	for (size_t i = 0; i < p->n; i++) {
		const struct pattern *one = &p->v[i];

		if (has(p, p->first[i]) && may_match(p, one) &&
		    is_asked(ctx, one->id) && matches(p, one, text)) {
			*id = one->id;
			return true;
		}
	}
	return false;
}
