/* update - messages that change a zone, and ask what stands there */
#include "domains/update.h"

#include "base/dns_reader.h"

enum {
	HEADER = 12,
	STRING = 255,
	CLASS_IN = 1,
	CLASS_NONE = 254,
	CLASS_ANY = 255,
	OP_UPDATE = 5 << 11,
	OP_MASK = 15 << 11,
	FLAG_RESPONSE = 0x8000,
	FLAG_OWN = 0x0400, /* the server is authoritative */
	FLAG_CUT = 0x0200,
	RCODE = 0xf,
	TTL_NEW = 3600,
};

static void
put_head(struct text *t, uint16_t id, unsigned flags, const char *name,
    enum dns_type type)
{
	dns_put(t, 2, id);
	dns_put(t, 2, flags);
	dns_put(t, 2, 1);
	dns_put(t, 6, 0);
	dns_put_name(t, name);
	dns_put(t, 2, type);
	dns_put(t, 2, CLASS_IN);
}

static void
put_record(struct text *t, const char *name, enum dns_type type, unsigned class,
    uint32_t ttl, struct str data)
{
	dns_put_name(t, name);
	dns_put(t, 2, type);
	dns_put(t, 2, class);
	dns_put(t, 4, ttl);
	dns_put(t, 2, data.n);
	text_str(t, data);
}

void
update_data(struct text *out, struct str txt)
{
	do {
		struct str one = str_head(txt, STRING);

		text_char(out, (char)one.n);
		text_str(out, one);
		txt = str_skip(txt, one.n);
	} while (txt.n > 0);
}

void
update_text(struct text *out, struct str data)
{
	while (data.n > 0) {
		size_t n = (uint8_t)*data.p;

		data = str_skip(data, 1);
		text_str(out, str_head(data, n));
		data = str_skip(data, n);
	}
}

bool
update_has(const struct update_set *set, struct str data)
{
	for (size_t i = 0; i < set->n; i++) {
		if (str_is(set->v[i], data))
			return true;
	}
	return false;
}

bool
update_is_same(const struct update_set *a, const struct update_set *b)
{
	bool is_same = a->n == b->n && !a->alias == !b->alias;

	for (size_t i = 0; is_same && i < a->n; i++)
		is_same = update_has(b, a->v[i]) && update_has(a, b->v[i]);
	return is_same;
}

void
update_ask(struct text *out, uint16_t id, const char *name)
{
	put_head(out, id, 0, name, DNS_TXT);
}

static const char *
rcode_words(unsigned rcode)
{
	static const char *const words[] = {
	    [1] = "did not understand the message (FORMERR)",
	    [2] = "failed (SERVFAIL)",
	    [3] = "knows no such name (NXDOMAIN)",
	    [4] = "takes no updates (NOTIMP)",
	    [5] = "refused: the key may not do that there (REFUSED)",
	    [6] = "says that the name is there (YXDOMAIN)",
	    [7] = "says that the records are there (YXRRSET)",
	    [8] = "says that the records are not there (NXRRSET)",
	    [9] = "is not in charge of the zone, or the key is not good "
		  "(NOTAUTH)",
	    [10] = "says that the name is not in the zone (NOTZONE)",
	};

	return rcode > 0 && rcode < sizeof(words) / sizeof(*words)
		   ? words[rcode]
		   : "answered with an error";
}

/* The header's; -1: it is no answer to it. */
static int
read_head(struct dns_reader *r, uint16_t id, unsigned op, const uint8_t **head,
    struct error *err)
{
	*head = dns_take(r, HEADER);
	if (!*head || dns_get16(*head) != id ||
	    (dns_get16(*head + 2) & (FLAG_RESPONSE | OP_MASK)) !=
		(FLAG_RESPONSE | op))
		return error_set(err, "the server's answer can't be read");
	return 0;
}

static bool
is_asked(struct dns_reader *r, unsigned count, const char *name)
{
	char buf[DNS_NAME_TEXT];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (count != 1)
		return false;
	dns_read_name(r, &t);
	const uint8_t *p = dns_take(r, 4);

	return p && dns_get16(p) == DNS_TXT && dns_get16(p + 2) == CLASS_IN &&
	       str_is(text_view(&t), str_from(name));
}

/* Strings that fill it. */
static bool
is_data(struct str data)
{
	while (data.n > 0) {
		size_t n = (uint8_t)*data.p + 1;

		if (n > data.n)
			return false;
		data = str_skip(data, n);
	}
	return true;
}

static int
read_records(struct dns_reader *r, unsigned count, struct arena *a,
    struct update_set *out, struct error *err)
{
	char buf[DNS_NAME_TEXT];
	struct dns_rr rr;
	struct text t;

	for (unsigned i = 0; i < count && dns_read_rr(r, &rr); i++) {
		struct str data = {(const char *)r->p + rr.at, rr.n};

		if (rr.class != CLASS_IN || strcmp(rr.owner, out->name) != 0)
			continue;
		if (rr.type == DNS_CNAME) {
			struct dns_reader at = *r;

			at.at = rr.at;
			text_init(&t, buf, sizeof(buf));
			dns_read_name(&at, &t);
			out->alias = arena_dup(a, text_view(&t));
		}
		if (rr.type != DNS_TXT)
			continue;
		if (out->n == UPDATE_RECORDS || !is_data(data))
			return error_set(err,
			    out->n == UPDATE_RECORDS
				? "more than %d TXT records at %s"
				: "%d: a TXT record at %s can't be read",
			    UPDATE_RECORDS, out->name);
		out->ttl = rr.ttl;
		out->v[out->n++] = arena_str(a, data);
	}
	return r->is_bad ? error_set(err, "the server's answer can't be read")
			 : 0;
}

int
update_read(struct str packet, uint16_t id, const char *name, struct arena *a,
    struct update_set *out, struct error *err)
{
	struct dns_reader r = {(const uint8_t *)packet.p, packet.n, 0, false};
	const uint8_t *head;

	*out = (struct update_set){.name = arena_dup(a, str_from(name))};
	if (read_head(&r, id, 0, &head, err) < 0)
		return -1;
	unsigned flags = dns_get16(head + 2), rcode = flags & RCODE;

	if (rcode != 0 && rcode != 3)
		return error_set(err, "the server %s", rcode_words(rcode));
	if (!is_asked(&r, dns_get16(head + 4), name) || (flags & FLAG_CUT))
		return error_set(err, "the server's answer can't be read");
	out->is_foreign = !(flags & FLAG_OWN);
	if (out->is_foreign)
		return 0;
	return read_records(&r, dns_get16(head + 6), a, out, err);
}

void
update_begin(struct update *u, uint16_t id, const char *zone)
{
	*u = (struct update){0};
	text_grow(&u->message, UPDATE_BYTES);
	put_head(&u->message, id, OP_UPDATE, zone, DNS_SOA);
}

void
update_expect(struct update *u, const struct update_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		put_record(
		    &u->message, set->name, DNS_TXT, CLASS_IN, 0, set->v[i]);
	if (set->n == 0)
		put_record(
		    &u->message, set->name, DNS_TXT, CLASS_NONE, 0, STR(""));
	put_record(&u->message, set->name, DNS_CNAME, CLASS_NONE, 0, STR(""));
	u->expected = (uint16_t)(u->expected + (set->n ? set->n : 1) + 1);
}

void
update_change(struct update *u, const struct update_set *from,
    const struct update_set *to)
{
	uint32_t ttl = from->n > 0 ? from->ttl : to->ttl ? to->ttl : TTL_NEW;

	for (size_t i = 0; i < from->n; i++) {
		if (update_has(to, from->v[i]))
			continue;
		put_record(&u->message, from->name, DNS_TXT, CLASS_NONE, 0,
		    from->v[i]);
		u->changed++;
	}
	for (size_t i = 0; i < to->n; i++) {
		if (update_has(from, to->v[i]))
			continue;
		put_record(
		    &u->message, from->name, DNS_TXT, CLASS_IN, ttl, to->v[i]);
		u->changed++;
	}
}

bool
update_end(struct update *u)
{
	if (u->message.is_cut)
		return false;
	bytes_put(u->message.p + 6, 2, u->expected);
	bytes_put(u->message.p + 8, 2, u->changed);
	return true;
}

enum update_result
update_result(struct str packet, uint16_t id, struct error *err)
{
	struct dns_reader r = {(const uint8_t *)packet.p, packet.n, 0, false};
	const uint8_t *head;

	if (read_head(&r, id, OP_UPDATE, &head, err) < 0)
		return UPDATE_REFUSED;
	unsigned rcode = dns_get16(head + 2) & RCODE;

	if (rcode == 0)
		return UPDATE_DONE;
	error_set(err, "the server %s", rcode_words(rcode));
	return rcode == 3 || (rcode >= 6 && rcode <= 8) ? UPDATE_CHANGED
							: UPDATE_REFUSED;
}
