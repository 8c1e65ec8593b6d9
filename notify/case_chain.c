/* case_chain - the chain of hashes over all entries, and its check */
#include <stdlib.h>

#include "base/time.h"
#include "notify/case_store_parts.h"

void
cases_number(uint64_t number, char key[8])
{
	for (int i = 7; i >= 0; i--, number >>= 8)
		key[i] = (char)(number & 0xff);
}

void
cases_content(enum cases_table table, const char *key, struct str json,
    uint8_t out[CRYPTO_SHA256])
{
	struct text t;

	text_grow(&t, json.n + CASES_KEY + 2);
	text_char(&t, (char)table);
	text_bytes(&t, key, CASES_KEY);
	text_str(&t, json);
	crypto_sha256(text_view(&t), out);
	text_done(&t);
}

void
cases_hash(const struct cases_mark *before, const struct cases_link *l,
    struct cases_mark *out)
{
	char bytes[CRYPTO_SHA256 + 8 + CRYPTO_SHA256];
	struct cases_mark mark = {.number = before->number + 1};

	memcpy(bytes, before->hash, CRYPTO_SHA256);
	cases_number(mark.number, bytes + CRYPTO_SHA256);
	memcpy(bytes + CRYPTO_SHA256 + 8, l->content, CRYPTO_SHA256);
	crypto_sha256(str_make(bytes, sizeof(bytes)), mark.hash);
	*out = mark;
}

void
cases_mark_print(const struct cases_mark *m, struct cases_chain *out)
{
	struct text t;

	out->links = m->number;
	text_init(&t, out->head, sizeof(out->head));
	text_hex(&t, m->hash, sizeof(m->hash));
}

bool
cases_mark_read(struct str value, struct cases_mark *out)
{
	if (value.n != 8 + CRYPTO_SHA256)
		return false;
	out->number = 0;
	for (int i = 0; i < 8; i++)
		out->number = out->number << 8 | (unsigned char)value.p[i];
	memcpy(out->hash, value.p + 8, CRYPTO_SHA256);
	return true;
}

void
cases_verify_begin(
    const struct cases *c, const char *cause, struct cases_check *check)
{
	*check = (struct cases_check){.disk = c->disk};
	if (cause)
		memcpy(check->cause, cause, sizeof(check->cause));
	cases_mark_print(&c->written, &check->expect);
}

/* Links are read in pages: an entry can't be looked up while one is read. */
enum { PAGE = 512 };

struct page {
	struct cases_check *check;
	struct cases_mark at;
	uint64_t from; /* the link before the first */
	struct cases_link links[PAGE];
	size_t n;
	bool is_broken;
	bool is_expected; /* the link that this node knows to be written */
};

static bool
read_link(void *ctx, struct str key, struct str value)
{
	struct page *p = ctx;
	char want[8];
	struct cases_link *l = &p->links[p->n];
	struct cases_mark next;
	struct cases_chain words;

	if (p->n == PAGE)
		return false;
	cases_number(p->at.number + 1, want);
	if (value.n == sizeof(*l))
		memcpy(l, value.p, sizeof(*l));
	cases_hash(&p->at, l, &next);
	if (key.n != 8 || memcmp(key.p, want, 8) != 0 ||
	    value.n != sizeof(*l) ||
	    memcmp(next.hash, l->hash, CRYPTO_SHA256) != 0) {
		error_set(&p->check->what,
		    "link %llu of the chain is missing or was changed",
		    (unsigned long long)(p->at.number + 1));
		p->is_broken = true;
		return false;
	}
	p->at = next;
	p->n++;
	p->check->links++;
	cases_mark_print(&next, &words);
	if (words.links == p->check->expect.links &&
	    strcmp(words.head, p->check->expect.head) == 0)
		p->is_expected = true;
	if (strcmp(words.head, p->check->known) == 0)
		p->check->is_known_found = true;
	return true;
}

static int
check_entry(struct cases_check *c, const struct cases_link *l)
{
	uint8_t content[CRYPTO_SHA256];
	char *value;
	size_t n;
	int got;

	if (*c->cause && memcmp(l->key, c->cause, 32) != 0)
		return 0;
	if (l->table > CASES_GONE)
		return error_set(&c->what, "a link names no table");
	got = disk_get(c->disk, l->table, str_make(l->key, CASES_KEY), &value,
	    &n, &c->what);
	if (got < 0)
		return -1;
	if (got == 0) {
		c->missing++;
		return 0;
	}
	cases_content(
	    (enum cases_table)l->table, l->key, str_make(value, n), content);
	free(value);
	c->entries++;
	if (memcmp(content, l->content, CRYPTO_SHA256) == 0)
		return 0;
	return error_set(
	    &c->what, "an entry of case %.32s is not what was written", l->key);
}

static int
read_base(struct cases_check *c, struct cases_mark *base)
{
	char *value = NULL;
	size_t n = 0;
	int got =
	    disk_get(c->disk, CASES_META, STR("base"), &value, &n, &c->what);

	*base = (struct cases_mark){0};
	if (got > 0 && !cases_mark_read(str_make(value, n), base))
		got = error_set(&c->what, "the chain's beginning is damaged");
	free(value);
	return got < 0 ? -1 : 0;
}

/* More may have come meanwhile. */
static int
check_end(struct cases_check *c, const struct page *p)
{
	if (p->is_expected || c->expect.links == p->from)
		return 0;
	return error_set(&c->what,
	    "the chain ends with link %llu, not as written with %llu",
	    (unsigned long long)p->at.number,
	    (unsigned long long)c->expect.links);
}

struct counter {
	const char *cause;
	uint64_t n;
};

static bool
count_entry(void *ctx, struct str key, struct str value)
{
	struct counter *c = ctx;

	(void)value;
	if (*c->cause &&
	    (key.n != CASES_KEY || memcmp(key.p, c->cause, 32) != 0))
		return false;
	c->n++;
	return true;
}

static int
count_entries(struct cases_check *c, uint64_t *n)
{
	*n = 0;
	for (int table = CASES_EVENTS; table <= CASES_GONE; table++) {
		struct counter counter = {.cause = c->cause};

		if (disk_each_from(c->disk, table, str_from(c->cause),
			count_entry, &counter, &c->what) < 0)
			return -1;
		*n += counter.n;
	}
	return 0;
}

/* What is in the tables is in the chain. */
static int
check_numbers(struct cases_check *c, uint64_t n)
{
	if (n <= c->entries)
		return 0;
	return error_set(&c->what,
	    "%llu entries were never written by outpostd",
	    (unsigned long long)(n - c->entries));
}

static bool
is_gone(struct cases_check *c, const char *cause)
{
	struct counter gone = {.cause = cause};

	return disk_each_from(c->disk, CASES_GONE, str_from(cause), count_entry,
		   &gone, &c->what) == 0 &&
	       gone.n > 0;
}

static int
check_page(struct cases_check *c, const struct page *p)
{
	char cause[33] = "";

	for (size_t i = 0; i < p->n; i++) {
		uint64_t missing = c->missing;

		if (check_entry(c, &p->links[i]) < 0)
			return -1;
		if (c->missing == missing)
			continue;
		memcpy(cause, p->links[i].key, 32);
		if (is_gone(c, cause))
			c->missing = missing;
		else
			return error_set(
			    &c->what, "an entry of case %s is missing", cause);
	}
	return 0;
}

int
cases_verify(struct cases_check *c)
{
	struct page *p = xalloc(1, sizeof(*p));
	char from[8];
	uint64_t n = 0;
	int status = 0;

	p->check = c;
	if (!c->disk)
		status = error_set(&c->what, "there is no store on disk");
	/* Before the links: what comes meanwhile is linked, then. */
	if (status == 0)
		status = count_entries(c, &n);
	if (status == 0)
		status = read_base(c, &p->at);
	p->from = p->at.number;
	do {
		p->n = 0;
		cases_number(p->at.number + 1, from);
		if (status == 0)
			status = disk_each_from(c->disk, CASES_CHAIN,
			    str_make(from, sizeof(from)), read_link, p,
			    &c->what);
		if (p->is_broken)
			status = -1;
		if (status == 0)
			status = check_page(c, p);
	} while (status == 0 && p->n == PAGE && !c->is_stopped);
	if (status == 0)
		status = check_end(c, p);
	if (status == 0)
		status = check_numbers(c, n);
	free(p);
	c->is_over = true;
	return status;
}
