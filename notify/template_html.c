/* template_html - where in HTML a field stands
 *
 * No parser of HTML: it reads what the templates' authors write, and what it
 * misunderstands it refuses. An attribute whose value is an address, a style or
 * a script needs more than references for & < > " '.
 */
#include <string.h>

#include "notify/template_parts.h"

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool
tag_is(const struct template_html *h, const char *name)
{
	return str_is(str_make(h->tag, h->n_tag), str_from(name));
}

static bool
word_is(const struct template_html *h, const char *word)
{
	return str_is(str_make(h->word, h->n_word), str_from(word));
}

static void
end_tag(struct template_html *h)
{
	bool is_raw = tag_is(h, "script") || tag_is(h, "style");

	h->place = is_raw ? PLACE_RAW : PLACE_TEXT;
	h->n_word = 0;
}

static void
in_name(struct template_html *h, char c)
{
	if (c == '>') {
		end_tag(h);
	} else if (is_blank(c)) {
		h->place = h->n_tag ? PLACE_TAG : PLACE_TEXT;
		h->n_word = 0;
		h->has_equals = false;
	} else if (h->n_tag < sizeof(h->tag)) {
		h->tag[h->n_tag++] = lower(c);
	}
	if (h->place == PLACE_NAME && tag_is(h, "!--")) {
		h->place = PLACE_REMARK;
		h->n_word = 0;
	}
}

static void
in_tag(struct template_html *h, char c)
{
	if (c == '>') {
		end_tag(h);
	} else if ((c == '"' || c == '\'') && h->has_equals) {
		h->place = PLACE_VALUE;
		h->quote = c;
		h->is_first = true;
	} else if (c == '=') {
		h->has_equals = true;
	} else if (is_blank(c)) {
		h->is_ended = true;
	} else if (h->has_equals) { /* a value without quotes */
		h->has_equals = false;
		h->n_word = 0;
	} else {
		if (h->is_ended)
			h->n_word = 0;
		h->is_ended = false;
		if (h->n_word < sizeof(h->word))
			h->word[h->n_word++] = lower(c);
	}
}

static void
in_raw(struct template_html *h, char c)
{
	if (c == '<') {
		h->word[0] = c;
		h->n_word = 1;
	} else if (h->n_word > 0 && h->n_word < sizeof(h->word)) {
		h->word[h->n_word++] = lower(c);
	}
	if (word_is(h, "</script") || word_is(h, "</style")) {
		h->place = PLACE_NAME;
		h->n_tag = 0;
		h->tag[h->n_tag++] = '/';
	}
}

static void
in_remark(struct template_html *h, char c)
{
	if (c == '>' && h->n_word >= 2)
		h->place = PLACE_TEXT;
	else if (c != '-')
		h->n_word = 0;
	else if (h->n_word < 2)
		h->n_word++;
}

static void
feed(struct template_html *h, char c)
{
	switch (h->place) {
	case PLACE_TEXT:
		if (c == '<') {
			h->place = PLACE_NAME;
			h->n_tag = 0;
		}
		break;
	case PLACE_NAME:
		in_name(h, c);
		break;
	case PLACE_TAG:
		in_tag(h, c);
		break;
	case PLACE_VALUE:
		h->is_first = false;
		if (c == h->quote) {
			h->place = PLACE_TAG;
			h->n_word = 0;
			h->has_equals = false;
		}
		break;
	case PLACE_RAW:
		in_raw(h, c);
		break;
	case PLACE_REMARK:
		in_remark(h, c);
		break;
	}
}

void
template_html_feed(struct template_html *h, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		feed(h, s.p[i]);
}

static const char *
value_refuses(const struct template_html *h, enum template_type type)
{
	static const char *const urls[] = {"href", "src", "action",
	    "formaction", "poster", "data", "cite", "background", "srcset",
	    "ping", "xlink:href", "content"};

	if (str_starts(str_make(h->word, h->n_word), STR("on")))
		return "a field can't stand in an event's attribute";
	if (word_is(h, "style") || word_is(h, "srcdoc"))
		return "a field can't stand in this attribute";
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		if (word_is(h, urls[i]) && h->is_first && type != TEMPLATE_URL)
			return "only a field that is an URL can begin an "
			       "address";
	}
	return NULL;
}

const char *
template_html_refuses(const struct template_html *h, enum template_type type)
{
	switch (h->place) {
	case PLACE_TEXT:
		return NULL;
	case PLACE_VALUE:
		return value_refuses(h, type);
	case PLACE_NAME:
	case PLACE_TAG:
		return "a field in a tag must stand in quotes";
	case PLACE_RAW:
		return "a field can't stand in a script or a style";
	case PLACE_REMARK:
		break;
	}
	return "a field can't stand in a remark of HTML";
}
