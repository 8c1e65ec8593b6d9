/* local - the commands that need no daemon: explain log, settings, secret ...
 */
#ifndef CLI_LOCAL_H
#define CLI_LOCAL_H

#include "cli/client.h"

struct settings;

enum exit_status local_explain_log(const char *path);
/* local_report.c: `explain report FILE...`. */
enum exit_status local_explain_report(
    const struct settings *s, const struct client_line *l);
/* local_response.c: `explain response TEXT`. */
enum exit_status local_explain_response(
    const struct settings *s, const struct client_line *l);
/* local_ingest.c: `ingest FILE...`. */
enum exit_status local_ingest(
    const struct settings *s, const struct client_line *l);
/* local_csv.c: `ingest --csv FILE...`. */
enum exit_status local_ingest_csv(
    const struct settings *s, const struct client_line *l);
/* `ingest --user`; s may be NULL with the option "to". */
enum exit_status local_ingest_own(
    const struct settings *s, const struct client_line *l);
/* local_postfix.c: asks postconf(1) what stands there, makes the tables, and
 * prints the lines. config: a config_directory, NULL for the default one. */
enum exit_status local_postfix(
    const struct settings *s, const char *config, bool is_json);
enum exit_status local_postfix_outbound(const char *config, bool is_json);
/* local_books.c: `books check|export|import [FILE]`. */
enum exit_status local_books(
    const struct settings *s, const struct client_line *l);
/* Root becomes whom the state directory belongs to: what is made there must be
 * outpostd's. seteuid(0) takes it back. */
int local_become_owner(const char *dir, struct error *err);
/* local_learn.c: `learn FILE...`. */
enum exit_status local_learn(
    const struct settings *s, const struct client_line *l);
/* local_queue.c: `queue ACCOUNT ...` and `holdguard`, by outpost-queue. */
enum exit_status local_queue(
    const struct settings *s, const struct client_line *l);
/* `lift ACCOUNT --delete`: asked of outpostd, and of outpost-queue. */
enum exit_status local_lift(const struct settings *s, struct client_line *l);
enum exit_status local_holdguard(
    const struct settings *s, const struct client_line *l);
/* local_config.c: `config list|show|diff`. */
enum exit_status local_config(
    const struct settings *s, const struct client_line *l);
enum exit_status local_secret(const char *path, bool is_json);
enum exit_status local_settings(struct settings *s, bool is_json);
enum exit_status local_help(const struct client_line *l);

/* Says "outpost: ..." on stderr. */
enum exit_status local_fail(enum exit_status exit, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Writes text to stdout; EXIT_FAILED when that fails. */
enum exit_status local_print(struct str text);
/* The same as {"text": ...} for a program. */
enum exit_status local_print_text(struct str text, bool is_json);

#endif
