/* gen_text - the words of a made-up log: clients, recipients, replies
 *
 * Writes into one buffer that goes to standard output when it is full. The
 * small functions are inline: millions of lines a second pass here.
 */
#ifndef BENCH_GEN_TEXT_H
#define BENCH_GEN_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { TEXT_BUFFER = 1 << 20, TEXT_LINE_MAX = 4096 };

extern char text_buffer[TEXT_BUFFER + TEXT_LINE_MAX];
extern char *text_end;

enum text_result { TEXT_SENT, TEXT_DEFERRED, TEXT_BOUNCED };

/* A 64-bit mixer (the finalizer of splitmix64). */
static inline uint64_t
text_mix(uint64_t h)
{
	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return h ^ h >> 31;
}

static inline void
text_char(char c)
{
	*text_end++ = c;
}

static inline void
text_put(const char *p)
{
	size_t n = strlen(p);

	memcpy(text_end, p, n);
	text_end += n;
}

static inline void
text_num(uint64_t v)
{
	char digits[24];
	char *p = digits + sizeof(digits);

	do
		*--p = (char)('0' + v % 10);
	while ((v /= 10) > 0);
	memcpy(text_end, p, (size_t)(digits + sizeof(digits) - p));
	text_end += digits + sizeof(digits) - p;
}

static inline void
text_hex(uint64_t v, int width)
{
	for (int i = width; i-- > 0;)
		*text_end++ = "0123456789ABCDEF"[v >> 4 * i & 15];
}

/* The beginning of a line: "Jan 12 08:00:00 mail ", or RFC 3339 with
 * microseconds after text_use_rfc3339. */
void text_stamp(int64_t now, unsigned usec);
void text_use_rfc3339(void);

/* Writes the buffer out when less than a line fits, or when told. Ends the
 * program with 1 when standard output cannot be written. */
void text_flush(bool now);

/* A client or sender somewhere out there, chosen by the hash. */
void text_stranger(uint64_t hash);
void text_outsider(uint64_t hash);

/* A delivery line: what became of one recipient. box is the number of the
 * mailbox, age the message's, in seconds. */
struct text_delivery {
	uint64_t hash, box;
	bool inside;
	enum text_result result;
	unsigned age;
};

/* The agent that writes it, and all it says after the queue id. */
const char *text_agent(uint64_t hash, bool inside, enum text_result result);
void text_delivery(const struct text_delivery *d);

#endif
