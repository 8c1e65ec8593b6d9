/* chain_message - whose a Message-ID is, told when the log shows it; a subject
 *
 * cleanup logs it after the line that names the client, so the account is
 * mostly known by then and nothing needs to be kept. Not known yet is that of a
 * message from one of own_addresses, which may continue another one: if it
 * does, the first link's line told the same Message-ID.
 */
#include "mta/chain_flight.h"

void
chain_message(struct chains *c, const struct flight *f, int64_t at,
    const struct postfix_line *l)
{
	struct str id = line_get(l, FIELD_MESSAGE_ID);

	if (!f || id.n == 0 || f->kind != FLIGHT_ACCOUNT || f->parent ||
	    (f->flags & FLIGHT_COUNTED))
		return;
	c->on_message(c->message_ctx, chain_text_view(f->account), id, at);
}

enum { SUBJECT_MAX = 100, SUBJECT_TELLS = 12, REPLY_MARK = 5 };

/* What a mailing changes from one to the next: numbers, blanks. */
static struct str
even_out(struct str s, char out[SUBJECT_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n < SUBJECT_MAX; i++) {
		char c = s.p[i];

		if (c == '\t' || c == '?')
			c = ' ';
		if (c >= '1' && c <= '9')
			c = '0';
		if ((c == ' ' || c == '0') && (n == 0 || out[n - 1] == c))
			continue;
		out[n++] = c;
	}
	while (n > 0 && out[n - 1] == ' ')
		n--;
	return str_make(out, n);
}

/* "Invitation", "Hello" are anybody's; "Re: ..." is the word of whom is
 * answered, so that all whom he wrote to have it. */
static bool
tells_much(struct str words)
{
	ptrdiff_t colon = str_find_char(words, ':');

	return words.n >= SUBJECT_TELLS && (colon < 0 || colon >= REPLY_MARK);
}

/* The first one is the message's own, others are of what it encloses. */
void
chain_subject(struct chains *c, struct flight *f, const struct logline *line,
    const struct postfix_line *l)
{
	static const char name[] = "Subject: ";
	struct str header = line_get(l, FIELD_HEADER);
	char buf[SUBJECT_MAX];

	if (!f || f->parent || f->subject || (f->flags & FLIGHT_ACTIVE) ||
	    !str_is(line->program, STR("cleanup")) ||
	    !str_is(line_get(l, FIELD_PART), STR("header")) ||
	    !str_is_nocase(str_head(header, sizeof(name) - 1), str_from(name)))
		return;
	struct str words = even_out(str_skip(header, sizeof(name) - 1), buf);

	if (words.n == 0)
		return;
	f->subject = (uint32_t)chain_hash(c->seed, words) | 1;
	f->subject &= ~(uint32_t)FACT_SUBJECT_TELLS;
	if (tells_much(words))
		f->subject |= FACT_SUBJECT_TELLS;
}
