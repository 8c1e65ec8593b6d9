/* desk_subject - the subject that an argument names */
#include "base/ip.h"
#include "daemon/desk_gather.h"

static bool
parse_client(struct str key, struct text *out)
{
	struct ip ip;

	if (!ip_parse(key, &ip))
		return false;
	ip_format(out, &ip);
	return true;
}

static bool
parse_network(struct str key, struct text *out)
{
	struct ip_net net;

	if (!ip_net_parse(key, &net))
		return false;
	ip_net_format(out, &net);
	return true;
}

static void
lower(struct str key, struct text *out)
{
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i];

		text_char(out, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
	}
}

/* Kinds of account have prefixes of their own, which are no subject kinds. */
static bool
has_account_prefix(struct str s)
{
	static const struct str prefixes[] = {
	    {"uid:", 4}, {"ip:", 3}, {"fwd:", 4}, {"cert:", 5}, {"login:", 6}};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (str_starts(s, prefixes[i]))
			return true;
	}
	return false;
}

static bool
parse_account(struct desk *d, struct str s, struct text *out)
{
	if (has_account_prefix(s)) {
		lower(s, out);
		return true;
	}
	return account_from_login(pipeline_accounts(d->pipeline), s, out);
}

static bool
parse_key(
    struct desk *d, enum subject_kind kind, struct str key, struct text *out)
{
	switch (kind) {
	case SUBJECT_CLIENT:
		return parse_client(key, out);
	case SUBJECT_NETWORK:
		return parse_network(key, out);
	case SUBJECT_ACCOUNT:
		return parse_account(d, key, out);
	default:
		lower(key, out);
		return key.n > 0;
	}
}

/* "192.0.2.0/24", "192.0.2.7", "@example.com": no login looks so. */
static bool
has_form(struct str *text, enum subject_kind *kind)
{
	struct str rest = *text, head;
	struct ip ip;

	if (str_starts(*text, STR("@"))) {
		*kind = SUBJECT_DOMAIN;
		*text = str_skip(*text, 1);
		return true;
	}
	*kind = SUBJECT_NETWORK;
	if (str_cut(&rest, '/', &head))
		return ip_parse(head, &ip); /* or a bad one */
	*kind = SUBJECT_CLIENT;
	return ip_parse(*text, &ip);
}

bool
desk_subject_parse(struct desk *d, struct str text, struct desk_subject *out,
    struct control_reply *r)
{
	struct str key = text, head;
	enum subject_kind kind;
	struct text t;

	out->kind = SUBJECT_ACCOUNT;
	out->key[0] = '\0';
	out->subject = NULL;
	text_init(&t, out->key, sizeof(out->key));
	if (str_is(text, STR("all"))) {
		out->kind = SUBJECT_ALL;
		return true;
	}
	if (has_form(&text, &kind))
		out->kind = kind;
	else if (str_cut(&key, ':', &head) && !has_account_prefix(text) &&
		 subject_kind_parse(head, &out->kind))
		text = key;
	if (parse_key(d, out->kind, text, &t) && !t.is_cut && t.n > 0)
		return true;
	return control_fail(r, EXIT_UNKNOWN, "\"%.*s\" is no %s", STR_ARG(text),
	    subject_kind_text(out->kind));
}

enum { COMPARED = 8 }; /* effort */

/* The known name that is closest to what was typed. */
struct nearest {
	struct desk_gather gather;
	struct ledger_walk walk;
	enum subject_kind kind;
	char wanted[2 * ACCOUNT_TEXT], key[2 * ACCOUNT_TEXT];
	unsigned distance;
};

static void
compare(void *ctx, struct subject *other)
{
	struct nearest *best = ctx;
	struct text t;

	if (subject_kind(other) != best->kind)
		return;
	unsigned n =
	    str_distance(subject_key(other), str_from(best->wanted), 3);

	if (n >= best->distance)
		return;
	best->distance = n;
	text_init(&t, best->key, sizeof(best->key));
	text_str(&t, subject_key(other));
}

static bool
step(struct desk_gather *g, struct desk *d, size_t max)
{
	struct nearest *n = (struct nearest *)g;

	return walk_each(
	    pipeline_ledger(d->pipeline), &n->walk, max / COMPARED, compare, n);
}

/* NULL: being gathered. */
static const char *
nearest_key(struct desk *d, const struct desk_subject *s)
{
	char name[DESK_GATHER_NAME];
	struct nearest *n;
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printf(&t, "nearest %s ", subject_kind_text(s->kind));
	text_add(&t, s->key);
	n = (struct nearest *)desk_gather_find(d, name);
	if (n)
		return n->key;
	n = xalloc(1, sizeof(*n));
	memcpy(n->gather.name, name, sizeof(name));
	n->gather.step = step;
	n->kind = s->kind;
	memcpy(n->wanted, s->key, sizeof(n->wanted));
	n->distance = 4;
	walk_begin(pipeline_ledger(d->pipeline), &n->walk);
	desk_gather_want(d, &n->gather);
	return NULL;
}

bool
desk_subject_find(struct desk *d, struct str text, struct desk_subject *out,
    struct control_reply *r)
{
	struct standing_state state;

	if (!desk_subject_parse(d, text, out, r))
		return false;
	out->subject = ledger_find(
	    pipeline_ledger(d->pipeline), out->kind, str_from(out->key));
	if (out->subject)
		return true;
	standings_get(pipeline_standings(d->pipeline), out->kind,
	    str_from(out->key), d->now(d->ctx), &state);
	if (state.last_us != 0)
		return true;
	const char *near = nearest_key(d, out);

	return near &&
	       control_fail(r, EXIT_UNKNOWN, "no %s %s%s%s%s",
		   subject_kind_text(out->kind), out->key,
		   *near ? "; did you mean " : "", near, *near ? "?" : "");
}

void
desk_subject_print(enum subject_kind kind, struct str key, struct text *out)
{
	if (kind == SUBJECT_ALL) {
		text_add(out, "all");
		return;
	}
	if (kind != SUBJECT_ACCOUNT)
		text_printf(out, "%s:", subject_kind_text(kind));
	text_printable(out, key);
}
