/* xarf_check - values of XARF: addresses, times, ports ... */
#include "fbl/xarf_check.h"

#include "base/ip.h"
#include "base/time.h"

enum { HOST_MAX_BYTES = 253, LABEL_MAX_BYTES = 63 };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return false;
	}
	return s.n > 0;
}

static bool
is_host(struct str s)
{
	size_t label = 0;

	for (size_t i = 0; i < s.n; i++) {
		bool is_end = i + 1 == s.n || s.p[i + 1] == '.';

		if (s.p[i] == '.') {
			if (label == 0)
				return false;
			label = 0;
			continue;
		}
		if (!is_alnum(s.p[i]) &&
		    !(s.p[i] == '-' && label > 0 && !is_end))
			return false;
		if (++label > LABEL_MAX_BYTES)
			return false;
	}
	return s.n > 0 && s.n <= HOST_MAX_BYTES;
}

static bool
is_email(struct str s)
{
	ptrdiff_t at = str_find_last(s, STR("@"));

	return at > 0 && is_plain(s) && is_host(str_skip(s, (size_t)at + 1));
}

static bool
is_url(struct str s)
{
	ptrdiff_t colon = str_find_char(s, ':');

	if (colon < 1 || !is_plain(s) || (size_t)colon + 1 == s.n ||
	    is_digit(s.p[0]))
		return false;
	for (ptrdiff_t i = 0; i < colon; i++) {
		if (!is_alnum(s.p[i]) && !strchr("+-.", s.p[i]))
			return false;
	}
	return true;
}

static bool
is_among(struct str s, const char *among)
{
	struct str rest = str_from(among), one;

	while (str_cut(&rest, '|', &one)) {
		if (str_is(s, one))
			return true;
	}
	return str_is(s, rest);
}

/* "CVE-2014-12345": # is a digit, the last one any number of them. */
static bool
is_like(struct str s, const char *form)
{
	size_t i = 0;

	for (; *form; form++) {
		if (*form == '#' && form[1] == '\0') {
			while (i < s.n && is_digit(s.p[i]))
				i++;
		} else if (i == s.n || (*form == '#'	  ? !is_digit(s.p[i])
					   : *form == 'x' ? !is_alnum(s.p[i])
							  : s.p[i] != *form)) {
			return false;
		} else {
			i++;
		}
	}
	return i == s.n;
}

static bool
is_version4(struct str s)
{
	struct str part;
	uint64_t n;

	return str_take(&s, STR("4.")) && str_cut(&s, '.', &part) &&
	       str_to_u64(part, &n) && str_to_u64(s, &n);
}

/* A number without a fraction. */
static bool
is_integer(const struct json *v, int64_t min, int64_t max)
{
	char buf[64];
	struct text t;
	int64_t n;

	if (!json_is_number(v))
		return false;
	text_init(&t, buf, sizeof(buf));
	json_print(&t, v);
	return !t.is_cut && str_to_i64(text_view(&t), &n) && n >= min &&
	       n <= max;
}

static bool
is_bool(const struct json *v)
{
	char buf[8];
	struct text t;

	if (json_is_true(v))
		return true;
	text_init(&t, buf, sizeof(buf));
	json_print(&t, v);
	return str_is(text_view(&t), STR("false"));
}

static bool
each_of(const struct json *list, enum xarf_check check)
{
	for (size_t i = 0; i < json_count(list); i++) {
		if (!xarf_check(check, json_at(list, i), ""))
			return false;
	}
	return json_is_array(list);
}

struct members {
	bool is_good, may_be_numbers;
};

static void
on_value(void *ctx, struct str key, struct json *v)
{
	struct members *m = ctx;

	(void)key;
	if (!json_is_string(v) &&
	    !(m->may_be_numbers && is_integer(v, INT64_MIN, INT64_MAX)))
		m->is_good = false;
}

static bool
has_values(const struct json *v, bool may_be_numbers)
{
	struct members m = {json_is_object(v), may_be_numbers};

	if (m.is_good)
		json_each(v, on_value, &m);
	return m.is_good;
}

static bool
check_text(enum xarf_check check, struct str s, const char *among)
{
	struct ip ip;
	int64_t at_us;

	switch (check) {
	case XARF_NAME:
		return s.n >= 3;
	case XARF_EMAIL:
		return is_email(s);
	case XARF_NO_EMAIL:
		return !is_email(s);
	case XARF_HOST:
		return is_host(s);
	case XARF_URL:
		return is_url(s);
	case XARF_ADDRESS:
		return ip_parse(s, &ip);
	case XARF_TIME:
		return time_parse_rfc3339(s, &at_us);
	case XARF_ENUM:
		return is_among(s, among);
	case XARF_CVE:
		return s.n <= 16 && is_like(s, "CVE-####-#####");
	case XARF_UUID:
		return is_like(s, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
	case XARF_VERSION4:
		return is_version4(s);
	default:
		return true;
	}
}

bool
xarf_check(enum xarf_check check, const struct json *v, const char *among)
{
	switch (check) {
	case XARF_BOOL:
		return is_bool(v);
	case XARF_INTEGER:
		return is_integer(v, INT64_MIN, INT64_MAX);
	case XARF_COUNT:
		return is_integer(v, 0, INT64_MAX);
	case XARF_PORT:
		return is_integer(v, 0, 65535);
	case XARF_PORTS:
		return is_integer(v, 0, 65535) || each_of(v, XARF_PORT);
	case XARF_ASN:
		return is_integer(v, 1, 4199999999);
	case XARF_TEXTS:
		return each_of(v, XARF_TEXT);
	case XARF_TEXT_VALUES:
		return has_values(v, false);
	case XARF_PLAIN_VALUES:
		return has_values(v, true);
	case XARF_OBJECT:
	case XARF_TEXT_OR:
	case XARF_OBJECTS:
		return false;
	default:
		return json_is_string(v) &&
		       check_text(check, json_text(v), among);
	}
}
