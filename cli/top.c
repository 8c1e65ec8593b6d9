/* top - `outpost top`: a live view of who sends now */
#include "cli/top.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/time.h"
#include "cli/top_draw.h"

enum {
	FRAME_MAX = 1 << 20,
	EVERY_US = 2000000,
	EVERY_MIN = 1,
	EVERY_MAX = 3600,
	FILTER = 64,
	KEYS = 64,
	ESCAPE = 27,
};

static const char *const sorts[] = {
    "hour", "now", "limit", "failed", "networks"};
enum { SORTS = sizeof(sorts) / sizeof(sorts[0]) };

struct top {
	struct client_line line; /* the question */
	const char *socket;
	struct json *frame; /* the last answer; NULL: none yet */
	struct error trouble;
	bool is_troubled, is_leaving;
	size_t sort;
	char filter[FILTER], typed[FILTER];
	struct top_shape shape;
	struct termios before;
	int64_t every_us;
};

static volatile sig_atomic_t is_ended, is_resized;

static void
on_end(int signo)
{
	(void)signo;
	is_ended = 1;
}

static void
on_resize(int signo)
{
	(void)signo;
	is_resized = 1;
}

static void
put_option(struct client_line *l, const char *name, const char *value)
{
	for (size_t i = 0; i < l->n_options; i++) {
		if (strcmp(l->options[i].name, name) == 0) {
			l->options[i].value = value;
			return;
		}
	}
	if (l->n_options < CLIENT_OPTIONS) {
		l->options[l->n_options].name = name;
		l->options[l->n_options++].value = value;
	}
}

/* The answer's frame; NULL with a sentence, and *status to end with. */
static struct json *
ask(struct top *t, struct error *err, enum exit_status *status)
{
	struct json *doc = client_ask(&t->line, t->socket, err), *frame = NULL;

	*status = EXIT_UNREACHABLE;
	if (!doc) {
		error_prefix(err, "outpostd does not answer");
		return NULL;
	}
	*status =
	    (enum exit_status)json_number(json_get(doc, "exit"), EXIT_FAILED);
	if (*status == EXIT_OK)
		frame = json_parse(json_text(json_get(doc, "out")), err);
	else
		error_set(err, "%.*s",
		    STR_ARG(str_trim(json_text(json_get(doc, "err")))));
	if (!frame && *status == EXIT_OK)
		*status = EXIT_FAILED;
	json_free(&doc);
	return frame;
}

static void
measure(struct top *t)
{
	struct winsize w;
	bool is_known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 &&
			w.ws_col > 0 && w.ws_row > 0;

	t->shape.width = is_known ? w.ws_col : 80;
	t->shape.height = is_known ? w.ws_row : 24;
}

static bool
write_all(struct str s)
{
	while (s.n > 0) {
		ssize_t n = write(STDOUT_FILENO, s.p, s.n);

		if (n < 0 && errno == EINTR && !is_ended)
			continue;
		if (n <= 0)
			return false;
		s = str_skip(s, (size_t)n);
	}
	return true;
}

static void
draw(struct top *t)
{
	struct text out;

	t->shape.filter = t->shape.is_typing ? t->typed : t->filter;
	t->shape.trouble = t->is_troubled ? t->trouble.text : NULL;
	text_grow(&out, FRAME_MAX);
	text_add(&out, "\x1b[H");
	top_draw(t->frame, &t->shape, &out);
	if (!write_all(text_view(&out)))
		t->is_leaving = true;
	text_done(&out);
}

static void
refresh(struct top *t)
{
	enum exit_status status;
	struct json *frame = ask(t, &t->trouble, &status);

	t->is_troubled = !frame;
	if (!frame)
		return;
	json_free(&t->frame);
	t->frame = frame;
}

static void
scroll(struct top *t, ptrdiff_t by)
{
	size_t n = json_count(json_get(t->frame, "accounts"));

	if (by < 0)
		t->shape.skip -=
		    t->shape.skip < (size_t)-by ? t->shape.skip : (size_t)-by;
	else if (t->shape.skip + (size_t)by < n)
		t->shape.skip += (size_t)by;
}

static void
set_sort(struct top *t, size_t sort)
{
	t->sort = sort;
	t->shape.skip = 0;
	put_option(&t->line, "sort", sorts[sort]);
	refresh(t);
}

static void
set_filter(struct top *t)
{
	memcpy(t->filter, t->typed, sizeof(t->filter));
	t->shape.skip = 0;
	put_option(&t->line, "filter", t->filter);
	refresh(t);
}

static void
on_typed(struct top *t, char c)
{
	size_t n = strlen(t->typed);

	if (c == '\r' || c == '\n') {
		t->shape.is_typing = false;
		set_filter(t);
	} else if (c == ESCAPE) {
		t->shape.is_typing = false;
	} else if (c == 127 || c == 8) {
		if (n > 0)
			t->typed[n - 1] = '\0';
	} else if (c >= ' ' && c < 127 && n + 1 < sizeof(t->typed)) {
		t->typed[n] = c;
		t->typed[n + 1] = '\0';
	}
}

static void
on_key(struct top *t, char c)
{
	switch (c) {
	case 'q':
	case 'Q':
	case 4:
		t->is_leaving = true;
		break;
	case 's':
		set_sort(t, (t->sort + 1) % SORTS);
		break;
	case '/':
		t->shape.is_typing = true;
		memcpy(t->typed, t->filter, sizeof(t->typed));
		break;
	case 'j':
		scroll(t, 1);
		break;
	case 'k':
		scroll(t, -1);
		break;
	case ' ':
		refresh(t);
		break;
	default:
		break;
	}
}

/* "ESC [ A" and its like come in one piece; a bare ESC is the key. */
static void
on_keys(struct top *t, struct str keys)
{
	while (keys.n > 0) {
		if (keys.n >= 3 && keys.p[0] == ESCAPE && keys.p[1] == '[') {
			char c = keys.p[2];

			if (!t->shape.is_typing)
				scroll(t, c == 'A'   ? -1
					  : c == 'B' ? 1
					  : c == '5' ? -10
					  : c == '6' ? 10
						     : 0);
			keys = str_skip(keys, c >= '0' && c <= '9' ? 4 : 3);
			continue;
		}
		if (t->shape.is_typing)
			on_typed(t, keys.p[0]);
		else
			on_key(t, keys.p[0]);
		keys = str_skip(keys, 1);
	}
}

/* Raw but for what prints: a key comes at once, ^C is still a signal. */
static bool
enter(struct top *t)
{
	static const char begin[] = "\x1b[?1049h\x1b[?25l\x1b[2J";
	struct sigaction end = {.sa_handler = on_end};
	struct sigaction resize = {.sa_handler = on_resize};
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &t->before) < 0)
		return false;
	sigaction(SIGINT, &end, NULL);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGHUP, &end, NULL);
	sigaction(SIGQUIT, &end, NULL);
	sigaction(SIGWINCH, &resize, NULL);
	signal(SIGPIPE, SIG_IGN);
	raw = t->before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	raw.c_cc[VSUSP] = _POSIX_VDISABLE;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
	return write_all(str_make(begin, sizeof(begin) - 1));
}

static void
leave(struct top *t)
{
	static const char end[] = "\x1b[0m\x1b[?25h\x1b[?1049l";

	is_ended = 0; /* this is written to its end */
	write_all(str_make(end, sizeof(end) - 1));
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &t->before);
}

/* A signal between the looks at the flags and the sleep is not lost: they are
 * only let in while it sleeps. */
static void
wait_for_keys(struct top *t, int64_t until_us, const sigset_t *awake)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
	int64_t left_us = until_us - time_mono_us();
	char keys[KEYS];

	if (left_us < 0)
		left_us = 0;
	const struct timespec wait = {
	    left_us / TIME_US, left_us % TIME_US * 1000};

	if (ppoll(&p, 1, &wait, awake) <= 0)
		return;
	ssize_t n = read(STDIN_FILENO, keys, sizeof(keys));

	if (n <= 0)
		t->is_leaving = true; /* the terminal is gone */
	else
		on_keys(t, str_make(keys, (size_t)n));
}

static void
live(struct top *t)
{
	int64_t next_us = time_mono_us() + t->every_us;
	sigset_t blocked, awake;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGHUP);
	sigaddset(&blocked, SIGQUIT);
	sigaddset(&blocked, SIGWINCH);
	sigprocmask(SIG_BLOCK, &blocked, &awake);
	while (!t->is_leaving && !is_ended) {
		measure(t);
		is_resized = 0;
		draw(t);
		wait_for_keys(t, next_us, &awake);
		if (time_mono_us() < next_us)
			continue;
		refresh(t);
		next_us = time_mono_us() + t->every_us;
	}
	sigprocmask(SIG_SETMASK, &awake, NULL);
}

static enum exit_status
once(struct top *t)
{
	struct text out;

	t->shape.height = 0;
	t->shape.filter = t->filter;
	text_grow(&out, FRAME_MAX);
	top_draw(t->frame, &t->shape, &out);
	bool is_written = write_all(text_view(&out));

	text_done(&out);
	return is_written ? EXIT_OK : EXIT_FAILED;
}

static bool
take_options(struct top *t, const struct client_line *l)
{
	const char *sort = client_option(l, "sort");
	const char *filter = client_option(l, "filter");
	const char *every = client_option(l, "every");
	int64_t seconds = EVERY_US / TIME_US;
	struct text f;

	while (sort && t->sort + 1 < SORTS && strcmp(sorts[t->sort], sort) != 0)
		t->sort++;
	text_init(&f, t->filter, sizeof(t->filter));
	text_add(&f, filter ? filter : "");
	if (every && (!time_parse_duration(str_from(every), &seconds) ||
			 seconds < EVERY_MIN || seconds > EVERY_MAX))
		return false;
	t->every_us = seconds * TIME_US;
	return true;
}

enum exit_status
top_run(struct client_line *l, const char *socket)
{
	struct top t = {.line = *l, .socket = socket};
	bool is_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	const char *no_color = getenv("NO_COLOR");
	enum exit_status status;

	if (!take_options(&t, l)) {
		fprintf(stderr, "outpost: --every is from 1s to 1h\n");
		return EXIT_USAGE;
	}
	t.line.is_json = true;
	setlocale(LC_CTYPE, "");
	t.shape.is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	measure(&t);
	t.frame = ask(&t, &t.trouble, &status);
	if (!t.frame) {
		fprintf(stderr, "outpost: %s\n", t.trouble.text);
		return status;
	}
	t.shape.is_live = is_terminal && !client_option(l, "once");
	t.shape.is_colored = t.shape.is_live && !(no_color && *no_color);
	if (!t.shape.is_live) {
		status = once(&t);
	} else if (enter(&t)) {
		live(&t);
		leave(&t);
	}
	json_free(&t.frame);
	return status;
}
