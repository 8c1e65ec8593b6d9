/* app_incidents_blame - those who caused an incident, for the judge
 *
 * What an event of an incident says is the same on every node; who is named
 * there is judged with it for a while.
 */
#include <stdlib.h>

#include "base/time.h"
#include "daemon/app_incidents_parts.h"

enum {
	BLAMED = 256,	    /* accounts at once */
	LEAST_PERCENT = 10, /* of what isn't usual */
	LEAST_EXCESS = 10,
	FORGOTTEN = 86400,
};

struct blamed {
	int64_t at;
	unsigned percent;
	char account[CAUSES_ACCOUNT + 1];
};

void
app_incidents_blame(
    const struct app_incidents *s, struct str account, struct judge_owner *out)
{
	for (size_t i = 0; s && i < s->n_blamed; i++) {
		const struct blamed *b = &s->blamed[i];

		if (b->percent <= out->blamed ||
		    !str_is(str_from(b->account), account))
			continue;
		out->blamed = b->percent;
		out->blamed_at = b->at;
	}
}

/* One that has its account, else the oldest. */
static struct blamed *
place_for(struct app_incidents *s, struct str account)
{
	struct blamed *oldest = s->blamed;

	for (size_t i = 0; i < s->n_blamed; i++) {
		struct blamed *b = &s->blamed[i];

		if (str_is(str_from(b->account), account))
			return b;
		if (b->at < oldest->at)
			oldest = b;
	}
	return s->n_blamed < BLAMED ? &s->blamed[s->n_blamed++] : oldest;
}

void
app_incidents_forget(struct app_incidents *s, struct str account)
{
	causes_forget(s->causes, account);
	for (size_t i = 0; i < s->n_blamed; i++) {
		if (str_is(str_from(s->blamed[i].account), account))
			*s->blamed[i].account = '\0';
	}
	incidents_forget(s->store, account);
}

static void
name_one(
    struct app_incidents *s, const struct json *cause, int64_t at, bool is_now)
{
	struct str account = json_text(json_get(cause, "account"));
	int64_t percent = json_number(json_get(cause, "share"), 0);
	struct text t;

	if (percent < LEAST_PERCENT || percent > 100 || account.n == 0 ||
	    json_number(json_get(cause, "excess"), 0) < LEAST_EXCESS)
		return;
	if (!s->blamed)
		s->blamed = xalloc(BLAMED, sizeof(*s->blamed));
	struct blamed *b = place_for(s, account);

	b->at = at;
	b->percent = (unsigned)percent;
	text_init(&t, b->account, sizeof(b->account));
	text_str(&t, account);
	struct subject *who =
	    is_now ? ledger_find(pipeline_ledger(s->app->pipeline),
			 SUBJECT_ACCOUNT, account)
		   : NULL;

	if (who)
		pipeline_judge(s->app->pipeline, who);
}

void
app_incidents_name(struct app_incidents *s, const struct event *e, bool is_now)
{
	int64_t now = loop_now_us(s->app->loop) / TIME_US;
	int64_t at = e->at_us / TIME_US;
	struct json *doc;

	if (!*e->evidence || now - at > FORGOTTEN)
		return;
	doc = json_parse(str_from(e->evidence), NULL);
	const struct json *causes = json_get(doc, "causes");

	for (size_t i = 0; i < json_count(causes); i++)
		name_one(s, json_at(causes, i), at, is_now);
	json_free(&doc);
}
