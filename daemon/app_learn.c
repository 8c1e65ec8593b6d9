/* app_learn - old logs into the books, without outpostd */
#include "daemon/app_learn.h"

#include <stdlib.h>

#include "base/time.h"
#include "daemon/app_complaints.h"
#include "daemon/app_state.h"
#include "ledger/books_copy.h"
#include "mta/logline.h"

struct app_learn {
	struct pipeline *lines; /* makes the facts; the books' own, if fresh */
	bool is_fresh;
	int64_t until; /* lines from then on are known; 0: none are */
	struct logline_clock clocks[PIPELINE_SOURCES];
	struct app_learnt told;
};

/* A first start reads the journal's last days by itself. */
static int64_t
journal_from(const struct app *a)
{
	const struct setting_list *files = &a->settings->daemon.files;

	for (size_t i = 0; i < files->n; i++)
		if (follow_journal_is(str_from(files->v[i])))
			return loop_now_us(a->loop) / TIME_US -
			       FOLLOW_JOURNAL_FIRST;
	return 0;
}

/* Books that know something have chains of their own, which are of now. */
static int
begin(struct app *a, struct error *err)
{
	struct app_learn *l = a->learn;
	int64_t began = ledger_began(pipeline_ledger(a->pipeline));

	l->is_fresh = began == 0;
	l->until = l->is_fresh ? journal_from(a) : began;
	l->lines = l->is_fresh ? a->pipeline : app_pipeline_new(a, err);
	for (size_t i = 0; l->lines && i < PIPELINE_SOURCES; i++)
		app_learn_source(a, i, loop_now_us(a->loop) / TIME_US);
	return l->lines ? 0 : -1;
}

static int
open_all(struct app *a, const char *config_path, struct error *err)
{
	bool is_taken;

	a->settings = settings_load(config_path, err);
	if (!a->settings)
		return -1;
	if (books_are_taken(a->settings->daemon.state_dir))
		return error_set(err,
		    "outpostd runs with its books: stop it before, its socket "
		    "too (systemctl stop outpostd.socket outpostd); mail flows "
		    "meanwhile");
	a->loop = loop_new();
	app_rooms_prepare(a);
	if (app_rooms_open(a, err) < 0 || app_books_open(a, &is_taken, err) < 0)
		return -1;
	return begin(a, err);
}

struct app *
app_learn_open(const char *config_path, struct error *err)
{
	struct app *a = xalloc(1, sizeof(*a));

	a->learn = xalloc(1, sizeof(*a->learn));
	return open_all(a, config_path, err) < 0 ? NULL : a;
}

bool
app_learn_is_fresh(const struct app *a)
{
	return a->learn->is_fresh;
}

int
app_learn_followed(struct app *a, const char *file, struct error *err)
{
	return a->learn->is_fresh ? follow_learn(a->follow, file, err) : 0;
}

bool
app_learn_has_read(struct app *a, const char *file)
{
	return a->learn->is_fresh && follow_has_read(a->follow, file);
}

void
app_learn_source(struct app *a, size_t source, int64_t end)
{
	pipeline_source(a->learn->lines, source, end);
	logline_clock_init(&a->learn->clocks[source], end);
}

void
app_learn_line(struct app *a, size_t source, struct str line)
{
	struct app_learn *l = a->learn;
	struct logline read;

	l->told.lines++;
	if (l->until > 0 &&
	    logline_parse(&l->clocks[source % PIPELINE_SOURCES], line, &read) &&
	    read.at_us / TIME_US >= l->until)
		l->told.known++;
	else
		pipeline_line(l->lines, source, line);
}

/* What a message's recipients still wait for is in the lines that the books
 * know: nothing is pending from them. */
void
app_learn_fact(struct app *a, const struct fact *f)
{
	struct app_learn *l = a->learn;
	struct ledger_touched touched;
	struct fact one = *f;

	if (!l->is_fresh) {
		one.was_pending = false;
		if (f->kind == FACT_PENDING)
			return;
	}
	if (l->told.from == 0 || f->at < l->told.from)
		l->told.from = f->at;
	if (f->at > l->told.to)
		l->told.to = f->at;
	l->told.facts++;
	ledger_add(pipeline_ledger(a->pipeline), &one, &touched);
	if (f->kind == FACT_DELIVERED && f->is_outward && f->account.n > 0)
		app_complaints_delivered(app_fbl_complaints(a->fbl), f);
}

static size_t
count_accounts(struct ledger *l)
{
	struct subject *s;
	size_t n = 0;

	for (size_t i = 0; (s = ledger_next(l, &i));)
		n += subject_kind(s) == SUBJECT_ACCOUNT;
	return n;
}

int
app_learn_close(struct app **ap, struct app_learnt *out, struct error *err)
{
	struct app *a = *ap;
	struct ledger *ledger = pipeline_ledger(a->pipeline);
	char *dir = str_dup(str_from(a->settings->daemon.state_dir));
	struct books_copied found;
	struct app_learn *l = a->learn;
	struct pipeline_counters c;

	if (!l->is_fresh)
		pipeline_settle(l->lines);
	pipeline_counters(l->lines, &c);
	*out = l->told;
	out->unreadable = c.unreadable;
	out->accounts = count_accounts(ledger);
	out->began = ledger_began(ledger);
	if (!l->is_fresh)
		pipeline_free(&l->lines);
	app_stop(ap);
	free(l);
	int status = books_check(dir, &found, err);

	free(dir);
	return status;
}
