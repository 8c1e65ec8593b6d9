/* desk_domain_set - what a person changed in a domain's zone becomes an event
 *
 * The command asks the zone's server itself, with a key that outpostd hasn't.
 * Then it tells outpostd what was done: so that it stands in the history, on
 * every node.
 */
#include "daemon/app_domains.h"
#include "daemon/app_state.h"
#include "daemon/desk.h"
#include "domains/settings.h"
#include "limits/sanction_event.h"

static bool
is_object(struct str json)
{
	struct json *doc = json_parse(json, NULL);
	bool is_one = json_is_object(doc) && json.n < EVENT_EVIDENCE - 1;

	json_free(&doc);
	return is_one;
}

static void
tell(struct desk *d, const struct control_request *q, const char *domain,
    struct str rung, struct str reason)
{
	struct standing_state state;
	struct sanction_about about;
	static struct event e;

	pipeline_about(
	    d->pipeline, SUBJECT_DOMAIN, str_from(domain), &state, &about);
	sanction_event_begin(&about, EVENT_DOMAIN_SET, &e);
	e.is_operator = true;
	sanction_event_put(e.kind, sizeof(e.kind),
	    str_from(subject_kind_text(SUBJECT_DOMAIN)));
	sanction_event_put(e.subject, sizeof(e.subject), str_from(domain));
	sanction_event_put(e.rung, sizeof(e.rung), rung);
	sanction_event_put(e.by, sizeof(e.by), str_from(q->user));
	sanction_event_put(e.reason, sizeof(e.reason), reason);
	sanction_event_put(
	    e.evidence, sizeof(e.evidence), control_option(q, "records"));
	standings_own_cause(&e, e.cause);
	d->emit(d->ctx, &e);
}

bool
desk_domain_revoke(struct desk *d, const struct control_request *q,
    const char *domain, struct control_reply *r)
{
	if (!q->may_change)
		return control_fail(r, EXIT_DENIED,
		    "only root and the admins of the settings may revoke");
	app_domains_revoke(d->app->domains, domain);
	tell(d, q, domain, STR("revoke"),
	    STR("the links to its page that were given out before hold no "
		"more"));
	r->is_order = true;
	return true;
}

void
desk_domain_set(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	char domain[DNS_NAME];

	if (!q->may_change) {
		control_fail(r, EXIT_DENIED,
		    "only root and the admins of the settings may tell");
		return;
	}
	if (!domains_is_domain(q->args[1], domain) ||
	    !is_object(control_option(q, "records"))) {
		control_fail(r, EXIT_USAGE, "domain set NAME");
		return;
	}
	tell(d, q, domain, q->args[0], control_option(q, "done"));
	r->is_order = true;
}
