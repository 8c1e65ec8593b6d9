/* json_out - JSON written straight into a text */
#include "base/json.h"

#include <assert.h>

#include "base/time.h"

void
json_out_init(struct json_out *j, struct text *t)
{
	*j = (struct json_out){.t = t};
}

/* What is printed in a string as it stands. DEL and the C1 controls could be,
 * but a terminal may obey them. */
static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void
put_control(struct text *t, uint32_t rune)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = rune && rune < 0x7f ? strchr(from, (int)rune) : NULL;

	if (at) {
		text_char(t, '\\');
		text_char(t, to[at - from]);
	} else {
		text_printf(t, "\\u%04x", (unsigned)rune);
	}
}

static void
put_string(struct text *t, struct str s)
{
	text_char(t, '"');
	for (;;) {
		size_t plain = 0;

		while (plain < s.n && is_plain((unsigned char)s.p[plain]))
			plain++;
		text_bytes(t, s.p, plain);
		s = str_skip(s, plain);
		if (s.n == 0)
			break;
		uint32_t rune = 0;
		size_t n = str_utf8(s, &rune);

		if (n == 0)
			text_add(t, "\xef\xbf\xbd");
		else if (rune < 0xa0)
			put_control(t, rune);
		else
			text_bytes(t, s.p, n);
		s = str_skip(s, n ? n : 1);
	}
	text_char(t, '"');
}

/* The comma that is due, and the member's name. */
static void
begin_value(struct json_out *j, const char *key)
{
	if (j->has_value[j->depth])
		text_char(j->t, ',');
	j->has_value[j->depth] = true;
	if (key) {
		text_char(j->t, '"');
		text_add(j->t, key);
		text_add(j->t, "\":");
	}
}

static void
open_value(struct json_out *j, const char *key, char bracket)
{
	begin_value(j, key);
	text_char(j->t, bracket);
	j->depth++;
	assert(j->depth < sizeof(j->has_value) / sizeof(j->has_value[0]));
	j->has_value[j->depth] = false;
}

static void
close_value(struct json_out *j, char bracket)
{
	assert(j->depth > 0);
	j->depth--;
	text_char(j->t, bracket);
}

void
json_open(struct json_out *j, const char *key)
{
	open_value(j, key, '{');
}

void
json_close(struct json_out *j)
{
	close_value(j, '}');
}

void
json_open_array(struct json_out *j, const char *key)
{
	open_value(j, key, '[');
}

void
json_close_array(struct json_out *j)
{
	close_value(j, ']');
}

void
json_str(struct json_out *j, const char *key, struct str v)
{
	begin_value(j, key);
	put_string(j->t, v);
}

void
json_i64(struct json_out *j, const char *key, int64_t v)
{
	begin_value(j, key);
	text_i64(j->t, v);
}

void
json_bool(struct json_out *j, const char *key, bool v)
{
	begin_value(j, key);
	text_add(j->t, v ? "true" : "false");
}

void
json_nil(struct json_out *j, const char *key)
{
	begin_value(j, key);
	text_add(j->t, "null");
}

void
json_raw(struct json_out *j, const char *key, struct str v)
{
	begin_value(j, key);
	text_str(j->t, v);
}

void
json_time(struct json_out *j, const char *key, int64_t at)
{
	if (at == TIME_NEVER) {
		json_nil(j, key);
		return;
	}
	begin_value(j, key);
	text_char(j->t, '"');
	time_rfc3339(j->t, at);
	text_char(j->t, '"');
}
