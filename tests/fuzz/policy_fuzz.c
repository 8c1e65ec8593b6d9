/* policy_fuzz - any bytes, whole and torn, give the same requests */
#include <stdlib.h>
#include "mta/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { MAX = 512 };

static uint64_t
mix(uint64_t h, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)s.p[i]) * 1099511628211U;
	return h * 31 + s.n;
}

static uint64_t
digest(uint64_t h, const struct policy_request *r)
{
	h = h * 31 + (uint64_t)r->state;
#define POLICY_TEXT(f) h = mix(h, r->f);
#define POLICY_NUMBER(f) h = h * 31 + r->f;
#include "mta/policy.def"
#undef POLICY_TEXT
#undef POLICY_NUMBER
	return h;
}

/* What a parser remembers of earlier requests makes no difference. */
static void
check_anew(struct str bytes, enum policy_parsed got, uint64_t want, size_t used)
{
	struct policy_parser p = {0};
	struct policy_request r;
	size_t used_anew = 0;

	if (policy_parse(&p, bytes, MAX, &r, &used_anew) != got)
		abort();
	if (got == POLICY_ASKED && (digest(0, &r) != want || used != used_anew))
		abort();
}

/* Parse as a server does that receives `step` bytes at a time. */
static uint64_t
run(struct str all, size_t step)
{
	struct policy_parser p = {0};
	struct policy_request r;
	size_t from = 0, have = 0, used = 0;
	uint64_t h = 1469598103934665603U;

	for (;;) {
		enum policy_parsed got = policy_parse(
		    &p, str_make(all.p + from, have), MAX, &r, &used);

		if (got != POLICY_MORE)
			check_anew(str_make(all.p + from, have), got,
			    got == POLICY_ASKED ? digest(0, &r) : 0, used);
		if (got == POLICY_BROKEN)
			return h * 31 + 7;
		if (got == POLICY_ASKED) {
			if (used == 0 || used > have)
				abort();
			h = digest(h, &r);
			from += used;
			have -= used;
			continue;
		}
		if (from + have == all.n)
			return h;
		have += step < all.n - from - have ? step : all.n - from - have;
	}
}

static void
check_answer(struct str action)
{
	char buf[POLICY_ANSWER_MAX];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	policy_print_answer(&t, action);
	if (t.is_cut || t.n < 9 || !str_ends(text_view(&t), STR("\n\n")) ||
	    memchr(buf, '\n', t.n - 2))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	/* A copy of its own, so that a read beyond the end is seen. */
	char *copy = malloc(n + 1);
	struct str all;

	if (!copy)
		return 0;
	if (n > 0)
		memcpy(copy, data, n);
	copy = realloc(copy, n > 0 ? n : 1);
	all = str_make(copy, n);
	if (run(all, 1) != run(all, n > 0 ? n : 1) ||
	    run(all, 1) != run(all, 7))
		abort();
	check_answer(all);
	free(copy);
	return 0;
}
