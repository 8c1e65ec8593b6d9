/* check_parts - inside `outpost check`; only check*.c include this */
#ifndef CLI_CHECK_PARTS_H
#define CLI_CHECK_PARTS_H

#include "base/json.h"
#include "cli/check.h"

enum check_level { CHECK_OK, CHECK_WARN, CHECK_FAIL, CHECK_LEVELS };

struct check {
	const struct settings *settings;
	const struct client_line *line;
	const char *postfix; /* its config_directory; NULL: the default one */
	int64_t now;
	bool is_json;
	struct text out;
	struct json_out json;
	unsigned found[CHECK_LEVELS];
};

/* One finding. mend: the line that puts it right; NULL when there is none. */
void check_say(struct check *c, enum check_level level, const char *what,
    const char *mend, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Runs a program without a shell, its standard output goes to out. false: it
 * can't be run, failed, or took longer than some seconds (then it is killed).
 */
bool check_command(const char *const argv[], struct text *out);

/* The parts. */
void check_postfix(struct check *c);
void check_log(struct check *c);
void check_redis(struct check *c);
void check_hooks(struct check *c);
void check_daemon(struct check *c);
void check_logging(struct check *c);
void check_dovecot(struct check *c);

/* check_postfix.c: postconf [-c DIR] FLAGS [NAME]; the caller's; NULL when it
 * fails. */
char *check_postconf(const char *config, const char *flags, const char *name);
/* check_tables.c: of one instance, whose services have `own` (postconf -Px) for
 * themselves. */
void check_tables(struct check *c, const char *config, const char *own);
/* check_pools.c: of one instance. false: it was said what is wrong. */
bool check_pools(struct check *c, const char *config);

/* check_daemon.c: what outpostd answers to this question, as JSON; json_free.
 * NULL: it doesn't. */
struct json *check_ask(
    struct check *c, enum command_id command, struct error *err);
/* check_ips.c */
void check_ips(struct check *c);
void check_certificates(struct check *c, const char *config);

/* check_socket.c: can Postfix's smtpd, running as this user, ask there? address
 * as sock.h has it, path as seen from outside the chroot. */
void check_socket(struct check *c, const char *address, const char *owner);

#endif
