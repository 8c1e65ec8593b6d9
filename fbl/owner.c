/* owner - whose message a report is about */
#include "fbl/owner.h"

#include "base/time.h"
#include "fbl/received.h"

enum {
	TRIED = 10,   /* references of one report: each costs a decryption */
	RECEIVED = 3, /* clues from Received lines */
	MESSAGE_ID_BYTES = 998,
};

static const struct {
	struct str name;
	unsigned confidence;
} hows[] = {
#define HOW(id, name, confidence, help) {STR_INIT(name), confidence},
#include "fbl/owner.def"
#undef HOW
};

struct search {
	const struct owner_rules *rules;
	const struct fbl_report *r;
	struct owner_clue *v;
	size_t n, tried;
};

struct str
owner_how_text(enum owner_how how)
{
	return hows[how].name;
}

/* The token needs no secret: it only has to be the same again. */
static void
make_token(struct owner_clue *clue, struct str text)
{
	static const struct crypto_key none;
	uint8_t all[32];

	crypto_hmac(&none, text, all);
	memcpy(clue->token, all, sizeof(clue->token));
}

static struct owner_clue *
add_clue(struct search *s, enum owner_how how, struct str token)
{
	struct owner_clue *clue;

	if (s->n == OWNER_CLUES)
		return NULL;
	clue = &s->v[s->n++];
	*clue = (struct owner_clue){
	    .how = how, .confidence = hows[how].confidence, .at = TIME_NEVER};
	make_token(clue, token);
	return clue;
}

/* A reference that was folded has blanks in it. */
static bool
try_reference(struct search *s, enum owner_how how, struct str value)
{
	char buf[REF_VALUE + 1];
	struct owner_clue *clue;
	struct text t;
	struct ref ref;

	if (!s->rules->refs || value.n < REF_VALUE || s->tried == TRIED)
		return false;
	text_init(&t, buf, sizeof(buf));
	for (size_t i = 0; i < value.n && !t.is_cut; i++) {
		if (value.p[i] != ' ' && value.p[i] != '\t')
			text_char(&t, value.p[i]);
	}
	if (t.is_cut || t.n != REF_VALUE)
		return false;
	s->tried++;
	if (!ref_open(s->rules->refs, text_view(&t), &ref))
		return false;
	clue = add_clue(s, how, text_view(&t));
	clue->ref = ref;
	clue->at = ref.at;
	return true;
}

/* Ours is the topmost: the policy service writes it above whatever the message
 * brought along. One that stands below others that aren't ours may have been
 * put there by who sent it. */
static bool
find_header(struct search *s)
{
	enum owner_how how = OWNER_REFERENCE;
	const struct header *h;
	size_t i = 0;

	while ((h = header_next(&s->r->original, STR(REF_NAME), &i)) != NULL) {
		if (try_reference(s, how, h->value))
			return how == OWNER_REFERENCE;
		how = OWNER_PLANTED;
	}
	return false;
}

/* The n-th piece between colons; n 0: each of them. */
static bool
try_pieces(struct search *s, enum owner_how how, struct str value, int64_t n)
{
	struct str piece;
	int64_t i = 1;

	for (; str_cut(&value, ':', &piece); i++) {
		if ((n == 0 || n == i) && try_reference(s, how, piece))
			return true;
	}
	return (n == 0 || n == i) && try_reference(s, how, value);
}

static bool
find_ids(struct search *s)
{
	int64_t field = s->rules->feedback_id_field;
	struct str id = fbl_report_get(s->r, FBL_CFBL_ID);

	if (id.n > 0 && try_pieces(s, OWNER_CFBL_ID, id, 0))
		return true;
	id = header_get(&s->r->original, STR("Feedback-ID"));
	return field > 0 && try_pieces(s, OWNER_FEEDBACK_ID, id, field);
}

static void
find_received(struct search *s)
{
	const struct header *h;
	size_t i = 0, found = 0;

	while (found < RECEIVED &&
	       (h = header_next(&s->r->original, STR("Received"), &i))) {
		struct owner_clue *clue;
		struct received line;

		received_parse(h->value, &line);
		if (line.host.n == 0 || line.id.n == 0 ||
		    !received_is_of(&s->rules->own_hosts, line.host))
			continue;
		clue = add_clue(s, OWNER_RECEIVED, h->value);
		if (!clue)
			return;
		clue->host = line.host;
		clue->queue_id = line.id;
		clue->at = line.at;
		found++;
	}
}

static void
find_message_id(struct search *s)
{
	struct str id = fbl_report_get(s->r, FBL_MESSAGE_ID);
	struct owner_clue *clue;

	id = str_trim(id);
	if (id.n > 2 && id.p[0] == '<' && id.p[id.n - 1] == '>')
		id = str_trim(str_make(id.p + 1, id.n - 2));
	if (id.n == 0 || id.n > MESSAGE_ID_BYTES)
		return;
	clue = add_clue(s, OWNER_MESSAGE_ID, id);
	if (!clue)
		return;
	clue->message_id = id;
	clue->at = s->r->arrived_at;
}

static void
find_envelope(struct search *s)
{
	struct str sender = fbl_report_get(s->r, FBL_MAIL_FROM);
	struct owner_clue *clue;

	if (sender.n == 0 || s->r->arrived_at == TIME_NEVER)
		return;
	clue = add_clue(s, OWNER_ENVELOPE, sender);
	if (!clue)
		return;
	clue->sender = sender;
	clue->recipient = fbl_report_get(s->r, FBL_RCPT_TO);
	clue->client = s->r->source_ip;
	clue->at = s->r->arrived_at;
}

/* The best first; those of one kind stay in order. */
static void
sort(struct search *s)
{
	for (size_t i = 1; i < s->n; i++) {
		struct owner_clue one = s->v[i];
		size_t k = i;

		for (; k > 0 && s->v[k - 1].how > one.how; k--)
			s->v[k] = s->v[k - 1];
		s->v[k] = one;
	}
}

size_t
owner_clues(const struct owner_rules *rules, const struct fbl_report *r,
    struct owner_clue v[OWNER_CLUES])
{
	struct search s = {rules, r, v, 0, 0};

	if (!find_header(&s))
		find_ids(&s);
	find_received(&s);
	find_message_id(&s);
	find_envelope(&s);
	sort(&s);
	return s.n;
}

bool
owner_clue_account(const struct owner_clue *clue, struct text *account)
{
	if (clue->ref.n == 0 || clue->ref.is_hashed)
		return false;
	text_str(account, str_make(clue->ref.account, clue->ref.n));
	return true;
}

void
owner_find(const struct owner_rules *rules, const struct fbl_report *r,
    owner_ask_fn *ask, void *ctx, struct owner *out)
{
	struct owner_clue v[OWNER_CLUES];
	size_t n = owner_clues(rules, r, v);
	struct text t;

	out->clue = (struct owner_clue){.at = TIME_NEVER};
	text_init(&t, out->account, sizeof(out->account));
	for (size_t i = 0; i < n; i++) {
		if (!owner_clue_account(&v[i], &t) &&
		    !(ask && ask(ctx, &v[i], &t)))
			continue;
		out->clue = v[i];
		break;
	}
	out->n = t.n;
}
