/* domain_site - what a domain's health is judged by: settings and options */
#include "cli/domain_site.h"

#include <fcntl.h>
#include <unistd.h>

enum { KEY_FILE_MAX = 16384 };

static int
add_address(struct domain_site *s, struct str entry, struct error *err)
{
	struct health_address *a = &s->addresses[s->site.n_addresses];
	struct str helo;

	if (s->site.n_addresses == DOMAIN_SITE_MAX)
		return error_set(
		    err, "more than %d addresses", DOMAIN_SITE_MAX);
	if (!domains_address(entry, &a->ip, &helo))
		return error_set(err, "\"%.*s\" is no ADDRESS or ADDRESS=NAME",
		    STR_ARG(entry));
	a->helo = helo.n > 0 ? arena_dup(&s->arena, helo) : NULL;
	s->site.n_addresses++;
	return 0;
}

/* What stands between the quotation marks of a zone file, comments apart; all,
 * where there are none. */
static void
read_quoted(struct str file, struct text *out)
{
	bool is_inside = false, is_comment = false;

	for (size_t i = 0; i < file.n; i++) {
		char c = file.p[i];

		if (c == '\n')
			is_comment = false;
		else if (!is_inside && c == ';')
			is_comment = true;
		else if (c == '"' && !is_comment)
			is_inside = !is_inside;
		else if (is_inside)
			text_char(out, c);
	}
	if (out->n == 0)
		text_str(out, str_trim(file));
}

/* The record of our own key; NULL: there is no such file. */
static const char *
read_own_key(struct domain_site *s, const char *pattern, const char *domain,
    struct str selector)
{
	char path[4096], bytes[KEY_FILE_MAX], record[KEY_FILE_MAX];
	struct text t;
	int fd;

	if (!*pattern)
		return NULL;
	text_init(&t, path, sizeof(path));
	for (const char *p = pattern; *p; p++) {
		if (*p == '%' && p[1] == 'd')
			text_add(&t, domain);
		else if (*p == '%' && p[1] == 's')
			text_str(&t, selector);
		else
			text_char(&t, *p);
		p += *p == '%' && (p[1] == 'd' || p[1] == 's');
	}
	fd = t.is_cut ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	ssize_t n = read(fd, bytes, sizeof(bytes));

	close(fd);
	if (n <= 0)
		return NULL;
	text_init(&t, record, sizeof(record));
	read_quoted(str_make(bytes, (size_t)n), &t);
	return arena_dup(&s->arena, text_view(&t));
}

static int
add_selector(struct domain_site *s, struct str name, const char *pattern,
    const char *domain, struct error *err)
{
	struct health_selector *one = &s->selectors[s->site.n_selectors];

	if (s->site.n_selectors == DOMAIN_SITE_MAX)
		return error_set(
		    err, "more than %d selectors", DOMAIN_SITE_MAX);
	if (!domains_is_selector(name))
		return error_set(err, "\"%.*s\" is no selector", STR_ARG(name));
	one->name = arena_dup(&s->arena, name);
	one->own = read_own_key(s, pattern, domain, name);
	s->site.n_selectors++;
	return 0;
}

/* The next of an option's values; they are joined by commas. */
static bool
next_value(struct str *rest, struct str *value)
{
	if (rest->n == 0)
		return false;
	if (!str_cut(rest, ',', value)) {
		*value = *rest;
		rest->n = 0;
	}
	*value = str_trim(*value);
	return true;
}

int
domain_site_read(struct domain_site *s, const struct client_line *l,
    const struct domains_settings *set, const char *domain, struct error *err)
{
	struct str ips = str_from(client_option(l, "ip")), one;
	struct str names = str_from(client_option(l, "selector"));

	arena_init(&s->arena);
	s->site = (struct health_site){0};
	s->site.addresses = s->addresses;
	s->site.selectors = s->selectors;
	s->site.spf_include = set->spf_include;
	s->site.dmarc_rua = set->dmarc_reports_to;
	for (size_t i = 0; ips.n == 0 && i < set->sending_addresses.n; i++) {
		if (add_address(s, str_from(set->sending_addresses.v[i]), err) <
		    0)
			return -1;
	}
	for (size_t i = 0; names.n == 0 && i < set->dkim_selectors.n; i++) {
		if (add_selector(s, str_from(set->dkim_selectors.v[i]),
			set->dkim_key_file, domain, err) < 0)
			return -1;
	}
	while (next_value(&ips, &one)) {
		if (add_address(s, one, err) < 0)
			return -1;
	}
	while (next_value(&names, &one)) {
		if (add_selector(s, one, set->dkim_key_file, domain, err) < 0)
			return -1;
	}
	return 0;
}

void
domain_site_done(struct domain_site *s)
{
	arena_done(&s->arena);
}
