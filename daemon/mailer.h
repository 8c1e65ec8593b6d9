/* mailer - writes the letters of events and hands them in
 *
 * For an event: which letter is it, who is the owner (notify/directory.h), then
 * one message for each address. A letter is sent when one of them was taken.
 * Nobody known: the desk is told, when an account was stopped. One letter for
 * each case and stage, and no more than so many a day about one account.
 */
#ifndef DAEMON_MAILER_H
#define DAEMON_MAILER_H

#include "notify/directory.h"
#include "notify/letter.h"
#include "notify/post.h"

/* What became of a letter of a case. */
struct mailer_result {
	const struct case_head *about;
	enum letter_stage stage;
	struct str language;
	const char *outcome;   /* "sent", or why not */
	const char *const *to; /* addresses that took it */
	size_t n_to;
};
extern const char mailer_sent[]; /* "sent" */

struct mailer_hooks {
	/* The case an event is about; NULL: none is known. The mailer frees it.
	 */
	struct case_file *(*read)(void *ctx, const struct event *e);
	/* The link to its page, and until when it holds; nothing: there is
	 * none. */
	int64_t (*link)(
	    void *ctx, const struct case_head *about, struct text *out);
	/* The same for the page of a domain's health. */
	int64_t (*domain_link)(void *ctx, const char *domain, struct text *out);
	/* When it is closed without an answer, for how long closer limits hold
	 * after its end; 0: not at all. */
	int64_t (*closes_at)(void *ctx, const struct case_head *about);
	int64_t (*probation)(void *ctx, const struct event *e);
	/* Letters sent about an account in the last day. */
	size_t (*count)(void *ctx, struct str account);
	void (*told)(void *ctx, const struct mailer_result *r);
	void *ctx;
};

struct mailer;
struct mailer *mailer_new(
    struct loop *l, struct directory *d, const struct mailer_hooks *hooks);
void mailer_free(struct mailer **m);
/* Views; they must hold until they are set again. */
void mailer_set(struct mailer *m, const struct notify_settings *s,
    const struct template_set *forms);

/* false: no letter is due, no answer comes. Else it comes once, never before
 * this returns. */
bool mailer_send(struct mailer *m, struct fetcher *f, const struct event *e,
    post_fn *on_done, void *ctx);
/* Before the fetcher is freed: what waits for the directory is answered. */
void mailer_cancel(struct mailer *m, const struct fetcher *f);
/* The courier has given up on it. */
void mailer_given_up(struct mailer *m, const struct event *e, const char *why);

/* A letter as people read it, or (is_source) as mail, without sending it.
 * language empty: the settings'. */
void mailer_preview(struct mailer *m, const struct case_file *f,
    enum letter_stage stage, struct str language, bool is_source,
    struct text *out);

#endif
