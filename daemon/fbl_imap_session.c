/* fbl_imap_session - a folder on an IMAP server, opened by a worker */
#include "daemon/fbl_imap_session.h"

#include "base/time.h"
#include "config/secret_line.h"

enum {
	LINES_MAX = 200000, /* of one answer */
	COMMAND = 8192,
	TIMEOUT_MS = 30 * 1000,
	TAG = 16,
};

static const char *
copy(struct fbl_imap_session *x, const char *s)
{
	return arena_dup(&x->arena, str_from(s));
}

void
fbl_imap_session_init(struct fbl_imap_session *x,
    const struct fbl_imap_settings *s, size_t max_bytes)
{
	arena_init(&x->arena);
	x->s = *s;
	x->s.url = copy(x, s->url);
	x->s.folder = copy(x, s->folder);
	x->s.user = copy(x, s->user);
	x->s.password_file = copy(x, s->password_file);
	x->s.ca_file = copy(x, s->ca_file);
	x->s.after = copy(x, s->after);
	x->s.unread_folder = copy(x, s->unread_folder);
	x->max_bytes = max_bytes;
	imap_init(&x->imap, max_bytes);
}

void
fbl_imap_session_done(struct fbl_imap_session *x)
{
	fbl_imap_session_close(x);
	imap_done(&x->imap);
	arena_done(&x->arena);
}

static void
drop(struct fbl_imap_session *x)
{
	imap_wire_close(&x->wire);
	imap_done(&x->imap);
	imap_init(&x->imap, x->max_bytes);
	x->rest = STR("");
}

void
fbl_imap_session_close(struct fbl_imap_session *x)
{
	struct error err;

	if (x->wire)
		imap_wire_send(x->wire, STR("bye LOGOUT\r\n"), &err);
	drop(x);
}

/* The next response is in x->imap.line. */
static int
read_response(struct fbl_imap_session *x, struct error *err)
{
	for (;;) {
		enum imap_turn turn = imap_feed(&x->imap, &x->rest);

		if (turn == IMAP_RESPONSE)
			return 0;
		if (turn == IMAP_TOO_LONG)
			return error_set(
			    err, "the server sends more than fbl_max_size");
		if (time_mono_us() > x->until_us)
			return error_set(err, "the server is too slow");
		ssize_t n =
		    imap_wire_recv(x->wire, x->buf, sizeof(x->buf), err);

		if (n < 0)
			return -1;
		x->rest = str_make(x->buf, (size_t)n);
	}
}

static int
refused(struct error *err, struct str command, struct str words)
{
	char said[256];
	struct text t;

	/* Only the command's words: folders and numbers follow. */
	ptrdiff_t end = str_find(command, STR(" \""));

	text_init(&t, said, sizeof(said));
	text_printable(&t, words);
	if (end < 0)
		end = (ptrdiff_t)command.n;
	error_set(err, "%.*s: %s", (int)(end < 40 ? end : 40), command.p, said);
	return 1;
}

static int
exchange(struct fbl_imap_session *x, struct str command,
    fbl_imap_line_fn *on_line, void *ctx, struct error *err)
{
	char line[COMMAND], tag[TAG];
	struct str words;
	struct text t;

	text_init(&t, tag, sizeof(tag));
	text_printf(&t, "o%u", ++x->tag);
	text_init(&t, line, sizeof(line));
	text_printf(&t, "%s %.*s\r\n", tag, STR_ARG(command));
	if (imap_wire_send(x->wire, text_view(&t), err) < 0)
		return -1;
	for (size_t i = 0; i < LINES_MAX; i++) {
		if (read_response(x, err) < 0)
			return -1;
		struct str got = text_view(&x->imap.line);
		enum imap_status status =
		    imap_status(got, str_from(tag), &words);

		if (status == IMAP_OK)
			return 0;
		if (status != IMAP_OTHER)
			return refused(err, command, words);
		if (imap_is_bye(got, &words)) {
			refused(err, STR("BYE"), words);
			return -1;
		}
		if (on_line)
			on_line(ctx, got);
	}
	return error_set(err, "the server doesn't come to an end");
}

int
fbl_imap_session_ask(struct fbl_imap_session *x, struct str command,
    fbl_imap_line_fn *on_line, void *ctx, struct error *err)
{
	int status = exchange(x, command, on_line, ctx, err);

	if (status < 0)
		drop(x);
	return status;
}

static void
on_capability(void *ctx, struct str line)
{
	struct fbl_imap_session *x = ctx;

	if (!imap_is_capability(line))
		return;
	x->has_move = imap_has_word(line, STR("MOVE"));
	x->has_uidplus = imap_has_word(line, STR("UIDPLUS"));
}

static void
on_select(void *ctx, struct str line)
{
	struct fbl_imap_session *x = ctx;

	imap_uidvalidity(line, &x->uidvalidity);
}

static int
select_folder(struct fbl_imap_session *x, struct error *err)
{
	char command[COMMAND];
	struct text t;

	text_init(&t, command, sizeof(command));
	text_add(&t, "SELECT ");
	imap_quote(&t, str_from(x->s.folder));
	x->uidvalidity = 0;
	if (fbl_imap_session_ask(x, STR("CAPABILITY"), on_capability, x, err) !=
		0 ||
	    fbl_imap_session_ask(x, text_view(&t), on_select, x, err) != 0)
		return -1;
	/* Without it nothing there has a lasting name (RFC 3501). */
	if (x->uidvalidity == 0)
		return error_set(err, "the server tells no UIDVALIDITY");
	if (str_find_nocase(text_view(&x->imap.line), STR("[READ-ONLY]")) >= 0)
		return error_set(err,
		    "%s may only be read: nothing could be marked",
		    x->s.folder);
	return 0;
}

int
fbl_imap_session_open(struct fbl_imap_session *x, struct error *err)
{
	char password[SECRET_LINE];
	struct imap_wire_options o = {
	    .url = x->s.url,
	    .user = x->s.user,
	    .password = password,
	    .ca_file = x->s.ca_file,
	    .timeout_ms = TIMEOUT_MS,
	    .is_cancelled = &x->is_cancelled,
	};

	if (x->wire)
		return 0;
	if (secret_line_read(x->s.password_file, password, err) < 0)
		return -1;
	x->wire = imap_wire_open(&o, err);
	explicit_bzero(password, sizeof(password));
	if (!x->wire)
		return -1;
	if (select_folder(x, err) == 0)
		return 0;
	drop(x);
	return -1;
}
