/* letter - the mail that an account's owner gets, as RFC 5322 text
 *
 * One for each stage of a case. It says what was stopped and what still works,
 * why, which messages caused it, until when, and what to do now; as text and as
 * HTML, in the owner's language (etc/templates). Two are of no case: to who
 * sends under a wrong sender. The abuse desk gets one a day about its cases,
 * one while Outpost observes, and one when an owner is not known. Pure: text
 * out.
 */
#ifndef NOTIFY_LETTER_H
#define NOTIFY_LETTER_H

#include "notify/case_file.h"
#include "notify/settings.h"
#include "notify/template_set.h"

enum { LETTER_SIZE = 512 * 1024, LETTER_MESSAGES = 10 };

enum letter_stage {
#define STAGE(ID, name, help) LETTER_##ID,
#include "notify/letter_stages.def"
#undef STAGE
	LETTER_STAGES,
	/* Of no case: a SENDER event has what they tell. */
	LETTER_SPF = LETTER_STAGES,
	LETTER_SENDER,
	/* A WARNING that a forward passes on spam (letter_is_of_forward). */
	LETTER_FORWARD,
	/* Those before are to the owner, as text and HTML; to the desk, as
	 * text. */
	LETTER_OWNERS,
	LETTER_DESK_UNKNOWN = LETTER_OWNERS,
	LETTER_DESK_DIGEST,
	LETTER_DESK_REPORT,
	LETTER_DESK_LISTED, /* its evidence has the fields, as the one above */
	LETTER_DESK_INCIDENT,
	LETTER_ALL
};
/* The rule of a DIGEST event about cases: its evidence has the members of
 * letter.desk-report's fields. */
#define LETTER_REPORT_RULE "cases"
/* The rule of a WARNING that a forward passes on spam (limits/forwarded.h), and
 * what stands before its owner's address there. */
#define LETTER_FORWARD_RULE "forwarded_spam"
#define LETTER_FORWARD_PREFIX "fwd:"
bool letter_is_of_forward(const struct event *e);
const char *letter_stage_text(enum letter_stage s); /* "suspended" */
bool letter_stage_parse(struct str s, enum letter_stage *out);

/* The templates of all letters. NULL and *err (file, line, why). own: the
 * operator's folder, or "". */
struct template_set *letter_forms(
    const char *own, const char *language, struct error *err);

/* Is somebody written to about this event, and what? The settings say which
 * stages are written. A hold's lift is told only if holds are. */
bool letter_is_due(const struct notify_settings *s, const struct event *e,
    enum letter_stage *out);

/* A plain address: nothing in it could end a header or an SMTP command. */
bool letter_is_address(struct str s);
/* Do both reach one mailbox, as far as one can see: alike but for case and what
 * follows a + in it? */
bool letter_is_same_mailbox(struct str a, struct str b);

struct letter {
	const struct notify_settings *settings;
	const struct template_set *forms;
	enum letter_stage stage;
	const struct case_file *file; /* of a stage, and DESK_UNKNOWN; of SPF
				       * and SENDER: its account */
	const struct event *digest;   /* of DESK_DIGEST and those after it; of
				       * SPF and SENDER, may be NULL */
	struct str language, owner_name, password_page;
	const char *to;	 /* letter_is_address */
	bool is_itself;	 /* that is the suspended mailbox: no link is written */
	struct str link; /* empty: none */
	int64_t link_until;
	int64_t closes_at; /* when the case is closed; 0: not known */
	int64_t probation; /* seconds; 0: none */
	const char *why;   /* of DESK_UNKNOWN */
	const char *id;	   /* the Message-ID's left part */
	int64_t now;
};

/* The whole message with CRLF line ends, in 7 bits. */
void letter_write(const struct letter *l, struct text *out);
/* Its subject and its text part, as people read them: for a preview. */
void letter_write_text(const struct letter *l, struct text *out);

#endif
