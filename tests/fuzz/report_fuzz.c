/* report_fuzz - a mail or a document that wants to be a feedback report
 *
 * It is read within the stated memory; every value has its bounds; what is
 * printed is JSON; whose message it was is asked with clues in order.
 */
#include <stdlib.h>

#include "fbl/explain.h"
#include "fbl/owner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { OUT_MAX = 64 << 20 };

static void
check_fields(const struct fbl_fields *f)
{
	for (int i = 0; i < FBL_FIELDS; i++) {
		if (f->v[i].n > FBL_LIST)
			abort();
	}
}

static void
check_headers(const struct headers *h)
{
	if (h->n > HEADER_FIELDS)
		abort();
	for (size_t i = 0; i < h->n; i++) {
		if (h->v[i].name.n == 0 || h->v[i].value.n > HEADER_VALUE)
			abort();
	}
}

static void
check_owner(const struct ref_keys *refs, const struct fbl_report *r)
{
	static const char *const hosts[] = {"*"};
	const struct owner_rules rules = {refs, {hosts, 1}, 2};
	struct owner_clue v[OWNER_CLUES];
	size_t n = owner_clues(&rules, r, v);
	struct owner owner;

	if (n > OWNER_CLUES)
		abort();
	for (size_t i = 0; i < n; i++) {
		if (v[i].how >= OWNER_HOWS || v[i].confidence > 100 ||
		    (i > 0 && v[i - 1].how > v[i].how))
			abort();
	}
	owner_find(&rules, r, NULL, NULL, &owner);
	if (owner.n >= ACCOUNT_TEXT)
		abort();
}

static void
check_printed(const struct fbl_report *r)
{
	struct json_out j;
	struct json *doc;
	struct text t;

	text_grow(&t, OUT_MAX);
	json_out_init(&j, &t);
	fbl_explain(&j, r);
	json_close(&j);
	doc = json_parse(text_view(&t), NULL);
	/* Our reader takes no NUL, as jansson by itself doesn't. */
	if (t.is_cut || (!doc && str_find(text_view(&t), STR("\\u0000")) < 0))
		abort();
	json_free(&doc);
	text_clear(&t);
	fbl_report_identity(r, &t);
	text_done(&t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct crypto_key secret = {{7}};
	struct ref_keys refs = {0};
	enum fbl_unread unread;
	struct fbl_report r;
	struct arena arena;
	struct error err;

	ref_keys_add(&refs, &secret);
	arena_init(&arena);
	if (fbl_report_parse(str_make((const char *)data, n),
		&fbl_limits_default, &arena, &r, &unread, &err) == 0) {
		if (r.format == FBL_FORMAT_NONE || r.format >= FBL_FORMATS ||
		    r.type >= FBL_TYPES || r.incidents == 0 ||
		    r.incidents > FBL_INCIDENTS_MAX)
			abort();
		check_fields(&r.read);
		check_fields(&r.derived);
		check_headers(&r.mail);
		check_headers(&r.part);
		check_headers(&r.original);
		check_owner(&refs, &r);
		check_printed(&r);
	}
	arena_done(&arena);
	return 0;
}
