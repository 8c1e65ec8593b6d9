/* case_file - all of one case, for who shows it: the page, letters, the desk
 *
 * The head (notify/case.h) and lists of what its events say. Texts are
 * NUL-terminated and never NULL; they are foreign bytes (what the owner and the
 * log wrote), made harmless by who shows them. Lists are oldest first and
 * bounded; all of it lives until case_file_free. Pure.
 */
#ifndef NOTIFY_CASE_FILE_H
#define NOTIFY_CASE_FILE_H

#include "notify/case.h"

enum {
	CASE_MESSAGES = 24,
	CASE_NAMED = 5, /* recipients of one whose addresses are kept */
	CASE_NETWORKS = 32,
	CASE_COMPLAINTS = 32,
	CASE_REASONS = 16,
	CASE_LINES = 400,
	CASE_LETTERS = 32,
	CASE_STEPS = 500,
	CASE_BARS = 60,
	CASE_COUNTS = 32,
	CASE_NODES = 8,
};

struct case_reason {
	const char *rule, *text;
	int64_t points;
	/* As in limits/judge.h; count is empty when it isn't told. */
	const char *count;
	int64_t window, value, bound;
	bool is_limit, is_warning, is_own, is_share;
};

struct case_message {
	int64_t at;
	const char *instance, *queue_id; /* of the node's Postfix */
	const char *sender, *subject;	 /* subject: mostly not known */
	const char *client, *country, *country_name; /* DE, Germany */
	int64_t size_bytes, recipients;
	const char *to[CASE_NAMED]; /* some of them */
	size_t n_to;
};

struct case_network {
	struct ip_net net;
	const char *text, *country, *country_name;
	int64_t first_seen, last_seen;
	bool is_known;	     /* used long before the evidence began */
	bool is_in_evidence; /* mail came from it since */
};

struct case_complaint {
	int64_t at;
	const char *provider, *kind, *subject, *message_id, *header;
};

struct case_count {
	const char *name; /* "recipients" */
	int64_t hour, day, week;
};

/* What one node told: where the log lines are from, and by which rule. */
struct case_place {
	const char *host, *version, *config;
	const char *rule_text; /* as in the configuration */
};

struct case_said {
	int64_t at;
	enum case_answer answer;
	const char *what, *to, *agreed; /* in the owner's words */
	const char *client, *country, *language;
	bool is_in_evidence;
};

struct case_letter {
	int64_t at;
	const char *stage, *language, *outcome;
	const char *to; /* addresses, with commas */
};

/* Every event of the case, in words for the desk. */
struct case_step {
	int64_t at;
	enum event_type type;
	const char *by;
	const char *what;   /* "suspended", "answered: it was not me" */
	const char *reason; /* may be empty */
	const char *id;	    /* the event's */
};

struct case_file {
	struct case_head head;
	const char *reason; /* why, in words */
	struct case_reason reasons[CASE_REASONS];
	struct case_message messages[CASE_MESSAGES];
	struct case_network networks[CASE_NETWORKS];
	struct case_complaint complaints[CASE_COMPLAINTS];
	struct case_count counts[CASE_COUNTS];
	struct case_place places[CASE_NODES];
	struct case_said said[CASE_ANSWERS];
	struct case_letter letters[CASE_LETTERS];
	struct case_step steps[CASE_STEPS];
	const char *lines[CASE_LINES]; /* of the log, verbatim */
	/* Recipients a minute; the last bar ends at bars_end. */
	int64_t bars[CASE_BARS], bars_end, bar_seconds;
	size_t n_reasons, n_messages, n_networks, n_complaints, n_counts,
	    n_places, n_said, n_letters, n_steps, n_lines, n_bars;
	bool is_cut;	      /* a list had no room for more */
	const char *decision; /* the reason of the latest; may be empty */
	struct arena *arena;
};

struct case_file *case_file_new(void);
void case_file_free(struct case_file **f);
/* Events of one case, in their order (event_compare), each once: as the store
 * gives them. Others are ignored. */
void case_file_add(struct case_file *f, const struct event *e);
/* Of an event of no case: about whom, and what was counted. */
void case_file_note(
    struct case_file *f, struct str account, const struct event *e);

/* Did mail of the case come from the network of this address? */
bool case_file_has_network(const struct case_file *f, const struct ip *client);

#endif
