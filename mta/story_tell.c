/* story_tell - who sent it, and what became of each recipient */
#include "base/time.h"
#include "mta/outcome.h"
#include "mta/story_parts.h"

enum { KEY_MAX = 1600 };

const char *
story_outcome_text(enum story_outcome outcome)
{
	static const char *const texts[STORY_OUTCOMES] = {"waiting",
	    "delivered", "deferred", "unknown user", "refused", "bounced",
	    "expired", "deleted", "turned away"};

	return texts[outcome];
}

static bool
is_notice(const struct story_flight *f)
{
	for (; f; f = f->parent) {
		if (f->link == STORY_NOTICE)
			return true;
	}
	return false;
}

static struct str
keep(struct stories *s, const struct text *t)
{
	return arena_str(&s->arena, text_view(t));
}

static bool
name_user(struct stories *s, struct str uid, struct text *out)
{
	char buf[256];
	struct text name;
	uint64_t n;

	if (!str_to_u64(uid, &n) || n > UINT32_MAX)
		return false;
	text_init(&name, buf, sizeof(buf));
	if (s->o.uid_name)
		s->o.uid_name(s->o.ctx, (uint32_t)n, &name);
	account_from_uid((uint32_t)n, text_view(&name), out);
	return true;
}

/* Inbound mail that left again by a .forward. */
static void
name_forward(struct stories *s, struct story *story, struct text *out)
{
	for (size_t i = 0; i < story->n_lines; i++) {
		struct story_line *l = story->lines[i];
		struct postfix_line p;

		if (!l->child || l->child->link != STORY_FORWARD)
			continue;
		story_parse(l, &p);
		struct str orig = line_get(&p, FIELD_ORIG_TO);

		if (account_from_forward(
			orig.n ? orig : line_get(&p, FIELD_TO), out))
			story->account = keep(s, out);
		return;
	}
}

bool
story_reference(
    const struct ref_keys *keys, const struct postfix_line *p, struct ref *out)
{
	static const char name[] = REF_NAME ": ";
	struct str value = line_get(p, FIELD_HEADER), rest;

	if (!keys || p->kind != LINE_CHECK ||
	    !str_is_nocase(str_head(value, sizeof(name) - 1), str_from(name)))
		return false;
	rest = value = str_skip(value, sizeof(name) - 1);
	str_cut(&rest, ' ', &value);
	return ref_open(keys, value, out);
}

/* The account as the host that took the message wrote it down. */
static bool
name_referred(struct stories *s, struct story *story, const struct ip *client,
    struct text *out)
{
	struct postfix_line p;
	struct ref ref;

	if (!ip_nets_has(&s->o.settings->submission_hosts, client))
		return false;
	for (const struct story_line *l = story->flights[0]->first; l;
	     l = l->next) {
		if (l->kind != LINE_CHECK ||
		    !str_is(l->line.program, STR("cleanup")))
			continue;
		story_parse(l, &p);
		if (!story_reference(s->o.refs, &p, &ref))
			continue;
		story->is_hashed = ref.is_hashed;
		if (!ref.is_hashed)
			text_bytes(out, ref.account, ref.n);
		return !ref.is_hashed && ref.n > 0;
	}
	return false;
}

static void
tell_who(struct stories *s, struct story *story)
{
	const struct story_flight *root = story->flights[0];
	char buf[ACCOUNT_TEXT], claimed[ACCOUNT_TEXT];
	struct text account, t;
	struct ip ip = {{0}};

	text_init(&account, buf, sizeof(buf));
	ip_parse(root->client_address, &ip);
	story->is_referred = name_referred(s, story, &ip, &account);
	if (story->is_hashed) {
		story->who = STORY_WHO_ACCOUNT;
	} else if (story->is_referred ||
		   account_of(&s->rules, root->login, STR(""), &ip, &account) ||
		   name_user(s, root->uid, &account)) {
		story->who = STORY_WHO_ACCOUNT;
		story->account = keep(s, &account);
		story->is_shared = account_is_shared(&s->rules, story->account);
	} else if (root->client_address.n > 0) {
		story->who = STORY_WHO_INBOUND;
		name_forward(s, story, &account);
	} else if (root->has_sender && root->sender.n == 0) {
		story->who = STORY_WHO_NOTICE;
	}
	if (story->is_shared) {
		text_init(&t, claimed, sizeof(claimed));
		account_claimed(story->sender, &t);
		story->claimed = keep(s, &t);
	}
}

/* The beginning of the chain says what the client said; a later link may know
 * what it doesn't. */
static void
tell_envelope(struct story *story)
{
	for (size_t i = 0; i < story->n_flights; i++) {
		const struct story_flight *f = story->flights[i];

		if (is_notice(f))
			continue;
		if (!story->has_sender && f->has_sender) {
			story->has_sender = true;
			story->sender = f->sender;
		}
		if (story->message_id.n == 0)
			story->message_id = f->message_id;
	}
}

static enum story_outcome
outcome_of(const struct stories *s, const struct postfix_line *p)
{
	struct str dsn = line_get(p, FIELD_DSN);
	enum outcome outcome = outcome_of_status(dsn);

	switch (p->status) {
	case LINE_SENT:
		return STORY_DELIVERED;
	case LINE_DEFERRED:
	case LINE_SOFTBOUNCE:
		return STORY_DEFERRED;
	case LINE_BOUNCED:
		break;
	default:
		return STORY_WAITING;
	}
	if (s->o.outcome)
		s->o.outcome(s->o.outcome_ctx, line_get(p, FIELD_RELAY_NAME),
		    dsn, line_get(p, FIELD_TEXT), &outcome);
	switch (outcome) {
	case OUTCOME_UNKNOWN_USER:
		return STORY_UNKNOWN_USER;
	case OUTCOME_REFUSED:
		return STORY_REFUSED;
	default:
		return STORY_BOUNCED;
	}
}

static bool
is_copy(const struct stories *s, struct str to)
{
	const struct setting_list *bcc = &s->o.settings->bcc_recipients;

	for (size_t i = 0; i < bcc->n; i++) {
		if (account_matches(bcc->v[i], to))
			return true;
	}
	return false;
}

static struct story_recipient *
get_recipient(struct stories *s, struct map *known, struct story_flight *f,
    const struct postfix_line *p, struct story_recipient ***end)
{
	struct str to = line_get(p, FIELD_TO);
	struct str orig_to = line_get(p, FIELD_ORIG_TO);
	char buf[KEY_MAX];
	struct text key;

	text_init(&key, buf, sizeof(buf));
	text_printf(
	    &key, "%p %.*s %.*s", (void *)f, STR_ARG(to), STR_ARG(orig_to));
	struct story_recipient *r = map_find(known, text_view(&key));

	if (r)
		return r;
	r = arena_alloc(&s->arena, sizeof(*r));
	r->flight = f;
	r->to = to;
	r->orig_to = orig_to;
	r->is_copy = is_copy(s, to);
	map_put(known, arena_str(&s->arena, text_view(&key)), r);
	**end = r;
	*end = &r->next;
	return r;
}

/* Handed on to a flight that has tried by itself: that one tells. */
static bool
is_passed_on(const struct story_line *l)
{
	return l->child && l->child->is_tried;
}

static void
tell_line(struct stories *s, struct map *known, struct story_line *l,
    struct story_recipient ***end)
{
	struct postfix_line p;

	story_parse(l, &p);
	bool is_refusal = p.kind == LINE_REJECT &&
			  str_is(line_get(&p, FIELD_ACTION), STR("reject"));

	if ((p.kind != LINE_DELIVERY && !is_refusal) || !line_has(&p, FIELD_TO))
		return;
	struct story_recipient *r = get_recipient(s, known, l->flight, &p, end);

	r->attempts += p.repeats;
	r->at_us = l->line.at_us;
	r->reply = line_get(&p, FIELD_TEXT);
	r->dsn = line_get(&p, FIELD_DSN);
	r->program = l->line.program;
	r->relay_name = line_get(&p, FIELD_RELAY_NAME);
	r->relay_address = line_get(&p, FIELD_RELAY_ADDRESS);
	if (is_refusal) {
		r->outcome = STORY_TURNED_AWAY;
		r->code = line_get(&p, FIELD_REPLY);
	} else {
		r->outcome = outcome_of(s, &p);
	}
	if (is_passed_on(l))
		r->flight = NULL; /* not the last link */
	else if (l->child)
		r->outcome = STORY_WAITING;
}

/* What the end of its flight makes of a recipient still waiting there. */
static void
tell_end(struct story_recipient *r)
{
	const struct story_flight *f = r->flight;

	if (r->outcome != STORY_DEFERRED && r->outcome != STORY_WAITING)
		return;
	if (f->is_expired)
		r->outcome = STORY_EXPIRED;
	else if (f->is_deleted)
		r->outcome = STORY_DELETED;
	else if (f->is_requeued)
		r->flight = NULL;
}

static void
tell_recipients(struct stories *s, struct story *story)
{
	struct story_recipient **end = &story->recipients, *r;
	struct map known;

	map_init(&known);
	for (size_t i = 0; i < story->n_lines; i++) {
		if (!is_notice(story->lines[i]->flight))
			tell_line(s, &known, story->lines[i], &end);
	}
	map_done(&known);
	for (end = &story->recipients; (r = *end);) {
		if (r->flight)
			tell_end(r);
		if (!r->flight) {
			*end = r->next;
			continue;
		}
		story->n_recipients++;
		story->outcomes[r->outcome]++;
		end = &r->next;
	}
}

/* What qmgr took up and no line says more of. */
static void
tell_not_tried(struct story *story)
{
	for (size_t i = 0; i < story->n_flights; i++) {
		const struct story_flight *f = story->flights[i];

		if (!f->is_tried && !f->is_ended && !f->is_requeued &&
		    !is_notice(f))
			story->not_tried += f->nrcpt;
	}
}

void
story_tell(struct stories *s, struct story *story)
{
	tell_envelope(story);
	tell_who(s, story);
	tell_recipients(s, story);
	tell_not_tried(story);
}
