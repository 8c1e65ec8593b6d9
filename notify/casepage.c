/* casepage - what the owner of an account sees of a case */
#include "notify/casepage.h"

#include "base/time.h"
#include "notify/casepage_domain.h"
#include "notify/casepage_fields.h"

enum { TITLE = 512, LEAD = 600 };

static const struct template_spec specs[CASEPAGES] = {
    [CASEPAGE_CASE] = {"page.case.html", casepage_fields},
    [CASEPAGE_ME] = {"page.me.html", casepage_fields},
    [CASEPAGE_NOT_ME] = {"page.not-me.html", casepage_fields},
    [CASEPAGE_HUMAN] = {"page.human.html", casepage_fields},
    [CASEPAGE_GONE] = {"page.gone.html", casepage_fields},
    [CASEPAGE_DOMAIN] = {"page.domain.html", casepage_fields},
};

/* What code chooses among, beside casepage_words.def and what has a number. */
static const char *const chosen[] = {"language", "provider", "title_stopped",
    "title_held", "title_again", "lead_stopped", "lead_held", "lead_again",
    "happened_text", "chart_alt", "more", "recipients_n", "reason_is",
    "answered", "until_date", "until_lifted", "state_open", "state_open_text",
    "state_review", "state_review_text", "state_password",
    "state_password_text", "state_approved", "state_approved_text",
    "state_denied", "state_denied_text", "state_closed", "state_closed_text",
    "state_ended", "state_ended_text", "step_stopped", "step_answer",
    "step_check", "step_password", "step_again", "fault_empty", "fault_long",
    "fault_form", "fault_busy", "fault_much", "domain", "domain_lead_green",
    "domain_lead_amber", "domain_lead_red", "domain_lead_unknown",
    "colour_green", "colour_amber", "colour_red", "colour_unknown",
    "colour_info", NULL};

static int
check_words(
    const struct template_set *set, const char *const *names, struct error *err)
{
	const struct words w = {set, STR("en")};

	for (; *names; names++) {
		if (casepage_word(&w, *names).n == 0)
			return error_set(err,
			    "templates: page.%s is missing in en/words",
			    *names);
	}
	return 0;
}

struct template_set *
casepage_load(const struct template_places *p, struct error *err)
{
	struct template_set *set = template_set_load(p, specs, CASEPAGES, err);

	if (set && (check_words(set, chosen, err) < 0 ||
		       check_words(set, casepage_words, err) < 0))
		template_set_free(&set);
	return set;
}

struct str
casepage_style(struct str page)
{
	ptrdiff_t from = str_find(page, STR("<style>"));
	ptrdiff_t to = str_find(page, STR("</style>"));

	if (from < 0 || to < from)
		return STR("");
	from += (ptrdiff_t)sizeof("<style>") - 1;
	return str_make(page.p + from, (size_t)(to - from));
}

/* "de-CH, en;q=0.7": in the order of the list, as browsers write it. */
static struct str
accepted(const struct template_set *set, struct str accept)
{
	while (accept.n > 0) {
		struct str one, tag;

		if (!str_cut(&accept, ',', &one)) {
			one = accept;
			accept = STR("");
		}
		if (!str_cut(&one, ';', &tag))
			tag = one;
		tag = str_trim(tag);
		if (tag.n > 0 && template_set_has(set, tag))
			return tag;
	}
	return STR("");
}

struct str
casepage_language(const struct template_set *set, struct str wanted,
    const struct case_file *f, struct str accept)
{
	if (wanted.n > 0 && template_set_has(set, wanted))
		return template_set_choose(set, wanted);
	for (size_t i = f ? f->n_letters : 0; i-- > 0;) {
		struct str used = str_from(f->letters[i].language);

		if (used.n > 0 && template_set_has(set, used))
			return template_set_choose(set, used);
	}
	return template_set_choose(set, accepted(set, accept));
}

static void
put_words(const struct words *w, struct template_data *d)
{
	char field[64];
	struct text t;

	for (const char *const *name = casepage_words; *name; name++) {
		text_init(&t, field, sizeof(field));
		text_printf(&t, "t_%s", *name);
		template_put(d, field, casepage_word(w, *name));
	}
}

static void
put_languages(const struct words *w, struct template_data *d)
{
	for (size_t i = 0; i < template_set_languages(w->set); i++) {
		struct str code = template_set_language(w->set, i);
		const struct words its = {w->set, code};
		struct template_data *item = template_add_item(d, "languages");

		template_put(item, "code", code);
		template_put(item, "name", casepage_word(&its, "language"));
		template_put_flag(
		    item, "is_current", str_is(code, w->language));
	}
}

static void
put_filled(const struct words *w, struct template_data *d, const char *field,
    const char *name, const struct words_filler *v, size_t n)
{
	char buf[LEAD];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	words_fill(casepage_word(w, name), v, n, &t);
	template_put(d, field, text_view(&t));
}

static bool
is_over(const struct case_head *c)
{
	return !case_is_in_force(c);
}

static void
put_title(
    const struct words *w, const struct case_head *c, struct template_data *d)
{
	char since[CASEPAGE_DATE];
	const struct words_filler v[] = {{'a', str_from(c->account)},
	    {'d', casepage_date(w, c->since, since)}};
	const char *which = strcmp(c->rung, "held") == 0 ? "held" : "stopped";
	char name[32];
	struct text t;

	if (is_over(c))
		which = "again";
	text_init(&t, name, sizeof(name));
	text_printf(&t, "title_%s", which);
	put_filled(w, d, "title", name, v, 2);
	text_clear(&t);
	text_printf(&t, "lead_%s", which);
	put_filled(w, d, "lead", name, v, 2);
}

static void
put_until(
    const struct words *w, const struct case_head *c, struct template_data *d)
{
	char until[CASEPAGE_DATE];

	if (is_over(c))
		return;
	if (c->until == TIME_NEVER) {
		template_put(d, "until", casepage_word(w, "until_lifted"));
		return;
	}
	const struct words_filler v[] = {
	    {'d', casepage_date(w, c->until, until)}};

	put_filled(w, d, "until", "until_date", v, 1);
}

static void
put_said(
    const struct words *w, const struct case_head *c, struct template_data *d)
{
	static const char *const names[] = {
	    [CASE_ME] = "me", [CASE_NOT_ME] = "not_me", [CASE_HUMAN] = "human"};
	char at[CASEPAGE_DATE];

	if (c->answer == CASE_NO_ANSWER)
		return;
	const struct words_filler v[] = {
	    {'a', casepage_word(w, names[c->answer])},
	    {'d', casepage_date(w, c->answered.at_us / TIME_US, at)}};

	put_filled(w, d, "said", "answered", v, 2);
}

static void
put_state(
    const struct words *w, const struct case_head *c, struct template_data *d)
{
	char name[40];
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printf(&t, "state_%s", case_state_text(c->state));
	template_put(d, "state", str_from(case_state_text(c->state)));
	template_put(d, "state_title", casepage_word(w, name));
	text_add(&t, "_text");
	template_put(d, "state_text", casepage_word(w, name));
}

/* How far it is: 0 stopped, 1 answered, 2 looked at, 3 over. */
static int
progress(const struct case_head *c)
{
	if (is_over(c))
		return 4;
	if (c->state == CASE_DENIED)
		return 3;
	return c->state == CASE_REVIEW || c->state == CASE_PASSWORD ? 2 : 1;
}

static void
put_steps(
    const struct words *w, const struct case_head *c, struct template_data *d)
{
	const char *const names[] = {"step_stopped", "step_answer",
	    c->state == CASE_PASSWORD ? "step_password" : "step_check",
	    "step_again"};
	int at = progress(c);

	for (int i = 0; i < 4; i++) {
		struct template_data *step = template_add_item(d, "steps");

		template_put(step, "name", casepage_word(w, names[i]));
		template_put_flag(step, "is_done", i < at);
		template_put_flag(
		    step, "is_current", i == at && c->state != CASE_DENIED);
		template_put_flag(step, "is_open",
		    i > at || (i == at && c->state == CASE_DENIED));
	}
}

static void
put_case(
    const struct words *w, const struct casepage *p, struct template_data *d)
{
	const struct case_head *c = &p->file->head;

	template_put(d, "case_id", str_from(c->id));
	template_put(d, "account", str_from(c->account));
	put_title(w, c, d);
	put_until(w, c, d);
	put_said(w, c, d);
	put_state(w, c, d);
	put_steps(w, c, d);
	if (c->state == CASE_DENIED)
		template_put(d, "denied", str_from(p->file->decision));
	template_put_flag(d, "is_password", c->state == CASE_PASSWORD);
	template_put_flag(d, "may_answer", !is_over(c));
	template_put_flag(d, "is_answered",
	    c->state == CASE_REVIEW || c->state == CASE_PASSWORD);
	casepage_evidence(w, p->file, d);
}

static void
put_form(
    const struct words *w, const struct casepage *p, struct template_data *d)
{
	static const char *const faults[CASEPAGE_FAULTS] = {
	    [CASEPAGE_EMPTY] = "fault_empty",
	    [CASEPAGE_LONG] = "fault_long",
	    [CASEPAGE_FORM] = "fault_form",
	    [CASEPAGE_BUSY] = "fault_busy",
	    [CASEPAGE_MUCH] = "fault_much"};
	char most[24];
	struct text t;

	text_init(&t, most, sizeof(most));
	text_i64(&t, CASEPAGE_LETTERS);
	const struct words_filler v[] = {{'n', text_view(&t)}};

	template_put(d, "form", p->form);
	template_put(d, "once", p->once);
	template_put(d, "what", p->what);
	template_put(d, "to", p->to);
	template_put(d, "agreed", p->agreed);
	template_put(d, "most", text_view(&t));
	if (p->fault)
		put_filled(w, d, "fault", faults[p->fault], v, 1);
}

static void
put_form_title(
    const struct words *w, enum casepage_kind kind, struct template_data *d)
{
	static const char *const names[CASEPAGES] = {[CASEPAGE_ME] = "me",
	    [CASEPAGE_NOT_ME] = "not_me",
	    [CASEPAGE_HUMAN] = "human",
	    [CASEPAGE_GONE] = "gone"};

	if (names[kind])
		template_put(d, "title", casepage_word(w, names[kind]));
}

/* What stands on every page. It lives in the arena. */
static struct template_data *
begin_page(const struct words *w, struct str provider, struct str help,
    struct arena *a)
{
	struct template_data *d = template_data_new(a, casepage_fields);

	put_words(w, d);
	put_languages(w, d);
	template_put(d, "lang", w->language);
	template_put(d, "provider",
	    provider.n ? provider : casepage_word(w, "provider"));
	template_put(d, "help", help);
	return d;
}

void
casepage_write(
    const struct template_set *set, const struct casepage *p, struct text *out)
{
	const struct words w = {set, template_set_choose(set, p->language)};
	struct template_data *d;
	struct arena a;

	arena_init(&a);
	d = begin_page(&w, p->provider, p->help, &a);
	template_put(d, "token", p->token);
	template_put(d, "password_page", p->password_page);
	template_put(d, "bulk_service", p->bulk_service);
	if (p->file && p->kind != CASEPAGE_GONE)
		put_case(&w, p, d);
	put_form_title(&w, p->kind, d);
	put_form(&w, p, d);
	template_write(template_set_get(set, p->kind, w.language), d, out);
	arena_done(&a);
}

void
casepage_domain_write(const struct template_set *set,
    const struct casepage_domain *p, struct text *out)
{
	const struct words w = {set, template_set_choose(set, p->language)};
	struct template_data *d;
	struct arena a;

	arena_init(&a);
	d = begin_page(&w, p->provider, p->help, &a);
	casepage_domain_fill(&w, p, d);
	template_write(
	    template_set_get(set, CASEPAGE_DOMAIN, w.language), d, out);
	arena_done(&a);
}
