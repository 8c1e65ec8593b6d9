/* fbl_imap_batch - some messages of a folder, in a worker */
#include "daemon/fbl_imap_batch.h"

#include <stdlib.h>

#include "base/time.h"

enum { STEP_US = 5 * 60 * 1000 * 1000, COMMAND = 4096 };
static const int64_t SHUNNED_US = 3600LL * 1000 * 1000;

struct fbl_imap_batch *
fbl_imap_batch_new(const struct fbl_imap_settings *s, size_t max_bytes)
{
	struct fbl_imap_batch *b = xalloc(1, sizeof(*b));

	fbl_imap_session_init(&b->session, s, max_bytes);
	b->next = 1;
	return b;
}

static void
forget(struct fbl_imap_batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->v[i].bytes);
	b->n = 0;
}

void
fbl_imap_batch_free(struct fbl_imap_batch **b)
{
	if (!*b)
		return;
	forget(*b);
	fbl_imap_session_done(&(*b)->session);
	free(*b);
	*b = NULL;
}

/* false: what is in hand is of a folder that is no more. */
static int
begin(struct fbl_imap_batch *b, bool *is_same, struct error *err)
{
	struct fbl_imap_session *x = &b->session;

	x->until_us = time_mono_us() + STEP_US;
	if (fbl_imap_session_open(x, err) < 0)
		return -1;
	*is_same = x->uidvalidity == b->uidvalidity;
	if (!*is_same) {
		forget(b);
		b->next = 1;
		b->n_shunned = 0;
		b->uidvalidity = x->uidvalidity;
	}
	return 0;
}

static struct fbl_imap_item *
find_item(struct fbl_imap_batch *b, uint32_t uid)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->v[i].uid == uid)
			return &b->v[i];
	}
	return NULL;
}

/* The least ones, whatever their order. */
static void
add_item(struct fbl_imap_batch *b, uint32_t uid)
{
	size_t i = b->n;

	if (uid < b->next || find_item(b, uid))
		return;
	if (b->n == FBL_IMAP_BATCH) {
		b->is_whole = false;
		if (uid > b->v[--i].uid)
			return;
		b->n--;
	}
	for (; i > 0 && b->v[i - 1].uid > uid; i--)
		b->v[i] = b->v[i - 1];
	b->v[i] = (struct fbl_imap_item){.uid = uid};
	b->n++;
}

static void
on_found(void *ctx, struct str line)
{
	struct fbl_imap_batch *b = ctx;
	uint32_t uid;

	if (!str_starts(line, STR("* SEARCH")))
		return;
	/* One that was cut has more, and its last number may be half a one. */
	if (line.n + 2 >= IMAP_LINE) {
		ptrdiff_t end = str_find_last(line, STR(" "));

		b->is_whole = false;
		line = str_head(line, (size_t)end);
	}
	while (imap_next_found(&line, &uid))
		add_item(b, uid);
}

/* Of a report that is moved or deleted it doesn't matter who has read it. */
static const char *
criteria(const struct fbl_imap_batch *b)
{
	return strcmp(b->session.s.after, "seen") == 0 ? "UNSEEN UNDELETED"
						       : "UNDELETED";
}

int
fbl_imap_batch_search(struct fbl_imap_batch *b, struct error *err)
{
	char command[COMMAND];
	struct text t;
	bool is_same;

	forget(b);
	if (begin(b, &is_same, err) < 0)
		return -1;
	b->is_whole = true;
	*b->refused.text = '\0';
	text_init(&t, command, sizeof(command));
	text_printf(
	    &t, "UID SEARCH UID %lu:* %s", (unsigned long)b->next, criteria(b));
	if (fbl_imap_session_ask(
		&b->session, text_view(&t), on_found, b, err) != 0)
		return -1;
	if (b->n > 0 && b->v[b->n - 1].uid == UINT32_MAX)
		b->is_whole = true;
	else if (b->n > 0)
		b->next = b->v[b->n - 1].uid + 1;
	return 0;
}

struct body {
	struct fbl_imap_batch *batch;
	struct fbl_imap_item *item;
};

static void
on_size(void *ctx, struct str line)
{
	struct fbl_imap_batch *b = ((const struct body *)ctx)->batch;
	uint64_t uid, size;
	struct fbl_imap_item *i;

	if (!imap_fetch_number(line, STR("UID"), &uid) || uid > UINT32_MAX ||
	    !imap_fetch_number(line, STR("RFC822.SIZE"), &size))
		return;
	i = find_item(b, (uint32_t)uid);
	if (i)
		i->size = size > 0 ? size : 1;
}

/* UIDs of those that have this to come, as a set. */
static bool
print_set(
    const struct fbl_imap_batch *b, enum fbl_imap_what what, struct text *out)
{
	uint32_t uids[FBL_IMAP_BATCH];
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		if (b->v[i].what == what)
			uids[n++] = b->v[i].uid;
	}
	imap_set(out, uids, n);
	return n > 0;
}

static void
on_body(void *ctx, struct str line)
{
	const struct body *y = ctx;
	const struct imap *m = &y->batch->session.imap;
	uint64_t uid;

	if (!imap_fetch_number(line, STR("UID"), &uid) || uid != y->item->uid ||
	    !m->has_literal || y->item->bytes)
		return;
	y->item->n = m->literal.n;
	y->item->bytes = str_dup(text_view(&m->literal));
}

static void
note_refused(
    struct fbl_imap_batch *b, struct fbl_imap_item *item, const char *why)
{
	item->is_refused = true;
	error_set(
	    &b->refused, "message %lu: %s", (unsigned long)item->uid, why);
}

/* Some hang up at a message that they can't read: it must not stand before all
 * others for ever. */
static void
note_lost(struct fbl_imap_batch *b, const struct fbl_imap_item *item)
{
	if (b->is_careful && item && b->n_shunned < FBL_IMAP_BATCH) {
		b->shunned[b->n_shunned++] = item->uid;
		b->shunned_us = time_mono_us();
	}
	b->is_careful = true;
}

static void
leave_shunned(struct fbl_imap_batch *b)
{
	if (time_mono_us() - b->shunned_us > SHUNNED_US)
		b->n_shunned = 0;
	for (size_t i = 0; i < b->n_shunned; i++) {
		struct fbl_imap_item *item = find_item(b, b->shunned[i]);

		if (!item || item->what != FBL_IMAP_FETCH)
			continue;
		item->what = FBL_IMAP_NOTHING;
		note_refused(b, item, "the server hangs up at it");
	}
}

/* What the server says NO to is no reason to leave the others. */
static int
fetch_one(struct fbl_imap_batch *b, struct fbl_imap_item *item,
    const char *what, fbl_imap_line_fn *on_line, struct error *err)
{
	struct body y = {b, item};
	char command[COMMAND];
	struct text t;

	text_init(&t, command, sizeof(command));
	text_printf(
	    &t, "UID FETCH %lu (UID %s)", (unsigned long)item->uid, what);
	int status =
	    fbl_imap_session_ask(&b->session, text_view(&t), on_line, &y, err);

	if (status < 0)
		note_lost(b, item);
	if (status > 0)
		note_refused(b, item, err->text);
	return status < 0 ? -1 : 0;
}

/* Of all at once; one by one, when one of them can't be told. */
static int
fetch_sizes(struct fbl_imap_batch *b, struct error *err)
{
	struct body all = {b, NULL};
	char command[COMMAND];
	struct text t;
	int status = 1;

	text_init(&t, command, sizeof(command));
	text_add(&t, "UID FETCH ");
	if (!print_set(b, FBL_IMAP_FETCH, &t))
		return 0;
	text_add(&t, " (UID RFC822.SIZE)");
	if (!b->is_careful)
		status = fbl_imap_session_ask(
		    &b->session, text_view(&t), on_size, &all, err);
	if (status < 0)
		note_lost(b, NULL);
	if (status <= 0)
		return status;
	for (size_t i = 0; i < b->n; i++) {
		struct fbl_imap_item *item = &b->v[i];

		if (item->what == FBL_IMAP_FETCH && item->size == 0 &&
		    fetch_one(b, item, "RFC822.SIZE", on_size, err) < 0)
			return -1;
	}
	return 0;
}

int
fbl_imap_batch_fetch(struct fbl_imap_batch *b, struct error *err)
{
	bool is_same;
	uint64_t sum = 0;

	if (begin(b, &is_same, err) < 0)
		return -1;
	leave_shunned(b);
	if (fetch_sizes(b, err) < 0)
		return -1;
	for (size_t i = 0; i < b->n; i++) {
		struct fbl_imap_item *item = &b->v[i];

		if (item->what != FBL_IMAP_FETCH || item->size == 0 ||
		    item->size > b->session.max_bytes)
			continue;
		sum += item->size;
		if (sum > b->session.max_bytes) {
			/* The rest in the next round. */
			item->what = FBL_IMAP_NOTHING;
			b->next = item->uid < b->next ? item->uid : b->next;
			b->is_whole = false;
			continue;
		}
		if (fetch_one(b, item, "BODY.PEEK[]", on_body, err) < 0)
			return -1;
		/* It may be more than it was said to be. */
		if (item->n > item->size)
			sum += item->n - item->size;
	}
	b->is_careful = false;
	return 0;
}

static int
say(struct fbl_imap_batch *b, const char *verb, const char *set,
    const char *what, struct error *err)
{
	char command[COMMAND];
	struct text t;

	text_init(&t, command, sizeof(command));
	text_printf(&t, "%s %s %s", verb, set, what);
	return fbl_imap_session_ask(
	    &b->session, str_trim(text_view(&t)), NULL, NULL, err);
}

static int
delete_set(struct fbl_imap_batch *b, const char *set, struct error *err)
{
	int status = say(b, "UID STORE", set, "+FLAGS.SILENT (\\Deleted)", err);

	/* A plain EXPUNGE would take what others have marked, too. */
	if (status == 0 && b->session.has_uidplus)
		status = say(b, "UID EXPUNGE", set, "", err);
	return status;
}

static int
try_move(struct fbl_imap_batch *b, const char *set, const char *to,
    struct error *err)
{
	char folder[1024];
	struct text t;

	text_init(&t, folder, sizeof(folder));
	imap_quote(&t, str_from(to));
	if (b->session.has_move)
		return say(b, "UID MOVE", set, folder, err);
	int status = say(b, "UID COPY", set, folder, err);

	return status == 0 ? delete_set(b, set, err) : status;
}

/* The folder is made when it is missing. */
static int
move_set(struct fbl_imap_batch *b, const char *set, const char *to,
    struct error *err)
{
	char command[COMMAND];
	struct error why;
	struct text t;
	int status = try_move(b, set, to, err);

	if (status <= 0)
		return status;
	text_init(&t, command, sizeof(command));
	text_add(&t, "CREATE ");
	imap_quote(&t, str_from(to));
	status =
	    fbl_imap_session_ask(&b->session, text_view(&t), NULL, NULL, &why);
	return status == 0 ? try_move(b, set, to, err) : -1;
}

static int
settle_taken(struct fbl_imap_batch *b, const char *set, struct error *err)
{
	struct str to = str_from(b->session.s.after);
	int status;

	if (str_is(to, STR("delete")))
		return delete_set(b, set, err);
	status = say(b, "UID STORE", set, "+FLAGS.SILENT (\\Seen)", err);
	if (status == 0 && str_take(&to, STR("move:")))
		status = move_set(b, set, to.p, err);
	return status;
}

static int
settle_all(struct fbl_imap_batch *b, struct error *err)
{
	const char *unread = b->session.s.unread_folder;
	char set[COMMAND];
	struct text t;
	int status = 0;

	text_init(&t, set, sizeof(set));
	if (print_set(b, FBL_IMAP_TAKEN, &t))
		status = settle_taken(b, set, err);
	text_clear(&t);
	if (status == 0 && *unread && print_set(b, FBL_IMAP_UNREAD, &t))
		status = move_set(b, set, unread, err);
	return status;
}

int
fbl_imap_batch_settle(struct fbl_imap_batch *b, struct error *err)
{
	bool is_same;
	int status = 0;

	if (b->n == 0)
		return 0;
	if (begin(b, &is_same, err) < 0)
		return -1;
	if (is_same)
		status = settle_all(b, err);
	forget(b);
	return status == 0 ? 0 : -1;
}
