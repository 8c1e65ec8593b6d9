/* names - the keys of subjects in fewer bits
 *
 * The codes are in order: those of one length follow each other, and each
 * length's begin where those before would go on. After the last letter ones
 * fill the byte, which are no letter; eight of them begin none.
 */
#include "ledger/names.h"

enum { WORD = 32, AS_IT_IS = 0xff };

static const struct code {
	uint16_t code;
	uint8_t bits; /* 0: it has none */
} codes[256] = {
#define LETTER(letter, bits, code) [letter] = {(code), (bits)},
#include "ledger/names.def"
#undef LETTER
};

static const char letters[] = {
#define LETTER(letter, bits, code) (letter),
#include "ledger/names.def"
#undef LETTER
};

/* What begins with less than `end` has so many bits; its letter stands `at`
 * behind its code. */
static const struct group {
	uint32_t end;
	uint8_t bits;
	int16_t at;
} groups[] = {
    {0x70000000, 4, 0},
    {0xb8000000, 5, 7 - 0x0e},
    {0xe8000000, 6, 16 - 0x2e},
    {0xfc000000, 7, 28 - 0x74},
    {0xfe000000, 8, 38 - 0xfc},
    {0xff000000, 10, 40 - 0x3f8},
};

enum { GROUPS = sizeof(groups) / sizeof(groups[0]) };

static size_t
pack_as_it_is(struct str name, char *out)
{
	out[0] = (char)AS_IT_IS;
	memcpy(out + 1, name.p, name.n);
	return name.n + 1;
}

size_t
names_pack(struct str name, char *out)
{
	uint32_t v = 0; /* the lower `held` bits are to be written */
	unsigned held = 0;
	size_t n = 0;

	for (size_t i = 0; i < name.n; i++) {
		struct code c = codes[(uint8_t)name.p[i]];

		if (c.bits == 0 || n >= name.n)
			return pack_as_it_is(name, out);
		v = v << c.bits | c.code;
		for (held += c.bits; held >= 8; held -= 8)
			out[n++] = (char)(v >> (held - 8));
	}
	if (held > 0)
		out[n++] = (char)(v << (8 - held) | 0xffu >> held);
	return n <= name.n ? n : pack_as_it_is(name, out);
}

/* NULL: no letter begins so. */
static const struct group *
find_group(uint64_t v)
{
	const struct group *g = groups;

	while (g < groups + GROUPS && v >= g->end)
		g++;
	return g < groups + GROUPS ? g : NULL;
}

size_t
names_unpack(struct str packed, char *out, size_t room)
{
	uint64_t v = 0; /* of a word the upper `held` bits are to come */
	unsigned held = 0;
	size_t n = 0, at = 0;

	if (packed.n > 0 && (uint8_t)packed.p[0] == AS_IT_IS) {
		n = packed.n - 1 < room ? packed.n - 1 : room;
		memcpy(out, packed.p + 1, n);
		return n;
	}
	while (n < room) {
		for (; held <= WORD - 8 && at < packed.n; held += 8)
			v |= (uint64_t)(uint8_t)packed.p[at++]
			     << (WORD - 8 - held);
		const struct group *g = find_group(v);

		if (!g || g->bits > held)
			break;
		out[n++] = letters[g->at + (int)(v >> (WORD - g->bits))];
		v = v << g->bits & UINT32_MAX;
		held -= g->bits;
	}
	return n;
}
