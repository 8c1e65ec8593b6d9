/* domain_site - what a domain's health is judged by: settings, learned names */
#include "domains/domain_site.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { KEY_FILE_MAX = 16384 };

struct domain_site *
domain_site_new(const struct domains_settings *set)
{
	struct domain_site *s = xalloc(1, sizeof(*s));

	arena_init(&s->arena);
	s->site.addresses = s->addresses;
	s->site.selectors = s->selectors;
	s->site.spf_include = arena_dup(&s->arena, str_from(set->spf_include));
	s->site.dmarc_rua =
	    arena_dup(&s->arena, str_from(set->dmarc_reports_to));
	return s;
}

void
domain_site_free(struct domain_site **s)
{
	if (!*s)
		return;
	arena_done(&(*s)->arena);
	free(*s);
	*s = NULL;
}

int
domain_site_add_address(
    struct domain_site *s, struct str entry, struct error *err)
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
	fd = t.is_cut ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
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

int
domain_site_add_selector(struct domain_site *s, struct str name,
    const char *key_file, const char *domain, struct error *err)
{
	for (size_t i = 0; i < s->site.n_selectors; i++) {
		if (str_is_nocase(name, str_from(s->selectors[i].name)))
			return 0;
	}
	struct health_selector *one = &s->selectors[s->site.n_selectors];

	if (s->site.n_selectors == DOMAIN_SITE_MAX)
		return error_set(
		    err, "more than %d selectors", DOMAIN_SITE_MAX);
	if (!domains_is_selector(name))
		return error_set(err, "\"%.*s\" is no selector", STR_ARG(name));
	one->name = arena_dup(&s->arena, name);
	one->own = read_own_key(s, key_file, domain, name);
	s->site.n_selectors++;
	return 0;
}

int
domain_site_add_addresses(struct domain_site *s,
    const struct domains_settings *set, struct error *err)
{
	for (size_t i = 0; i < set->sending_addresses.n; i++) {
		if (domain_site_add_address(
			s, str_from(set->sending_addresses.v[i]), err) < 0)
			return -1;
	}
	return 0;
}

int
domain_site_add_selectors(struct domain_site *s,
    const struct domains_settings *set, const char *domain, struct error *err)
{
	for (size_t i = 0; i < set->dkim_selectors.n; i++) {
		if (domain_site_add_selector(s,
			str_from(set->dkim_selectors.v[i]), set->dkim_key_file,
			domain, err) < 0)
			return -1;
	}
	return 0;
}
