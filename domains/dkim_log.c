/* dkim_log - who signs what, as the signer's log lines say */
#include "domains/dkim_log.h"

#include "domains/settings.h"

/* What stands between two marks; the text goes on behind the second. */
static bool
between(struct str *text, struct str from, char to, struct str *out)
{
	ptrdiff_t at = str_find(*text, from);

	if (at < 0)
		return false;
	*text = str_skip(*text, (size_t)at + from.n);
	return str_cut(text, to, out);
}

static bool
read_milter(struct str text, struct str *domain, struct str *selector)
{
	return between(&text, STR("DKIM-Signature field added (s="), ',',
		   selector) &&
	       between(&text, STR("d="), ')', domain);
}

static bool
read_rspamd(struct str text, struct str *domain, struct str *selector)
{
	return between(&text, STR("DKIM_SIGNED("), '{', domain) &&
	       between(&text, STR(""), ':', domain) &&
	       str_take(&text, STR("s=")) && str_cut(&text, ';', selector);
}

bool
dkim_log_parse(struct str program, struct str text, char domain[DNS_NAME],
    struct str *selector)
{
	struct str name, key;
	bool is_read = str_starts(program, STR("rspamd"))
			   ? read_rspamd(text, &name, &key)
			   : (str_is(program, STR("opendkim")) ||
				 str_starts(program, STR("dkimpy"))) &&
				 read_milter(text, &name, &key);

	if (!is_read || !domains_is_domain(str_trim(name), domain) ||
	    !domains_is_selector(str_trim(key)))
		return false;
	*selector = str_trim(key);
	return true;
}
