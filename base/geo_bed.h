/* geo_bed - writes small .mmdb files, for tests
 *
 * https://maxmind.github.io/MaxMind-DB/: a search tree of 24-bit records, a
 * data section, metadata. One entry per network; longer ones first put are not
 * split.
 */
#ifndef BASE_GEO_BED_H
#define BASE_GEO_BED_H

#include "base/ip.h"
#include "base/text.h"

enum { GEO_BED_NODES = 4096 };

struct geo_bed {
	uint32_t nodes[GEO_BED_NODES][2]; /* 0: none; NODES + 1 + offset */
	uint32_t n;
	struct text data;
};

static inline void
geo_bed_begin(struct geo_bed *b)
{
	memset(b, 0, sizeof(*b));
	b->n = 1;
	text_grow(&b->data, 1 << 20);
}

/* A control byte; types over 7 have one more. */
static inline void
geo_bed_type(struct text *t, unsigned type, size_t n)
{
	if (type > 7) {
		text_char(t, (char)n);
		text_char(t, (char)(type - 7));
		return;
	}
	text_char(t, (char)(type << 5 | n));
}

static inline void
geo_bed_text(struct text *t, const char *s) /* at most 28 bytes */
{
	geo_bed_type(t, 2, strlen(s));
	text_add(t, s);
}

static inline void
geo_bed_number(struct text *t, const char *name, unsigned type, uint32_t v)
{
	geo_bed_text(t, name);
	geo_bed_type(t, type, type == 5 ? 2 : 4);
	for (int shift = type == 5 ? 8 : 24; shift >= 0; shift -= 8)
		text_char(t, (char)(v >> shift & 255));
}

static inline void
geo_bed_put(struct geo_bed *b, const struct ip_net *net, uint32_t value)
{
	struct ip ip = net->ip;
	uint32_t at = 0;

	if (ip_is_v4(&ip)) /* ::/96 */
		ip.b[10] = ip.b[11] = 0;
	for (unsigned i = 0; i < net->bits; i++) {
		unsigned bit = ip.b[i / 8] >> (7 - i % 8) & 1;
		uint32_t *record = &b->nodes[at][bit];

		if (i + 1 == net->bits)
			*record = value;
		else if (*record == 0 && b->n < GEO_BED_NODES)
			*record = b->n++;
		at = *record;
		if (at >= GEO_BED_NODES || at == 0)
			return;
	}
}

/* {"country": {"iso_code": CODE, "names": {"en": NAME}}} */
static inline bool
geo_bed_country(
    struct geo_bed *b, struct str net, const char *code, const char *name)
{
	struct ip_net n;

	if (!ip_net_parse(net, &n))
		return false;
	geo_bed_put(b, &n, GEO_BED_NODES + 1 + (uint32_t)b->data.n);
	geo_bed_type(&b->data, 7, 1);
	geo_bed_text(&b->data, "country");
	geo_bed_type(&b->data, 7, 2);
	geo_bed_text(&b->data, "iso_code");
	geo_bed_text(&b->data, code);
	geo_bed_text(&b->data, "names");
	geo_bed_type(&b->data, 7, 1);
	geo_bed_text(&b->data, "en");
	geo_bed_text(&b->data, name);
	return true;
}

/* {"country": CODE}, as ipinfo has it. */
static inline bool
geo_bed_flat(struct geo_bed *b, struct str net, const char *code)
{
	struct ip_net n;

	if (!ip_net_parse(net, &n))
		return false;
	geo_bed_put(b, &n, GEO_BED_NODES + 1 + (uint32_t)b->data.n);
	geo_bed_type(&b->data, 7, 1);
	geo_bed_text(&b->data, "country");
	geo_bed_text(&b->data, code);
	return true;
}

static inline void
geo_bed_meta(const struct geo_bed *b, struct text *out)
{
	text_add(out, "\xab\xcd\xefMaxMind.com");
	geo_bed_type(out, 7, 9);
	geo_bed_number(out, "node_count", 6, b->n);
	geo_bed_number(out, "record_size", 5, 24);
	geo_bed_number(out, "ip_version", 5, 6);
	geo_bed_number(out, "binary_format_major_version", 5, 2);
	geo_bed_number(out, "binary_format_minor_version", 5, 0);
	geo_bed_text(out, "build_epoch");
	geo_bed_type(out, 9, 1);
	text_char(out, 1);
	geo_bed_text(out, "database_type");
	geo_bed_text(out, "Test-Country");
	geo_bed_text(out, "languages");
	geo_bed_type(out, 11, 0);
	geo_bed_text(out, "description");
	geo_bed_type(out, 7, 0);
}

/* The whole file; b is done with. */
static inline void
geo_bed_end(struct geo_bed *b, struct text *out)
{
	for (uint32_t i = 0; i < 2 * b->n; i++) {
		uint32_t v = b->nodes[i / 2][i % 2];

		if (v > GEO_BED_NODES)
			v = v - GEO_BED_NODES - 1 + b->n + 16;
		else if (v == 0)
			v = b->n;
		for (int shift = 16; shift >= 0; shift -= 8)
			text_char(out, (char)(v >> shift & 255));
	}
	text_pad(out, '\0', 16);
	text_str(out, text_view(&b->data));
	geo_bed_meta(b, out);
	text_done(&b->data);
}

#endif
