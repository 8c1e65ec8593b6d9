/* pipeline_sender - senders that aren't the account's, or whose domain doesn't
 * let our addresses send (SPF)
 */
#include "daemon/pipeline_state.h"

static void
print_unauthorised(
    const struct pipeline *p, struct str sender, struct text *action)
{
	const char *include = p->settings->domains.spf_include;
	size_t at = (size_t)(str_find_last(sender, STR("@")) + 1);

	text_printf(action,
	    "REJECT 5.7.1 Mail from %.*s is not sent from here: its SPF record "
	    "does not let us",
	    STR_ARG(str_head(str_skip(sender, at), 100)));
	if (*include)
		text_printf(action, " (it needs include:%s)", include);
}

/* Not of what stays inside; in observe mode nobody is refused. */
bool
pipeline_refuses_sender(const struct pipeline *p,
    const struct policy_request *q, struct str account,
    const struct admission_request *ask, struct text *action)
{
	const struct domains_settings *s = &p->settings->domains;
	const struct pipeline_hooks *h = &p->hooks;

	if ((!s->refuse_unauthorised && !s->refuse_foreign_senders) ||
	    ask->stage != ADMISSION_RCPT || ask->is_inside ||
	    !standings_is_enforcing(p->standings))
		return false;
	if (s->refuse_foreign_senders && h->is_foreign_sender &&
	    h->is_foreign_sender(h->ctx, account, q->sender)) {
		text_add(action, "REJECT 5.7.1 The sender's address is "
				 "another mailbox's");
		return true;
	}
	if (s->refuse_unauthorised && h->is_unauthorised &&
	    h->is_unauthorised(h->ctx, q->sender)) {
		print_unauthorised(p, q->sender, action);
		return true;
	}
	return false;
}

/* "<SENDER>: Sender address rejected: not owned by user LOGIN": Postfix writes
 * the login that it has checked; the sender, who may imitate all of it, is
 * known from the line's end. So may the recipient, of a client that never
 * logged in; but behind him stands a bracket. */
static bool
find_login(const struct postfix_line *l, struct str *login)
{
	struct str text = line_get(l, FIELD_TEXT);

	*login = text;
	return line_has(l, FIELD_FROM) && str_take(login, STR("<")) &&
	       str_take(login, line_get(l, FIELD_FROM)) &&
	       str_take(login,
		   STR(">: Sender address rejected: not owned by user ")) &&
	       login->n > 0 && str_find_char(*login, '>') < 0;
}

void
pipeline_tell_sender(
    struct pipeline *p, const struct logline *log, const struct postfix_line *l)
{
	char account[ACCOUNT_TEXT];
	struct ip client = {0};
	struct str login;
	struct text name;

	if (!str_is(log->program, STR("smtpd")) || !find_login(l, &login))
		return;
	text_init(&name, account, sizeof(account));
	if (!account_from_login(&p->accounts, login, &name))
		return;
	ip_parse(line_get(l, FIELD_CLIENT_ADDRESS), &client);
	const struct fact f = {
	    .kind = FACT_FOREIGN_SENDER,
	    .at = log->at_us / 1000000,
	    .account = text_view(&name),
	    .domain = account_domain(text_view(&name)),
	    .is_shared = account_is_shared(&p->accounts, text_view(&name)),
	    .client = client,
	    .sender = line_get(l, FIELD_FROM),
	    .recipient = line_get(l, FIELD_TO),
	    .n = 1,
	    .host = log->host,
	    .instance = log->instance,
	};

	pipeline_fact(p, &f);
}
