/* chain_proxy - smtpd_proxy_filter: smtpd itself has no queue id
 *
 * "NOQUEUE: client=..." names the client at each MAIL FROM, "proxy-accept: ...
 * queued as B" the login and the queue id behind the filter (Postfix 3.7 names
 * no client there). One smtpd process serves one client at a time: what it said
 * first is kept as a flight under its process id, "@1234".
 */
#include "mta/chain_flight.h"

enum { NAME = 16 };

static struct str
print_name(const struct logline *line, char buf[NAME])
{
	struct text t;

	text_init(&t, buf, NAME);
	text_char(&t, '@');
	text_i64(&t, logline_pid(line));
	return text_view(&t);
}

static void
take_client(struct chains *c, const struct flight_name *name,
    const struct postfix_line *l)
{
	struct flight *f = flight_find_own(c, name);
	struct ip ip;

	if (f)
		chain_end(c, f);
	if (!ip_parse(line_get(l, FIELD_CLIENT_ADDRESS), &ip))
		return;
	f = flight_new(c, name);
	if (!f)
		return;
	f->client = ip;
	flight_put(c, f, LIST_NEW);
}

/* What it said of its client, once; none: not known. */
static struct ip
end_client(struct chains *c, const struct flight_name *name)
{
	struct flight *f = flight_find_own(c, name);
	struct ip ip = {0};

	if (f) {
		ip = f->client;
		flight_free(c, f);
	}
	return ip;
}

static void
accept_it(struct chains *c, struct flight *f, const struct postfix_line *l,
    struct ip ip)
{
	char account[ACCOUNT_TEXT];
	struct text t;

	/* Later versions might name it. */
	ip_parse(line_get(l, FIELD_CLIENT_ADDRESS), &ip);
	f->client = chain_ip(c, &ip) & ADDRESS_FRONT ? (struct ip){0} : ip;
	text_init(&t, account, sizeof(account));
	bool has_account = account_of(
	    &c->rules, line_get(l, FIELD_SASL_USERNAME), STR(""), &ip, &t);

	chain_resolve(
	    c, f, has_account ? FLIGHT_ACCOUNT : FLIGHT_INBOUND, text_view(&t));
}

void
chain_proxy(struct chains *c, uint16_t host, uint16_t instance,
    const struct logline *line, const struct postfix_line *l)
{
	struct str id = line_get(l, FIELD_QUEUED_AS);
	char buf[NAME];
	struct flight_name name =
	    flight_name(c, host, instance, print_name(line, buf));

	if (l->kind == LINE_NOQUEUE_CLIENT) {
		if (logline_pid(line))
			take_client(c, &name, l);
		return;
	}
	struct ip ip = end_client(c, &name);

	name = flight_name(c, host, instance, id);
	struct flight *f = id.n ? flight_find(c, &name) : NULL;

	if (l->kind != LINE_PROXY_ACCEPT || id.n == 0 ||
	    (f && (f->kind != FLIGHT_WAITING || f->parent)))
		return;
	if (!f) {
		f = flight_new(c, &name);
		if (!f)
			return;
		f->instance = 0;
		f->flags |= FLIGHT_STUB;
	}
	accept_it(c, f, l, ip);
}
