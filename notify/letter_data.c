/* letter_data - what stands in a letter: the case, in the owner's language
 *
 * Bounded: of what others wrote (subjects, addresses) not more than a person
 * would read. An address of the web in a subject is the thief's bait: it is
 * spoilt, so that no mail program makes a link of it.
 */
#include "notify/letter_data.h"

#include "base/json.h"
#include "notify/words.h"

enum {
	SUBJECT_CHARS = 120,
	ADDRESS_CHARS = 80,
	NETWORKS = 10,
	MANY = 50, /* recipients of a mailing */
	BUF = 1024,
};

struct filling {
	const struct letter *l;
	const struct case_file *file;
	struct words words;
	struct template_data *d;
};

/* At most so many characters, then "…"; "://" becomes ": //". */
static void
clip(struct text *out, struct str s, size_t chars)
{
	while (s.n > 0) {
		uint32_t rune;
		size_t n = str_utf8(s, &rune);

		if (chars-- == 0) {
			text_add(out, "…");
			return;
		}
		text_str(out, str_head(s, n ? n : 1));
		if (str_starts(s, STR("://")))
			text_char(out, ' ');
		s = str_skip(s, n ? n : 1);
	}
}

static void
put_clipped(
    struct template_data *d, const char *name, const char *value, size_t chars)
{
	char buf[BUF];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	clip(&t, str_from(value), chars);
	template_put(d, name, text_view(&t));
}

static void
put_date(
    struct filling *f, struct template_data *d, const char *name, int64_t at)
{
	char buf[128];
	struct text t;

	if (at <= 0 || at == INT64_MAX)
		return;
	text_init(&t, buf, sizeof(buf));
	words_date(&f->words, at, &t);
	template_put(d, name, text_view(&t));
}

static void
put_country(struct filling *f, struct template_data *d, const char *name,
    const char *code, const char *otherwise)
{
	char buf[128];
	struct text t;

	if (!*code)
		return;
	text_init(&t, buf, sizeof(buf));
	words_country(&f->words, str_from(code), str_from(otherwise), &t);
	template_put(d, name, text_view(&t));
}

static void
add_reason(struct filling *f, const struct case_reason *r)
{
	char buf[BUF];
	struct text t;
	bool is_complaints = strcmp(r->count, "complaints") == 0;
	bool is_incident = strcmp(r->count, "incident") == 0;
	const struct words_reason reason = {
	    .count = str_from(r->count),
	    .window = r->window,
	    .value = r->value,
	    .bound = r->bound,
	    .is = is_incident	? WORDS_BARE
		  : r->is_limit ? WORDS_LIMIT
		  : r->is_share ? is_complaints ? WORDS_SHARE : WORDS_OF
		  : !r->is_own	? WORDS_USUAL
		  : r->bound	? WORDS_OWN
				: WORDS_NONE,
	    .otherwise = str_from(r->text),
	};

	if ((r->is_warning && f->l->stage != LETTER_FORWARD) || r->points < 0)
		return;
	text_init(&t, buf, sizeof(buf));
	words_reason(&f->words, &reason, &t);
	template_put(template_add_item(f->d, "reasons"), "text", text_view(&t));
	template_put_flag(f->d, "has_reasons", true);
}

static void
put_reasons(struct filling *f)
{
	for (size_t i = 0; i < f->file->n_reasons; i++)
		add_reason(f, &f->file->reasons[i]);
	if (f->file->n_reasons > 0 || !*f->file->reason)
		return;
	put_clipped(
	    template_add_item(f->d, "reasons"), "text", f->file->reason, 300);
	template_put_flag(f->d, "has_reasons", true);
}

static void
put_recipients(struct template_data *d, const struct case_message *m)
{
	char buf[BUF];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	for (size_t i = 0; i < m->n_to; i++) {
		text_add(&t, i > 0 ? ", " : "");
		clip(&t, str_from(m->to[i]), ADDRESS_CHARS);
	}
	template_put(d, "to", text_view(&t));
	if (m->recipients > (int64_t)m->n_to)
		template_printf(d, "more", "%lld",
		    (long long)(m->recipients - (int64_t)m->n_to));
	template_printf(d, "recipients", "%lld", (long long)m->recipients);
}

static void
put_messages(struct filling *f)
{
	const struct case_file *file = f->file;
	size_t first = file->n_messages > LETTER_MESSAGES
			   ? file->n_messages - LETTER_MESSAGES
			   : 0;
	int64_t recipients = 0;

	for (size_t i = first; i < file->n_messages; i++) {
		const struct case_message *m = &file->messages[i];
		struct template_data *d = template_add_item(f->d, "messages");

		put_date(f, d, "at", m->at);
		put_clipped(d, "subject", m->subject, SUBJECT_CHARS);
		put_recipients(d, m);
		put_clipped(d, "client", m->client, ADDRESS_CHARS);
		put_country(f, d, "country", m->country, m->country_name);
		recipients += m->recipients;
	}
	template_put_flag(f->d, "has_messages", file->n_messages > 0);
	template_put_flag(f->d, "is_more",
	    first > 0 || file->is_cut || file->head.recipients > recipients);
}

static void
put_networks(struct filling *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->file->n_networks && n < NETWORKS; i++) {
		const struct case_network *net = &f->file->networks[i];
		struct template_data *d;

		if (!net->is_in_evidence)
			continue;
		n++;
		d = template_add_item(f->d, "networks");
		put_clipped(d, "network", net->text, ADDRESS_CHARS);
		put_country(f, d, "country", net->country, net->country_name);
	}
	template_put_flag(f->d, "has_networks", n > 0);
}

/* Does it look as if something was sent to many on purpose? */
static bool
is_mailing(const struct case_file *file)
{
	return strcmp(file->head.class, "bulk") == 0 ||
	       file->head.recipients >= MANY;
}

static void
put_answer(struct filling *f)
{
	const struct case_file *file = f->file;
	const struct case_said *s;

	template_put_flag(f->d, "is_approved",
	    file->head.is_approved && file->head.answered.at_us > 0);
	template_put_flag(f->d, "is_password", file->head.password.at_us > 0);
	put_date(f, f->d, "password_at", file->head.password.at_us / 1000000);
	put_clipped(f->d, "decision", file->decision, 700);
	if (file->n_said == 0)
		return;
	s = &file->said[file->n_said - 1];
	put_date(f, f->d, "answered_at", s->at);
	put_clipped(f->d, "answer_client", s->client, ADDRESS_CHARS);
	put_country(f, f->d, "answer_country", s->country, "");
	template_put_flag(f->d, "is_me", s->answer == CASE_ME);
	template_put_flag(f->d, "is_not_me", s->answer == CASE_NOT_ME);
	template_put_flag(f->d, "is_human", s->answer == CASE_HUMAN);
}

static void
put_way(struct filling *f)
{
	const struct letter *l = f->l;
	char buf[128];
	struct text t;

	template_put_flag(f->d, "is_itself", l->is_itself);
	if (!l->is_itself && l->link.n > 0) {
		template_put(f->d, "link", l->link);
		put_date(f, f->d, "link_until", l->link_until);
	}
	template_put(f->d, "password_page", l->password_page);
	put_date(f, f->d, "closes_at", l->closes_at);
	if (is_mailing(f->file))
		template_put(
		    f->d, "bulk_service", str_from(l->settings->bulk_service));
	if (l->probation > 0) {
		text_init(&t, buf, sizeof(buf));
		words_window(&f->words, l->probation, &t);
		template_put(f->d, "probation", text_view(&t));
	}
}

static void
put_case(struct filling *f)
{
	const struct letter *l = f->l;
	const struct case_head *head = &f->file->head;

	put_clipped(f->d, "account", head->account, 254);
	put_clipped(f->d, "case_id", head->id, CASE_ID);
	put_date(f, f->d, "stopped_at", head->since);
	put_date(f, f->d, "until", head->until);
	template_put(f->d, "owner_name", l->owner_name);
	template_put(f->d, "help_text", str_from(l->settings->help_text));
	template_put(f->d, "why", str_from(l->why));
	put_reasons(f);
	put_messages(f);
	put_networks(f);
	put_answer(f);
	put_way(f);
}

static void
put_rules(struct filling *f, const struct json *rules)
{
	for (size_t i = 0; i < json_count(rules); i++) {
		struct json *rule = json_at(rules, i);
		struct template_data *d = template_add_item(f->d, "rules");

		template_printf(d, "n", "%lld",
		    (long long)json_number(json_get(rule, "n"), 0));
		template_put(d, "rule", json_text(json_get(rule, "rule")));
	}
}

static void
put_worst(struct filling *f, const struct json *worst)
{
	for (size_t i = 0; i < json_count(worst); i++) {
		struct json *one = json_at(worst, i);
		struct template_data *d = template_add_item(f->d, "worst");

		template_put(d, "subject", json_text(json_get(one, "subject")));
		template_put(d, "rung", json_text(json_get(one, "rung")));
		template_put(d, "text", json_text(json_get(one, "reason")));
	}
}

static void
put_digest(struct filling *f)
{
	const struct event *e = f->l->digest;
	struct json *doc = json_parse(str_from(e->evidence), NULL);

	template_put_flag(f->d, "is_trial", strcmp(e->how, "trial") == 0);
	template_put(f->d, "date", str_from(e->subject));
	template_put(f->d, "summary", str_from(e->reason));
	put_rules(f, json_get(doc, "rules"));
	put_worst(f, json_get(doc, "worst"));
	json_free(&doc);
}

static void
put_words(struct template_data *d, const struct template_field *fields,
    const struct json *doc)
{
	for (const struct template_field *f = fields; f->name; f++) {
		const struct json *v = json_get(doc, f->name);

		if (f->type == TEMPLATE_WORDS && v)
			template_put(d, f->name, json_text(v));
	}
}

static const struct template_field *
items_of(const struct template_field *fields)
{
	while (fields->type != TEMPLATE_LIST)
		fields++;
	return fields->of;
}

static void
put_report(struct filling *f, const struct template_field *fields)
{
	struct json *doc = json_parse(str_from(f->l->digest->evidence), NULL);
	const struct json *open = json_get(doc, "open");

	put_words(f->d, fields, doc);
	for (size_t i = 0; i < json_count(open); i++)
		put_words(template_add_item(f->d, "open"), items_of(fields),
		    json_at(open, i));
	json_free(&doc);
}

/* Of an event that tells the end the reason says why. */
static void
put_listed(struct filling *f, const struct template_field *fields)
{
	const struct event *e = f->l->digest;
	struct json *doc = json_parse(str_from(e->evidence), NULL);

	put_words(f->d, fields, doc);
	template_put_flag(f->d, "is_gone", e->type == EVENT_UNLISTED);
	template_put(f->d, "why", str_from(e->reason));
	json_free(&doc);
}

/* Words, and numbers as words. */
static void
put_values(struct template_data *d, const struct template_field *fields,
    const struct json *doc)
{
	char buf[24];
	struct text t;

	for (const struct template_field *f = fields; f->name; f++) {
		const struct json *v = json_get(doc, f->name);

		if (!v || f->type != TEMPLATE_WORDS)
			continue;
		text_init(&t, buf, sizeof(buf));
		text_i64(&t, json_number(v, 0));
		template_put(d, f->name,
		    json_is_number(v) ? text_view(&t) : json_text(v));
	}
}

static void
put_incident(struct filling *f, const struct template_field *fields)
{
	const struct event *e = f->l->digest;
	struct json *doc = json_parse(str_from(e->evidence), NULL);
	const struct json *causes = json_get(doc, "causes");
	char id[CASE_ID];

	case_id(e->file, id);
	template_put(f->d, "incident_id", str_from(id));
	template_put(f->d, "summary", str_from(e->reason));
	template_put_flag(f->d, "is_over", e->type == EVENT_INCIDENT_CLOSED);
	template_put_flag(f->d, "is_again", strcmp(e->how, "again") == 0);
	put_values(f->d, fields, doc);
	for (size_t i = 0; i < json_count(causes); i++)
		put_values(template_add_item(f->d, "causes"), items_of(fields),
		    json_at(causes, i));
	json_free(&doc);
}

/* The mailbox itself may read it: what it links to is public. */
static void
put_sender(struct filling *f)
{
	const struct letter *l = f->l;
	struct json *doc =
	    l->digest ? json_parse(str_from(l->digest->evidence), NULL) : NULL;
	struct str domain = json_text(json_get(doc, "domain"));

	if (domain.n == 0) /* a preview */
		domain = STR("example.com");
	put_clipped(f->d, "account", f->file->head.account, 254);
	template_put(f->d, "owner_name", l->owner_name);
	template_put(f->d, "help_text", str_from(l->settings->help_text));
	template_put(f->d, "password_page", l->password_page);
	template_put(f->d, "domain", domain);
	template_put(f->d, "sender", json_text(json_get(doc, "sender")));
	template_put(f->d, "terms", json_text(json_get(doc, "terms")));
	template_put_flag(
	    f->d, "is_refused", json_is_true(json_get(doc, "is_refused")));
	template_put(f->d, "link", l->link);
	put_date(f, f->d, "link_until", l->link_until);
	json_free(&doc);
}

static void
put_forward(struct filling *f)
{
	put_clipped(f->d, "account", f->file->head.account, 254);
	template_put(f->d, "owner_name", f->l->owner_name);
	template_put(f->d, "help_text", str_from(f->l->settings->help_text));
	put_reasons(f);
}

struct template_data *
letter_data(const struct letter *l, struct str title, struct arena *a)
{
	struct filling f = {.l = l,
	    .file = l->file,
	    .words = {l->forms, l->language},
	    .d = template_data_new(
		a, letter_specs[letter_spec(l->stage, false)].fields)};

	template_put(f.d, "provider", str_from(l->settings->provider));
	if (l->stage == LETTER_DESK_INCIDENT) {
		put_incident(
		    &f, letter_specs[letter_spec(l->stage, false)].fields);
	} else if (l->stage == LETTER_DESK_LISTED) {
		put_listed(
		    &f, letter_specs[letter_spec(l->stage, false)].fields);
	} else if (l->stage >= LETTER_DESK_REPORT) {
		put_report(
		    &f, letter_specs[letter_spec(l->stage, false)].fields);
	} else if (l->stage == LETTER_DESK_DIGEST) {
		put_digest(&f);
	} else if (l->stage == LETTER_SPF || l->stage == LETTER_SENDER) {
		template_put(f.d, "title", title);
		put_sender(&f);
	} else if (l->stage == LETTER_FORWARD) {
		template_put(f.d, "title", title);
		put_forward(&f);
	} else {
		template_put(f.d, "title", title);
		put_case(&f);
	}
	return f.d;
}
