/* app_refs - whose a hashed reference is, told from node to node */
#include "daemon/app_refs.h"

#include <stdlib.h>

#include "base/log.h"
#include "ledger/keys.h"
#include "mta/account.h"

enum { PLACES = 4096, DAY = 86400, HEX = 2 * REF_HASH };
#define KEPT "3456000" /* 40 days: as long as a message is asked for */

struct place {
	uint8_t hash[REF_HASH];
	char *account; /* NULL: not known */
	int64_t told_at;
	bool is_asked;
};

struct app_refs {
	const struct ref_keys *keys;
	struct redis *redis;
	struct place v[PLACES];
};

/* A question's. */
struct question {
	struct app_refs *refs;
	uint8_t hash[REF_HASH];
};

void
app_refs_read(struct ref_keys *keys, const struct setting_list *files,
    const struct crypto_key *secret)
{
	struct crypto_key one;
	struct error err;

	if (files->n == 0 && secret)
		ref_keys_add(keys, secret);
	for (size_t i = 0; i < files->n; i++) {
		if (crypto_secret_read(files->v[i], &one, &err) < 0)
			log_warning("%s; references made with it can't be "
				    "read or written, mail flows",
			    err.text);
		else if (!ref_keys_add(keys, &one))
			log_warning("ref_secrets: %s is one too many, at most "
				    "%d; references made with it can't be read",
			    files->v[i], REF_SECRETS);
	}
}

struct app_refs *
app_refs_new(const struct ref_keys *keys)
{
	struct app_refs *r = xalloc(1, sizeof(*r));

	r->keys = keys;
	return r;
}

void
app_refs_free(struct app_refs **r)
{
	if (!*r)
		return;
	for (size_t i = 0; i < PLACES; i++)
		free((*r)->v[i].account);
	free(*r);
	*r = NULL;
}

void
app_refs_connect(struct app_refs *r, struct redis *redis)
{
	r->redis = redis;
}

/* The hashes are keyed: nobody else can aim at a place. */
static struct place *
place_of(struct app_refs *r, const uint8_t hash[REF_HASH])
{
	struct place *p = &r->v[(hash[0] << 8 | hash[1]) % PLACES];

	if (memcmp(p->hash, hash, REF_HASH) != 0) {
		free(p->account);
		*p = (struct place){0};
		memcpy(p->hash, hash, REF_HASH);
	}
	return p;
}

static struct str
print_key(const uint8_t hash[REF_HASH], struct text *t)
{
	text_add(t, KEYS_REF);
	for (size_t i = 0; i < REF_HASH; i++)
		text_printf(t, "%02x", hash[i]);
	return text_view(t);
}

static void
on_account(void *ctx, const struct redis_reply *reply)
{
	struct question *q = ctx;
	struct place *p = place_of(q->refs, q->hash);

	p->is_asked = false;
	if (reply && redis_reply_type(reply) == REDIS_STRING) {
		free(p->account);
		p->account =
		    str_dup(str_head(redis_reply_text(reply), ACCOUNT_MAX));
	}
	free(q);
}

static void
ask(struct app_refs *r, const uint8_t hash[REF_HASH])
{
	struct question *q = xalloc(1, sizeof(*q));
	char key[sizeof(KEYS_REF) + HEX];
	struct text t;

	q->refs = r;
	memcpy(q->hash, hash, REF_HASH);
	text_init(&t, key, sizeof(key));
	const struct str argv[] = {STR("GET"), print_key(hash, &t)};

	redis_ask(r->redis, argv, 2, on_account, q);
}

bool
app_refs_find(void *ctx, const struct ref *ref, struct text *out)
{
	struct app_refs *r = ctx;
	struct place *p = place_of(r, ref->hash);

	if (p->account && ref_is_of(r->keys, ref, str_from(p->account))) {
		text_add(out, p->account);
		return true;
	}
	if (r->redis && !p->is_asked) {
		p->is_asked = true;
		ask(r, ref->hash);
	}
	return false;
}

/* Not taken: it is told again with the next message. */
static void
on_told(void *ctx, const struct redis_reply *reply)
{
	struct question *q = ctx;

	if (!reply || redis_reply_type(reply) == REDIS_ERROR)
		place_of(q->refs, q->hash)->told_at = 0;
	free(q);
}

void
app_refs_tell(struct app_refs *r, struct str account, int64_t now)
{
	uint8_t hash[REF_HASH];
	char key[sizeof(KEYS_REF) + HEX];
	struct text t;

	ref_hash(r->keys, account, hash);
	struct place *p = place_of(r, hash);

	if (!r->redis || (p->told_at && now - p->told_at < DAY))
		return;
	free(p->account);
	p->account = str_dup(account);
	p->told_at = now;
	struct question *q = xalloc(1, sizeof(*q));

	q->refs = r;
	memcpy(q->hash, hash, REF_HASH);
	text_init(&t, key, sizeof(key));
	const struct str argv[] = {
	    STR("SET"), print_key(hash, &t), account, STR("EX"), STR(KEPT)};

	redis_ask(r->redis, argv, 5, on_told, q);
}
