/* log - the daemon's own log, on stderr
 *
 * Under systemd each line starts with <N>, the syslog priority. Only the
 * rooms of the programs (daemon, cli, queue, config, web, follow) call this.
 * One line states the fact and its consequence for mail.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

/* has_priority: write <N> (set when JOURNAL_STREAM is in the environment). */
void log_init(const char *program, enum log_level level, int has_priority);
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
