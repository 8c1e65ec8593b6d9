/* follow_journal - the systemd journal as a source of lines
 *
 * "journal" is this machine's, "journal:NAME" that of a journal namespace,
 * "journal:/DIRECTORY" one kept elsewhere (a container's, another host's by
 * systemd-journal-remote). Read is what has the facility mail or comes from the
 * units of Postfix and Dovecot, and what journald itself says of lines it
 * dropped. The journal knows who wrote an entry, whatever the entry says: one
 * of another user than those that are trusted is passed over.
 *
 * An entry becomes the syslog line that rsyslog would make of it. The position
 * is the journal's cursor; when its entry is gone, that is told, and reading
 * goes on from its time.
 */
#ifndef FOLLOW_FOLLOW_JOURNAL_H
#define FOLLOW_FOLLOW_JOURNAL_H

#include <sys/types.h>

#include "follow/follow_source.h"

enum {
	FOLLOW_TRUSTED = 16,
	/* A first start reads so many seconds, a week, as of mail.log. */
	FOLLOW_JOURNAL_FIRST = 7 * 86400,
};

/* Whose entries are believed. */
struct follow_trust {
	uid_t v[FOLLOW_TRUSTED];
	size_t n;
	bool is_anybody;
};

struct follow_journal;

bool follow_journal_is(struct str path);
/* path is the caller's and outlives it, trust too; NULL: anybody. */
struct follow_journal *follow_journal_new(
    const char *path, const struct follow_trust *trust);
void follow_journal_free(struct follow_journal **j);

/* As follow_source_read; a turn takes well under a millisecond. */
int follow_journal_read(struct follow_journal *j,
    const struct follow_sink *sink, struct error *err);
/* Readable when there is news; -1: not open. Changes with each opening. */
int follow_journal_fd(const struct follow_journal *j);
bool follow_journal_is_behind(const struct follow_journal *j);

/* Of the last entry that was read; empty: none. Valid until the next read. */
struct str follow_journal_cursor(const struct follow_journal *j);
/* Did the last read read any? */
bool follow_journal_is_news(const struct follow_journal *j);
/* Go on after this one. */
void follow_journal_place(struct follow_journal *j, struct str cursor);
/* The time in a cursor, microseconds; 0: there is none. */
int64_t follow_journal_cursor_us(struct str cursor);

#endif
