/* manual_retention - the part of outpost.conf(5) about how long what is kept */
#include "cli/manual.h"

static const struct {
	const char *what, *kept;
} rows[] = {
    {"counts of an account, a domain", "35 days, the older the coarser"},
    {"counts of a client, a network",
	"8 days, or as long as a limit asks about; the size of mail a day, unless "
	"a limit is about that"},
    {"events", "event_retention, events_kept at most; in Redis 8 days"},
    {"standings", "as long as one is in force, and 30 days (repeats)"},
    {"cases and what they copied",
	"case_keep after their end, cases_max at most; longer on order (outpost "
	"case CASE keep)"},
    {"lines of the log, in memory", "case_log_for, case_log bytes at most"},
    {"complaints", "complaint_retention, complaints_kept at most"},
    {"what DMARC reports say", "dmarc_keep, by whole days"},
    {"who wants no more mail of an account",
	"until it is taken back, suppressed_max at most"},
    {"whose message a Message\\-ID is (Redis)",
	"message_ids_kept, by whole days; names ten days more"},
    {"whose message a queue id is (Redis)", "queue_ids_kept, by whole days"},
    {"hashes of reports that were counted", "60 days, reports_kept at most"},
    {"webhooks' events that were given up", "parked_retention"},
    {"what the directory said of an owner, in memory", "directory_keep"},
    {"provider's sums (outpost complaints \\-\\-by provider)",
	"35 days; they name nobody"},
    {"configurations", "configs_kept at most"},
};

void
manual_retention(struct text *out)
{
	text_add(out,
	    ".SH RETENTION\n"
	    "How long which kind of data is kept; what is older goes by "
	    "itself.\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		text_printf(out, ".TP\n%s\n%s.\n", rows[i].what, rows[i].kept);
	text_add(out,
	    ".PP\n"
	    "outpost forget ACCOUNT removes all of this that names an account "
	    "at once, on every host. What remains is not Outpost's: Postfix's "
	    "log, what was told to others (letters, webhooks), backups; and "
	    "pages of its own files that are free until they are written "
	    "over. A host that was away for longer than Redis keeps events "
	    "doesn't hear of it: give the order again.\n");
}
