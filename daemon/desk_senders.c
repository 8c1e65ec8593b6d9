/* desk_senders - the accounts that sent most, of all or of a domain or network
 */
#include "base/ip.h"
#include "daemon/desk_gather.h"
#include "limits/scope.h"

static bool
is_of(const struct desk_senders *s, const struct ledger *l,
    const struct subject *account)
{
	if (subject_kind(account) != SUBJECT_ACCOUNT)
		return false;
	if (s->of.domain.n > 0)
		return str_is_nocase(
		    account_domain(subject_key(account)), s->of.domain);
	if (s->of.has_net)
		return scope_has_used(account, &s->of.net, 0);
	return subject_last_seen(account) >= ledger_now(l) - 2 * s->of.window;
}

/* Who woke during the walk comes again. */
static bool
has_come(const struct desk_senders *s, struct str account)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_is(str_from(s->v[i].account), account))
			return true;
	return false;
}

struct step {
	struct desk_senders *senders;
	struct ledger *ledger;
};

static void
take(void *ctx, struct subject *account)
{
	struct step *step = ctx;
	struct desk_senders *s = step->senders;
	struct text t;
	size_t i;

	if (s->begun != s->walk.begun)
		s->n = s->all = 0; /* all come again */
	s->begun = s->walk.begun;
	if (!is_of(s, step->ledger, account) ||
	    has_come(s, subject_key(account)))
		return;
	uint64_t n =
	    subject_sum(step->ledger, account, COUNT_RECIPIENTS, s->of.window);

	s->all++;
	if (s->n == DESK_SENDERS && n <= s->v[s->n - 1].recipients)
		return;
	if (s->n < DESK_SENDERS)
		s->n++;
	for (i = s->n - 1; i > 0 && s->v[i - 1].recipients < n; i--)
		s->v[i] = s->v[i - 1];
	s->v[i].recipients = n;
	text_init(&t, s->v[i].account, sizeof(s->v[i].account));
	text_str(&t, subject_key(account));
}

static bool
step(struct desk_gather *g, struct desk *d, size_t max)
{
	struct desk_senders *s = (struct desk_senders *)g;
	struct step step = {s, pipeline_ledger(d->pipeline)};

	return walk_each(step.ledger, &s->walk, max, take, &step);
}

const struct desk_senders *
desk_senders(struct desk *d, const struct desk_senders_of *of)
{
	char name[DESK_GATHER_NAME];
	struct desk_senders *s;
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printf(&t, "senders %lld %.*s ", (long long)of->window,
	    STR_ARG(of->domain));
	if (of->has_net)
		ip_net_format(&t, &of->net);
	s = (struct desk_senders *)desk_gather_find(d, name);
	if (s)
		return s;
	s = xalloc(1, sizeof(*s));
	memcpy(s->gather.name, name, sizeof(name));
	s->gather.step = step;
	s->of = *of;
	text_init(&t, s->domain, sizeof(s->domain));
	text_str(&t, of->domain);
	s->of.domain = text_view(&t);
	walk_begin(pipeline_ledger(d->pipeline), &s->walk);
	desk_gather_want(d, &s->gather);
	return NULL;
}
