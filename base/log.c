/* log - the daemon's own log, on stderr */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/text.h"

enum { SENTENCE_MAX = 2048 };

static const char *log_program = "outpost";
static enum log_level log_level = LOG_LEVEL_INFO;
static int log_has_priority;

void
log_init(const char *program, enum log_level level, int has_priority)
{
	log_program = program;
	log_level = level;
	log_has_priority = has_priority;
}

/* One write per line: lines of two threads don't mix. If stderr doesn't take
 * it there is nobody left to tell. */
static void
write_line(const char *p, size_t n)
{
	while (write(STDERR_FILENO, p, n) < 0 && errno == EINTR)
		;
}

__attribute__((format(printf, 2, 0))) static void
put(enum log_level level, const char *fmt, va_list ap)
{
	static const char *const names[] = {[LOG_LEVEL_ERROR] = "error: ",
	    [LOG_LEVEL_WARNING] = "warning: ",
	    [LOG_LEVEL_NOTICE] = "",
	    [LOG_LEVEL_INFO] = "",
	    [LOG_LEVEL_DEBUG] = "debug: "};
	char sentence[SENTENCE_MAX], line[SENTENCE_MAX + 64];
	struct text raw, t;

	if (level > log_level)
		return;
	text_init(&raw, sentence, sizeof(sentence));
	text_vprintf(&raw, fmt, ap);
	text_init(&t, line, sizeof(line) - 1);
	if (log_has_priority)
		text_printf(&t, "<%d>", (int)level);
	else
		text_printf(&t, "%.30s: %s", log_program, names[level]);
	text_printable(&t, text_view(&raw));
	line[t.n] = '\n';
	write_line(line, t.n + 1);
}

void
log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(LOG_LEVEL_ERROR, fmt, ap);
	va_end(ap);
}

void
log_warning(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(LOG_LEVEL_WARNING, fmt, ap);
	va_end(ap);
}

void
log_notice(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(LOG_LEVEL_NOTICE, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(LOG_LEVEL_INFO, fmt, ap);
	va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(LOG_LEVEL_DEBUG, fmt, ap);
	va_end(ap);
}
