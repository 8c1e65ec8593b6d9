/* local_ingest - `ingest FILE...|-`: hands reports to outpostd
 *
 * For pipe(8), mbox files and imports. It speaks LMTP to the socket that
 * Postfix delivers to, so a report is taken when outpostd has it on disk. A
 * file that begins with "From " is an mbox: each message is one report.
 *
 * `ingest --user LOGIN --spam|--ham` makes a report of the message that a user
 * of the host marked, of its header alone, and hands it in at the socket where
 * it is believed.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/sock.h"
#include "cli/local.h"
#include "config/settings.h"

enum {
	CONNECT_MS = 5000,
	ANSWER_MS = 120 * 1000,
	ANSWER = 4096,
	HEADER = 512 * 1024, /* of a user's report */
	LOGIN = 255,
};

struct ingest {
	const char *address;
	size_t max_bytes;
	int fd;		  /* -1: not connected */
	struct text mail; /* the one being read, for the wire */
	bool is_in_mail, is_mbox, was_empty;
	uint64_t taken, refused;
	enum exit_status worst;
};

static enum exit_status
worse(enum exit_status a, enum exit_status b)
{
	return a == EXIT_TEMPFAIL || b == EXIT_OK ? a : b;
}

static int
send_all(struct ingest *in, struct str bytes, struct error *err)
{
	struct pollfd p = {in->fd, POLLOUT, 0};

	while (bytes.n > 0) {
		ssize_t n = sock_send(in->fd, bytes.p, bytes.n);

		if (n < 0 && errno == EAGAIN && poll(&p, 1, ANSWER_MS) > 0)
			continue;
		if (n <= 0)
			return error_set(err, "%s: %s", in->address,
			    n < 0 ? strerror(errno) : "closed");
		bytes = str_skip(bytes, (size_t)n);
	}
	return 0;
}

/* A whole answer's code; its last line in *line. -1 with an error. */
static int
read_answer(struct ingest *in, char line[ANSWER], struct error *err)
{
	struct pollfd p = {in->fd, POLLIN, 0};
	size_t n = 0;

	for (;;) {
		ssize_t got = sock_recv(in->fd, line + n, 1);

		if (got < 0 && (errno == EAGAIN || errno == EINTR) &&
		    poll(&p, 1, ANSWER_MS) > 0)
			continue;
		if (got <= 0)
			return error_set(err, "%s: %s", in->address,
			    got < 0 ? "no answer in time"
				    : "outpostd closed the connection");
		if (line[n] != '\n') {
			n += n < ANSWER - 2;
			continue;
		}
		line[n] = '\0';
		if (n < 4 || line[3] != '-')
			return atoi(line);
		n = 0;
	}
}

static int
say(struct ingest *in, const char *command, int want, struct error *err)
{
	char line[ANSWER];

	if (*command && send_all(in, str_from(command), err) < 0)
		return -1;
	int code = read_answer(in, line, err);

	if (code < 0)
		return -1;
	if (code / 100 != want)
		return error_set(err, "%s: %s", in->address, line);
	return 0;
}

static int
greet(struct ingest *in, struct error *err)
{
	if (in->fd >= 0)
		return 0;
	in->fd = sock_connect_wait(in->address, CONNECT_MS, err);
	if (in->fd < 0)
		return -1;
	return say(in, "", 2, err) < 0
		   ? -1
		   : say(in, "LHLO outpost-ingest\r\n", 2, err);
}

static void
hang_up(struct ingest *in)
{
	if (in->fd >= 0)
		close(in->fd);
	in->fd = -1;
}

/* EXIT_FAILED: it will never be taken; EXIT_TEMPFAIL: not now. */
static enum exit_status
hand_in(struct ingest *in, struct error *err)
{
	char line[ANSWER];

	if (greet(in, err) < 0 || say(in, "MAIL FROM:<>\r\n", 2, err) < 0 ||
	    say(in, "RCPT TO:<fbl>\r\n", 2, err) < 0 ||
	    say(in, "DATA\r\n", 3, err) < 0 ||
	    send_all(in, text_view(&in->mail), err) < 0 ||
	    send_all(in, STR(".\r\n"), err) < 0)
		return EXIT_TEMPFAIL;
	int code = read_answer(in, line, err);

	if (code < 0)
		return EXIT_TEMPFAIL;
	if (code / 100 == 2)
		return EXIT_OK;
	error_set(err, "%s: %s", in->address, line);
	return code / 100 == 5 ? EXIT_FAILED : EXIT_TEMPFAIL;
}

static void
end_mail(struct ingest *in, const char *path)
{
	enum exit_status status = EXIT_FAILED;
	struct error err;

	if (!in->is_in_mail)
		return;
	in->is_in_mail = false;
	if (in->mail.is_cut)
		error_set(&err, "a mail of more than fbl_max_size (%zu bytes)",
		    in->max_bytes);
	else
		status = hand_in(in, &err);
	text_clear(&in->mail);
	in->mail.is_cut = false;
	if (status == EXIT_OK) {
		in->taken++;
		return;
	}
	hang_up(in);
	in->refused++;
	in->worst =
	    worse(in->worst, local_fail(status, "%s: %s", path, err.text));
}

static void
add_line(struct ingest *in, struct str line)
{
	if (str_ends(line, STR("\n")))
		line = str_head(line, line.n - 1);
	if (str_ends(line, STR("\r")))
		line = str_head(line, line.n - 1);
	if (str_starts(line, STR(".")))
		text_char(&in->mail, '.');
	text_str(&in->mail, line);
	text_add(&in->mail, "\r\n");
}

static void
take_line(struct ingest *in, const char *path, struct str line, bool is_first)
{
	bool is_from = str_starts(line, STR("From "));

	if (is_first)
		in->is_mbox = is_from;
	if (in->is_mbox && is_from && in->was_empty) {
		end_mail(in, path);
		in->is_in_mail = true;
		return;
	}
	in->was_empty = line.n == 1 || str_is(line, STR("\r\n"));
	in->is_in_mail = true;
	add_line(in, line);
}

static void
ingest_file(struct ingest *in, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "rb");
	char *line = NULL;
	size_t cap = 0;
	bool is_first = true;
	ssize_t n;

	if (!f) {
		in->worst = worse(in->worst,
		    local_fail(EXIT_FAILED, "%s: %s", path, strerror(errno)));
		return;
	}
	in->was_empty = true;
	while ((n = getline(&line, &cap, f)) > 0) {
		take_line(in, path, str_make(line, (size_t)n), is_first);
		is_first = false;
	}
	if (ferror(f))
		in->worst = worse(in->worst,
		    local_fail(EXIT_TEMPFAIL, "%s: can't be read", path));
	else
		end_mail(in, path);
	if (is_first && !ferror(f))
		in->worst = worse(in->worst,
		    local_fail(EXIT_FAILED, "%s: nothing in it", path));
	free(line);
	if (!is_stdin)
		fclose(f);
}

enum exit_status
local_ingest(const struct settings *s, const struct client_line *l)
{
	struct ingest in = {.address = s->fbl.fbl_listen,
	    .max_bytes = (size_t)s->fbl.fbl_max_size,
	    .fd = -1,
	    .worst = EXIT_OK};

	if (!*in.address)
		return local_fail(EXIT_FAILED,
		    "fbl_listen is empty: outpostd takes no reports");
	text_grow(&in.mail, in.max_bytes);
	for (size_t i = 0; i < l->n_args || i == 0; i++)
		ingest_file(&in, l->n_args == 0 ? "-" : l->args[i]);
	hang_up(&in);
	text_done(&in.mail);
	if (in.taken + in.refused > 1)
		fprintf(stderr, "%llu taken, %llu not\n",
		    (unsigned long long)in.taken,
		    (unsigned long long)in.refused);
	return in.worst;
}

static bool
is_login(const char *user)
{
	size_t n = strlen(user);

	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)user[i] <= ' ' || user[i] == 127 ||
		    user[i] == '<' || user[i] == '>')
			return false;
	}
	return n > 0 && n <= LOGIN;
}

/* Nothing in the message can end its part: the boundary is random. */
static void
begin_own(struct ingest *in, const char *user, bool is_spam, const char *mark)
{
	in->is_in_mail = true;
	text_printf(&in->mail,
	    "From: <%s>\r\nSubject: marked as %s\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: multipart/report; report-type=feedback-report;\r\n"
	    " boundary=\"%s\"\r\n\r\n--%s\r\nContent-Type: text/plain\r\n\r\n"
	    "A user of this host marked a message.\r\n--%s\r\n"
	    "Content-Type: message/feedback-report\r\n\r\n"
	    "Feedback-Type: %s\r\nUser-Agent: outpost-ingest/1\r\n"
	    "Version: 1\r\nOriginal-Rcpt-To: %s\r\n\r\n--%s\r\n"
	    "Content-Type: text/rfc822-headers\r\n\r\n",
	    user, is_spam ? "spam" : "not spam", mark, mark, mark,
	    is_spam ? "abuse" : "not-spam", user, mark);
}

/* The rest is read, too: whoever writes it shall not meet a closed pipe. */
static int
add_header(struct ingest *in)
{
	bool is_header = true, is_first = true;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(&line, &cap, stdin)) > 0) {
		struct str s = str_make(line, (size_t)n);

		is_header = is_header && str_trim(s).n > 0;
		if (is_header && !(is_first && str_starts(s, STR("From "))))
			add_line(in, s);
		is_first = false;
	}
	free(line);
	return is_first || ferror(stdin) ? -1 : 0;
}

enum exit_status
local_ingest_own(const struct settings *s, const struct client_line *l)
{
	const char *user = client_option(l, "user"),
		   *to = client_option(l, "to");
	bool is_spam = client_option(l, "spam");
	struct ingest in = {.address = to ? to : s->fbl.fbl_own_listen,
	    .max_bytes = HEADER,
	    .fd = -1};
	char mark[64];
	uint8_t random[18];
	struct text t;

	if (!is_login(user) || is_spam == !!client_option(l, "ham") ||
	    l->n_args > 0)
		return local_fail(EXIT_USAGE,
		    "ingest --user LOGIN --spam|--ham, the message on standard input");
	if (!*in.address)
		return local_fail(EXIT_FAILED,
		    "fbl_own_listen is empty: outpostd takes no users' reports");
	crypto_random(random, sizeof(random));
	text_init(&t, mark, sizeof(mark));
	crypto_base64url(&t, random, sizeof(random));
	text_grow(&in.mail, in.max_bytes);
	begin_own(&in, user, is_spam, mark);
	int status = add_header(&in);

	text_printf(&in.mail, "\r\n--%s--\r\n", mark);
	if (status < 0)
		in.worst = local_fail(EXIT_FAILED, "no message could be read");
	else
		end_mail(&in, "standard input");
	hang_up(&in);
	text_done(&in.mail);
	return in.worst;
}
