/* received - a Received line, as Postfix writes it and others nearly do */
#include "fbl/received.h"

#include "base/time.h"
#include "fbl/date.h"
#include "mta/account.h"

enum { QUEUE_ID = 30 /* bytes */ };

/* The word behind a word. */
static struct str
word_behind(struct str s, struct str word)
{
	ptrdiff_t at = str_find(s, word);
	size_t n = 0;

	if (at < 0)
		return STR("");
	s = str_skip(s, (size_t)at + word.n);
	while (n < s.n && s.p[n] != ' ' && s.p[n] != ';')
		n++;
	return str_head(s, n);
}

static bool
is_queue_id(struct str id)
{
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			(c >= 'a' && c <= 'z')))
			return false;
	}
	return id.n > 5 && id.n <= QUEUE_ID;
}

/* "from c (c [192.0.2.7]) by mx.example.com (Postfix) with ESMTPSA id 4D2X5
 * for <a@b>; Sat, 21 Nov 2026 22:40:00 +0100", or "by mx.example.com (Postfix,
 * from userid 5) id 4D2X5; ..." */
void
received_parse(struct str value, struct received *out)
{
	ptrdiff_t date = str_find_last(value, STR(";"));
	struct str id = word_behind(value, STR(" id "));

	out->host = str_starts(value, STR("by "))
			? word_behind(value, STR("by "))
			: word_behind(value, STR(" by "));
	out->id = is_queue_id(id) ? id : STR("");
	if (date < 0 ||
	    !date_parse(str_skip(value, (size_t)date + 1), &out->at))
		out->at = TIME_NEVER;
}

bool
received_is_of(const struct setting_list *hosts, struct str host)
{
	for (size_t i = 0; i < hosts->n; i++) {
		if (account_matches(hosts->v[i], host))
			return true;
	}
	return false;
}
