/* test_dns_zone - the zone of test_dns, and its answers as packets */
#include "base/test_dns_zone.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/dns_answer.h"
#include "base/map.h"

enum { HEADER = 12, LIST_MAX = 200, SOA_TTL = 30 };

enum behaviour {
	SERVFAIL = 1,
	REFUSED = 2,
	SILENT = 4,
	CUT = 8,
	ALWAYSCUT = 16,
	LIE = 32,
	GARBAGE = 64,
	SECURE = 128,
};

struct record {
	struct record *next;
	uint16_t type;
	uint32_t ttl;
	struct str data; /* as in a packet, names not compressed */
};

struct node {
	struct str name;
	struct record *first, **last;
	unsigned behaviour;
};

struct test_dns_zone {
	struct arena arena;
	struct map nodes;
};

static struct node *
get_node(struct test_dns_zone *z, struct str name)
{
	struct node *n = map_find(&z->nodes, name);

	if (n)
		return n;
	n = arena_alloc(&z->arena, sizeof(*n));
	n->name = arena_str(&z->arena, name);
	n->last = &n->first;
	map_put(&z->nodes, n->name, n);
	return n;
}

static void
put16(struct text *t, unsigned v)
{
	text_char(t, (char)(v >> 8));
	text_char(t, (char)v);
}

static void
put_name(struct text *t, struct str name)
{
	char folded[DNS_NAME];
	struct str rest, label;

	if (!dns_name(name, folded))
		folded[0] = '\0';
	rest = str_from(folded);
	while (rest.n > 0) {
		if (!str_cut(&rest, '.', &label)) {
			label = rest;
			rest.n = 0;
		}
		text_char(t, (char)label.n);
		text_str(t, label);
	}
	text_char(t, '\0');
}

static void
put_strings(struct text *t, struct str s)
{
	while (s.n > 255) {
		text_char(t, (char)255);
		text_str(t, str_head(s, 255));
		s = str_skip(s, 255);
	}
	text_char(t, (char)s.n);
	text_str(t, s);
}

static bool
put_quoted(struct text *t, struct str s)
{
	char buf[256];
	struct text one;

	for (s = str_trim(s); s.n > 0; s = str_trim(s)) {
		size_t i = 1;

		if (*s.p != '"')
			return false;
		text_init(&one, buf, sizeof(buf));
		for (; i < s.n && s.p[i] != '"'; i++) {
			if (s.p[i] == '\\' && i + 1 < s.n)
				i++;
			text_char(&one, s.p[i]);
		}
		if (i == s.n || one.is_cut)
			return false;
		put_strings(t, text_view(&one));
		s = str_skip(s, i + 1);
	}
	return true;
}

static bool
put_long(struct text *t, struct str s)
{
	uint64_t n;

	if (!str_to_u64(s, &n))
		return false;
	for (; n > 0; n -= n < 255 ? n : 255) {
		size_t part = n < 255 ? (size_t)n : 255;

		text_char(t, (char)part);
		text_pad(t, 'x', part);
	}
	return true;
}

static bool
put_mx(struct text *t, struct str s)
{
	struct str preference;
	uint64_t n;

	if (!str_cut(&s, ' ', &preference) || !str_to_u64(preference, &n))
		return false;
	put16(t, (unsigned)n);
	put_name(t, str_trim(s));
	return true;
}

static bool
put_ip(struct text *t, struct str s, bool is_v4)
{
	struct ip ip;

	if (!ip_parse(s, &ip) || ip_is_v4(&ip) != is_v4)
		return false;
	text_bytes(t, ip.b + (is_v4 ? 12 : 0), is_v4 ? 4 : 16);
	return true;
}

static bool
put_data(struct text *t, uint16_t type, struct str s)
{
	switch (type) {
	case DNS_A:
	case DNS_AAAA:
		return put_ip(t, s, type == DNS_A);
	case DNS_MX:
		return put_mx(t, s);
	case DNS_TXT:
	case DNS_SPF:
		if (s.n > 0 && *s.p == '"')
			return put_quoted(t, s);
		put_strings(t, s);
		return true;
	default:
		put_name(t, s);
		return true;
	}
}

static const struct {
	const char *word;
	uint16_t type;
	unsigned behaviour;
} words[] = {
    {"A", DNS_A, 0},
    {"AAAA", DNS_AAAA, 0},
    {"MX", DNS_MX, 0},
    {"NS", DNS_NS, 0},
    {"PTR", DNS_PTR, 0},
    {"CNAME", DNS_CNAME, 0},
    {"TXT", DNS_TXT, 0},
    {"SPF", DNS_SPF, 0},
    {"LONG", 0, 0},
    {"SERVFAIL", 0, SERVFAIL},
    {"REFUSED", 0, REFUSED},
    {"SILENT", 0, SILENT},
    {"CUT", 0, CUT},
    {"ALWAYSCUT", 0, ALWAYSCUT},
    {"LIE", 0, LIE},
    {"GARBAGE", 0, GARBAGE},
    {"SECURE", 0, SECURE},
};

static struct str
next_word(struct str *line)
{
	size_t i = 0;
	struct str word;

	*line = str_trim(*line);
	while (i < line->n && line->p[i] != ' ' && line->p[i] != '\t')
		i++;
	word = str_head(*line, i);
	*line = str_trim(str_skip(*line, i));
	return word;
}

static bool
read_line(struct test_dns_zone *z, struct str line)
{
	static char bytes[TEST_DNS_PACKET];
	struct str name = next_word(&line), word = next_word(&line);
	char folded[DNS_NAME];
	uint64_t ttl = 60;
	struct text t;
	size_t i = 0;

	if (str_to_u64(word, &ttl))
		word = next_word(&line);
	while (i < sizeof(words) / sizeof(*words) &&
	       !str_is(word, str_from(words[i].word)))
		i++;
	if (i == sizeof(words) / sizeof(*words) || !dns_name(name, folded))
		return false;
	struct node *n = get_node(z, str_from(folded));

	n->behaviour |= words[i].behaviour;
	if (words[i].behaviour)
		return true;
	text_init(&t, bytes, sizeof(bytes));
	struct record *r = arena_alloc(&z->arena, sizeof(*r));

	r->type = words[i].type ? words[i].type : DNS_TXT;
	r->ttl = (uint32_t)ttl;
	if (!(words[i].type ? put_data(&t, r->type, line) : put_long(&t, line)))
		return false;
	r->data = arena_str(&z->arena, text_view(&t));
	*n->last = r;
	n->last = &r->next;
	return true;
}

struct test_dns_zone *
test_dns_zone_read(struct str text, struct error *err)
{
	struct test_dns_zone *z = xalloc(1, sizeof(*z));
	struct str line;
	int number = 0;

	arena_init(&z->arena);
	map_init(&z->nodes);
	while (text.n > 0) {
		number++;
		if (!str_cut(&text, '\n', &line)) {
			line = text;
			text.n = 0;
		}
		line = str_trim(line);
		if (line.n == 0 || *line.p == '#' || read_line(z, line))
			continue;
		error_set(err, "zone, line %d: \"%.*s\" can't be read", number,
		    STR_ARG(str_head(line, 200)));
		test_dns_zone_free(&z);
		return NULL;
	}
	return z;
}

void
test_dns_zone_free(struct test_dns_zone **zp)
{
	struct test_dns_zone *z = *zp;

	if (!z)
		return;
	*zp = NULL;
	map_done(&z->nodes);
	arena_done(&z->arena);
	free(z);
}

/* The node, or the wildcard nearest above it. */
static const struct node *
find_node(const struct test_dns_zone *z, struct str name)
{
	const struct node *n = map_find(&z->nodes, name);
	char star[DNS_NAME + 2];
	struct str label;

	while (!n && str_cut(&name, '.', &label)) {
		memcpy(star, "*.", 2);
		memcpy(star + 2, name.p, name.n);
		n = map_find(&z->nodes, str_make(star, name.n + 2));
	}
	return n;
}

static bool
has_below(const struct test_dns_zone *z, struct str name)
{
	size_t i = 0;
	const struct node *n;

	while ((n = map_next(&z->nodes, &i))) {
		if (n->name.n > name.n && str_ends(n->name, name) &&
		    n->name.p[n->name.n - name.n - 1] == '.')
			return true;
	}
	return false;
}

struct answer {
	struct text t;
	unsigned answers, rcode, flags, authority;
};

static void
put_record(struct answer *a, struct str owner, const struct record *r)
{
	put_name(&a->t, owner);
	put16(&a->t, r->type);
	put16(&a->t, 1);
	put16(&a->t, r->ttl >> 16);
	put16(&a->t, r->ttl & 0xffff);
	put16(&a->t, (unsigned)r->data.n);
	text_str(&a->t, r->data);
}

static void
put_soa(struct answer *a)
{
	static const char data[] = "\0\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0"
				   "\0\036";
	struct record soa = {NULL, DNS_SOA, SOA_TTL, {data, 22}};

	put_record(a, STR(""), &soa);
	a->authority = 1;
}

static void
put_answers(
    const struct test_dns_zone *z, struct answer *a, struct str name, int type)
{
	char alias[DNS_NAME];

	for (int hops = 0; hops < 20; hops++) {
		const struct node *n = find_node(z, name);
		const struct record *next = NULL;
		unsigned before = a->answers;

		for (const struct record *r = n ? n->first : NULL; r;
		     r = r->next) {
			if (r->type != type && r->type != DNS_CNAME)
				continue;
			put_record(a, name, r);
			a->answers++;
			if (r->type == DNS_CNAME && type != DNS_CNAME)
				next = r;
		}
		if (!n && !has_below(z, name))
			a->rcode = 3;
		if (!next) {
			if (a->answers == before)
				put_soa(a);
			return;
		}
		/* The name in the record, as text. */
		struct text t;
		const uint8_t *p = (const uint8_t *)next->data.p;

		text_init(&t, alias, sizeof(alias));
		for (size_t i = 0; p[i]; i += 1 + (size_t)p[i]) {
			text_str(&t, i ? STR(".") : STR(""));
			text_bytes(&t, p + i + 1, p[i]);
		}
		name = text_view(&t);
	}
}

static void
put_count(struct answer *a, struct str name, unsigned queries)
{
	char digits[16];
	struct text t;
	struct record r = {NULL, DNS_TXT, 0, {digits, 0}};

	text_init(&t, digits, sizeof(digits));
	text_char(&t, ' ');
	text_u64(&t, queries);
	digits[0] = (char)(t.n - 1);
	r.data.n = t.n;
	put_record(a, name, &r);
	a->answers = 1;
}

/* The asked name and type; where the question ends. 0: none. */
static size_t
read_question(struct str q, struct text *name, int *type)
{
	size_t at = HEADER;

	while (at < q.n && q.p[at]) {
		size_t n = (uint8_t)q.p[at];

		if (n > 63 || at + 1 + n >= q.n)
			return 0;
		text_str(name, name->n > 0 ? STR(".") : STR(""));
		text_bytes(name, q.p + at + 1, n);
		at += 1 + n;
	}
	if (at + 5 > q.n)
		return 0;
	*type = (uint8_t)q.p[at + 1] << 8 | (uint8_t)q.p[at + 2];
	return at + 5;
}

static void
put_head(struct answer *a, struct str question, uint8_t *out)
{
	unsigned flags = 0x8180u | a->flags | a->rcode;

	memcpy(out, question.p, 2);
	out[2] = (uint8_t)(flags >> 8);
	out[3] = (uint8_t)flags;
	memcpy(out + 4, "\0\1", 2);
	out[6] = (uint8_t)(a->answers >> 8);
	out[7] = (uint8_t)a->answers;
	memcpy(out + 8, a->authority ? "\0\1\0\0" : "\0\0\0\0", 4);
}

static bool
has(unsigned behaviour, const struct node *n)
{
	return n && n->behaviour & behaviour;
}

size_t
test_dns_zone_answer(const struct test_dns_zone *z, struct str question,
    bool is_tcp, unsigned queries, uint8_t *out)
{
	char name[DNS_NAME], folded[DNS_NAME] = "";
	struct answer a = {0};
	struct text asked;
	int type = 0;

	text_init(&asked, name, sizeof(name));
	size_t end = read_question(question, &asked, &type);

	if (end == 0 || !dns_name(text_view(&asked), folded))
		return 0;
	const struct node *n = find_node(z, str_from(folded));

	if (has(SILENT, n))
		return 0;
	text_init(&a.t, (char *)out, TEST_DNS_PACKET);
	text_str(&a.t, str_head(question, end));
	if (has(LIE, n))
		out[HEADER + 1] ^= 1;
	if (strcmp(folded, "queries.test") == 0)
		put_count(&a, str_from(folded), queries);
	else if (has(SERVFAIL | REFUSED, n))
		a.rcode = has(SERVFAIL, n) ? 2 : 5;
	else
		put_answers(z, &a, str_from(folded), type);
	if (has(SECURE, n))
		a.flags |= 0x20;
	if (has(ALWAYSCUT, n) ||
	    (!is_tcp && (has(CUT, n) || a.t.n > DNS_UDP_SIZE))) {
		a.flags |= 0x200;
		a.answers = a.authority = 0;
		a.t.n = end;
	}
	put_head(&a, question, out);
	if (has(GARBAGE, n))
		memset(out + end, 0xc1, a.t.n - end);
	return a.t.n;
}
