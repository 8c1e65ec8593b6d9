/* held_select - which of the held messages an order is about */
#include "daemon/held_select.h"

#include "base/time.h"
#include "daemon/trace_find.h"
#include "mta/account.h"

static int
add_net(struct held_select *s, struct str text, struct error *err)
{
	if (str_is(text, STR("local"))) {
		s->is_local = true;
		return 0;
	}
	if (s->n_nets == HELD_NETS)
		return error_set(err, "more than %d networks", HELD_NETS);
	if (!ip_net_parse(text, &s->nets[s->n_nets]))
		return error_set(err,
		    "\"%.*s\" is neither an address nor a network, nor local",
		    STR_ARG(text));
	s->n_nets++;
	return 0;
}

static int
add_before(
    struct held_select *s, struct str text, int64_t now, struct error *err)
{
	if (s->before != 0)
		return error_set(err, "two times are given");
	if (!trace_parse_since(text, now, &s->before) || s->before <= 0)
		return error_set(err,
		    "\"%.*s\" is no time (22:40, \"2026-11-21 22:40\", RFC "
		    "3339, or 2h: so long ago)",
		    STR_ARG(text));
	return 0;
}

static int
add_item(struct held_select *s, struct str item, int64_t now, struct error *err)
{
	item = str_trim(item);
	if (str_take(&item, STR("before ")))
		return add_before(s, str_trim(item), now, err);
	if (str_take(&item, STR("from ")))
		return add_net(s, str_trim(item), err);
	return error_set(err,
	    "\"%.*s\" is none of all, before TIME, from NETWORK",
	    STR_ARG(item));
}

int
held_select_parse(
    struct str s, int64_t now, struct held_select *out, struct error *err)
{
	struct held_select found = {.is_given = true};
	struct str item;

	while (!str_is(str_trim(s), STR("all")) && str_cut(&s, ',', &item)) {
		if (add_item(&found, item, now, err) < 0)
			return -1;
	}
	if (!str_is(str_trim(s), STR("all")) &&
	    add_item(&found, s, now, err) < 0)
		return -1;
	*out = found;
	return 0;
}

static void
print_item(struct text *out, bool *is_later, const char *word)
{
	text_printf(out, "%s%s ", *is_later ? ", " : "", word);
	*is_later = true;
}

void
held_select_print(const struct held_select *s, struct text *out)
{
	bool is_later = false;

	if (s->before > 0) {
		print_item(out, &is_later, "before");
		time_rfc3339(out, s->before);
	}
	for (size_t i = 0; i < s->n_nets; i++) {
		print_item(out, &is_later, "from");
		ip_net_format(out, &s->nets[i]);
	}
	if (s->is_local) {
		print_item(out, &is_later, "from");
		text_add(out, "local");
	}
	if (!is_later)
		text_add(out, s->is_given ? "all" : "none");
}

static bool
has_place(const struct held_select *s, const struct ip *client)
{
	if (s->n_nets == 0 && !s->is_local)
		return true;
	if (ip_is_none(client))
		return s->is_local;
	for (size_t i = 0; i < s->n_nets; i++) {
		if (ip_net_has(&s->nets[i], client))
			return true;
	}
	return false;
}

bool
held_select_has(const struct held_select *s, const struct queue_message *m)
{
	return s->is_given && (s->before == 0 || m->to < s->before) &&
	       has_place(s, &m->client);
}

bool
held_scope_has(const struct held_scope *s, const struct queue_message *m)
{
	if (s->account.n > 0)
		return str_is_nocase(m->account, s->account);
	if (s->domain.n > 0)
		return str_is_nocase(account_domain(m->account), s->domain);
	return !ip_is_none(&m->client) && ip_net_has(&s->net, &m->client);
}

static bool
is_place(const struct held_place *p, const struct queue_message *m)
{
	if (p->origin != m->origin ||
	    ip_is_none(&p->net.ip) != ip_is_none(&m->client))
		return false;
	return ip_is_none(&m->client) || ip_net_has(&p->net, &m->client);
}

static struct held_place *
get_place(struct held_tally *t, const struct queue_message *m)
{
	for (size_t i = 0; i < t->n_places; i++) {
		if (is_place(&t->v[i], m))
			return &t->v[i];
	}
	if (t->n_places == HELD_PLACES)
		return NULL;
	struct held_place *p = &t->v[t->n_places++];

	*p = (struct held_place){.origin = m->origin};
	if (!ip_is_none(&m->client))
		p->net = ip_network(&m->client);
	return p;
}

void
held_tally_add(struct held_tally *t, const struct queue_message *m)
{
	struct held_place *p = get_place(t, m);

	t->n++;
	t->bytes += m->size_bytes;
	if (t->oldest == 0 || m->to < t->oldest)
		t->oldest = m->to;
	if (!p) {
		t->n_elsewhere++;
		return;
	}
	p->n++;
	p->bytes += m->size_bytes;
	for (; p > t->v && p[-1].n < p->n; p--) {
		const struct held_place was = p[-1];

		p[-1] = *p;
		*p = was;
	}
}

void
held_tally_print(const struct held_tally *t, struct text *out)
{
	for (size_t i = 0; i < t->n_places; i++) {
		const struct held_place *p = &t->v[i];

		text_printf(out, "%s%zu ", i ? ", " : "", p->n);
		if (ip_is_none(&p->net.ip)) {
			text_add(out, "local");
		} else {
			text_add(out, "from ");
			ip_net_format(out, &p->net);
		}
		text_printf(out, " (%s)", queue_origin_text(p->origin));
	}
	if (t->n_elsewhere > 0)
		text_printf(out, ", %zu from elsewhere", t->n_elsewhere);
}
