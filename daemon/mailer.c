/* mailer - writes the letters of events and hands them in */
#include "daemon/mailer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"

const char mailer_sent[] = "sent";

struct job {
	struct mailer *mailer;
	struct fetcher *fetcher;
	struct event e;
	struct letter letter;
	struct case_file *file;
	struct owner_entry owner;
	struct directory_question *question;
	char to[OWNER_ADDRESSES][256], why[256], page_link[512];
	bool is_taken[OWNER_ADDRESSES], is_desk, is_failed;
	size_t n, at; /* addresses, and the one being tried */
	post_fn *on_done;
	void *ctx;
	struct job *next;
};

struct mailer {
	struct loop *loop;
	struct directory *directory;
	struct mailer_hooks hooks;
	const struct notify_settings *settings;
	const struct template_set *forms;
	struct job *jobs;
};

static int64_t
now(const struct mailer *m)
{
	return loop_now_us(m->loop) / TIME_US;
}

static void
free_job(struct job *j)
{
	struct job **at = &j->mailer->jobs;

	while (*at != j)
		at = &(*at)->next;
	*at = j->next;
	case_file_free(&j->file);
	free(j);
}

static void
finish(struct job *j, enum courier_outcome outcome, const char *why)
{
	j->on_done(j->ctx, outcome, outcome == COURIER_TAKEN ? NULL : why);
	free_job(j);
}

static struct str
language(const struct mailer *m, const struct owner_entry *o)
{
	struct str l =
	    str_from(o && *o->language ? o->language : m->settings->language);

	return template_set_choose(m->forms, l);
}

static void
tell(struct job *j, const char *outcome)
{
	const char *to[OWNER_ADDRESSES];
	struct mailer_result r = {.stage = j->letter.stage,
	    .language = language(j->mailer, &j->owner),
	    .outcome = outcome,
	    .to = to};

	if (j->letter.stage >= LETTER_DESK_DIGEST)
		return; /* of no case */
	r.about = &j->file->head;
	if (j->is_desk)
		letter_is_due(j->mailer->settings, &j->e, &r.stage);
	for (size_t i = 0; i < j->n; i++) {
		if (j->is_taken[i] && !j->is_desk)
			to[r.n_to++] = j->to[i];
	}
	j->mailer->hooks.told(j->mailer->hooks.ctx, &r);
}

/* --- handing in --- */

static void post_next(struct job *j);

static void
on_posted(void *ctx, enum courier_outcome outcome, const char *why)
{
	struct job *j = ctx;

	j->is_taken[j->at] = outcome == COURIER_TAKEN;
	j->is_failed |= outcome == COURIER_FAILED;
	if (why)
		snprintf(j->why, sizeof(j->why), "%s", why);
	j->at++;
	post_next(j);
}

static void
end_posting(struct job *j)
{
	bool is_sent = false;

	for (size_t i = 0; i < j->n; i++)
		is_sent |= j->is_taken[i];
	if (!is_sent) {
		finish(
		    j, j->is_failed ? COURIER_FAILED : COURIER_REFUSED, j->why);
		return;
	}
	tell(j, j->is_desk ? "the owner is not known; the desk was told"
			   : mailer_sent);
	finish(j, COURIER_TAKEN, NULL);
}

static bool
post(struct job *j)
{
	struct mailer *m = j->mailer;
	char id[EVENT_ID], message_id[EVENT_ID + 32];
	struct text t;

	event_id(&j->e, id);
	snprintf(
	    message_id, sizeof(message_id), "outpost-%s-%zu", id, j->at + 1);
	j->letter.id = message_id;
	j->letter.to = j->to[j->at];
	j->letter.now = now(m);
	j->letter.settings = m->settings;
	j->letter.forms = m->forms;
	j->letter.is_itself = letter_is_same_mailbox(str_from(j->letter.to),
	    str_from(j->file ? j->file->head.account : ""));
	text_grow(&t, LETTER_SIZE);
	letter_write(&j->letter, &t);
	bool is_started =
	    !t.is_cut && post_letter(j->fetcher, m->settings, j->letter.to,
			     text_view(&t), on_posted, j);
	text_done(&t);
	return is_started;
}

/* What can't even be asked for (a bad address of the server) is refused. */
static void
post_next(struct job *j)
{
	while (j->at < j->n && !post(j)) {
		snprintf(j->why, sizeof(j->why), "it can't be handed in");
		j->at++;
	}
	if (j->at == j->n)
		end_posting(j);
}

/* --- to whom --- */

static void
add(struct job *j, const char *address)
{
	struct text t;

	if (j->n == OWNER_ADDRESSES)
		return;
	text_init(&t, j->to[j->n++], sizeof(j->to[0]));
	text_add(&t, address);
}

static void
choose_desk(struct job *j)
{
	const struct notify_settings *s = j->mailer->settings;

	j->is_desk = true;
	j->n = 0;
	add(j, *s->desk_to ? s->desk_to : s->letter_from);
}

/* Addresses other than the mailbox itself; without any, that. */
static void
choose_owner(struct job *j)
{
	const struct owner_entry *o = &j->owner;
	struct str account = str_from(j->file->head.account);
	char buf[512];
	struct text t;

	for (size_t i = 0; i < o->n; i++) {
		if (!letter_is_same_mailbox(str_from(o->addresses[i]), account))
			add(j, o->addresses[i]);
	}
	text_init(&t, buf, sizeof(buf));
	if (j->n > 0 ||
	    !owner_expand(
		str_from(j->mailer->settings->letter_to), account, false, &t) ||
	    !letter_is_address(text_view(&t)))
		return;
	add(j, buf);
}

static void
tell_desk(struct job *j, const char *why)
{
	if (j->letter.stage != LETTER_SUSPENDED &&
	    j->letter.stage != LETTER_HELD) {
		tell(j, "the owner is not known");
		finish(j, COURIER_TAKEN, NULL);
		return;
	}
	j->letter.stage = LETTER_DESK_UNKNOWN;
	j->letter.why = why;
	choose_desk(j);
	post_next(j);
}

static void
fill(struct mailer *m, struct letter *l, const struct case_file *f,
    const struct owner_entry *o, char page_link[512])
{
	struct text t;

	text_init(&t, page_link, 512);
	l->settings = m->settings;
	l->forms = m->forms;
	l->file = f;
	l->language = language(m, o);
	l->owner_name = str_from(o->name);
	l->password_page = str_from(
	    *o->password_page ? o->password_page : m->settings->password_page);
	if (l->stage < LETTER_STAGES || l->stage == LETTER_SENDER)
		l->link_until = m->hooks.link(m->hooks.ctx, &f->head, &t);
	else if (l->stage == LETTER_SPF && l->digest)
		l->link_until =
		    m->hooks.domain_link(m->hooks.ctx, l->digest->rule, &t);
	l->link = text_view(&t);
	l->closes_at = m->hooks.closes_at(m->hooks.ctx, &f->head);
}

static void
on_owner(void *ctx, enum directory_outcome outcome, const struct owner_entry *o,
    const char *why)
{
	struct job *j = ctx;
	struct mailer *m = j->mailer;

	j->question = NULL;
	if (outcome == DIRECTORY_FAILED) {
		char words[300];

		snprintf(words, sizeof(words), "the directory: %s", why);
		finish(j, COURIER_FAILED, words);
		return;
	}
	j->owner = *o;
	fill(m, &j->letter, j->file, &j->owner, j->page_link);
	j->letter.probation = m->hooks.probation(m->hooks.ctx, &j->e);
	if (outcome == DIRECTORY_UNKNOWN && o->n == 0) {
		tell_desk(j, "the directory does not know the account");
		return;
	}
	choose_owner(j);
	if (j->n == 0)
		tell_desk(j, "the account is no address, and the directory "
			     "knows none");
	else
		post_next(j);
}

/* --- which letter --- */

/* Whose owner is written to: a forward's is who has the address. */
static struct str
about(const struct event *e)
{
	struct str name = str_from(e->subject);

	if (letter_is_of_forward(e))
		str_take(&name, STR(LETTER_FORWARD_PREFIX));
	return name;
}

/* Of an event without a case, what it says itself. */
static struct case_file *
read_file(struct mailer *m, const struct event *e)
{
	bool is_of_none = e->type == EVENT_SENDER || letter_is_of_forward(e);
	struct case_file *f =
	    is_of_none ? NULL : m->hooks.read(m->hooks.ctx, e);

	if (f)
		return f;
	f = case_file_new();
	if (e->type == EVENT_SANCTION)
		case_file_add(f, e);
	else
		case_file_note(f, about(e), e);
	return f;
}

static bool
was_sent(const struct case_file *f, enum letter_stage stage)
{
	for (size_t i = 0; i < f->n_letters; i++) {
		if (strcmp(f->letters[i].stage, letter_stage_text(stage)) ==
			0 &&
		    strcmp(f->letters[i].outcome, mailer_sent) == 0)
			return true;
	}
	return false;
}

/* What came of it was quicker than the letter, and is told by another one. */
static bool
is_late(const struct case_head *c, enum letter_stage stage)
{
	return (stage == LETTER_ANSWERED || stage == LETTER_PASSWORD ||
		   stage == LETTER_REMINDER) &&
	       !case_is_pending(c);
}

static struct job *
new_job(struct mailer *m, struct fetcher *f, const struct event *e,
    enum letter_stage stage)
{
	struct job *j = xalloc(1, sizeof(*j));

	j->mailer = m;
	j->fetcher = f;
	j->e = *e;
	j->letter.stage = stage;
	j->next = m->jobs;
	m->jobs = j;
	return j;
}

static bool
send_digest(struct job *j)
{
	j->letter.digest = &j->e;
	choose_desk(j);
	if (post(j))
		return true;
	free_job(j);
	return false;
}

bool
mailer_send(struct mailer *m, struct fetcher *f, const struct event *e,
    post_fn *on_done, void *ctx)
{
	enum letter_stage stage;

	if (!m->settings->letters || !letter_is_due(m->settings, e, &stage))
		return false;
	struct job *j = new_job(m, f, e, stage);

	j->on_done = on_done;
	j->ctx = ctx;
	if (stage >= LETTER_DESK_DIGEST)
		return send_digest(j);
	j->file = read_file(m, e);
	if (stage >= LETTER_STAGES)
		j->letter.digest = &j->e;
	bool is_again =
	    was_sent(j->file, stage) || is_late(&j->file->head, stage);

	if (!is_again && m->hooks.count(m->hooks.ctx, str_from(e->subject)) >=
			     (size_t)m->settings->letters_per_day) {
		tell(j, "not sent: too many letters in a day");
		is_again = true;
	}
	if (is_again) {
		free_job(j);
		return false;
	}
	j->question = directory_ask(m->directory, about(e), on_owner, j);
	return true;
}

void
mailer_cancel(struct mailer *m, const struct fetcher *f)
{
	struct job *j = m->jobs;

	while (j) {
		struct job *next = j->next;

		if (j->fetcher == f && j->question) {
			directory_cancel(j->question);
			finish(j, COURIER_FAILED, "ended");
		}
		j = next;
	}
}

void
mailer_given_up(struct mailer *m, const struct event *e, const char *why)
{
	enum letter_stage stage;
	char words[300];

	if (!letter_is_due(m->settings, e, &stage) ||
	    stage >= LETTER_DESK_DIGEST)
		return;
	struct job *j = new_job(m, NULL, e, stage);

	j->file = read_file(m, e);
	snprintf(words, sizeof(words), "given up: %s", *why ? why : "late");
	tell(j, words);
	free_job(j);
}

void
mailer_preview(struct mailer *m, const struct case_file *f,
    enum letter_stage stage, struct str wanted, bool is_source,
    struct text *out)
{
	const struct owner_entry nobody = {0};
	const struct owner_entry *o =
	    directory_cached(m->directory, str_from(f->head.account));
	struct letter l = {.stage = stage,
	    .to = *f->head.account ? f->head.account : "unknown",
	    .id = "outpost-preview",
	    .now = now(m),
	    .why = "this is a preview"};
	char page_link[512];

	o = o ? o : &nobody;
	fill(m, &l, f, o, page_link);
	if (wanted.n > 0)
		l.language = template_set_choose(m->forms, wanted);
	if (o->n > 0)
		l.to = o->addresses[0];
	l.is_itself =
	    letter_is_same_mailbox(str_from(l.to), str_from(f->head.account));
	if (is_source)
		letter_write(&l, out);
	else
		letter_write_text(&l, out);
}

struct mailer *
mailer_new(
    struct loop *l, struct directory *d, const struct mailer_hooks *hooks)
{
	struct mailer *m = xalloc(1, sizeof(*m));

	m->loop = l;
	m->directory = d;
	m->hooks = *hooks;
	return m;
}

void
mailer_set(struct mailer *m, const struct notify_settings *s,
    const struct template_set *forms)
{
	m->settings = s;
	m->forms = forms;
}

void
mailer_free(struct mailer **mp)
{
	free(*mp);
	*mp = NULL;
}
