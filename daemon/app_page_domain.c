/* app_page_domain - the page of a domain's health: its link, and what it shows
 *
 * The link is page_url, a token, and the domain's name: TOKEN/example.com. The
 * token is as that of a case, sealed by other keys, for a number made of the
 * name. Each time it is opened the DNS is asked (which has a cache).
 */
#include <stdlib.h>

#include "base/time.h"
#include "daemon/app_page_parts.h"
#include "daemon/app_state.h"
#include "domains/checker.h"
#include "notify/casepage_domain.h"

enum { AT_ONCE = 8, HEADERS = 2048 };

/* Somebody waits for a page. */
struct app_page_check {
	struct app_page_check *next;
	struct app_page *page;
	struct web_request *request;
	struct checker *checker;
	char language[16];
};

static int64_t
now_of(const struct app_page *p)
{
	return loop_now_us(p->app->loop) / TIME_US;
}

static void
domain_id(const char *domain, char id[CASE_ID])
{
	char text[DNS_NAME + 8], cause[33];
	uint8_t hash[CRYPTO_SHA256];
	struct text t;

	text_init(&t, text, sizeof(text));
	text_printf(&t, "domain %s", domain);
	crypto_sha256(text_view(&t), hash);
	text_init(&t, cause, sizeof(cause));
	text_hex(&t, hash, 16);
	case_id(cause, id);
}

static unsigned
generation(const struct app_page *p, const char *domain)
{
	struct roster r;

	return app_domains_find(p->app->domains, domain, &r) ? r.links : 0;
}

bool
app_page_domain_link(
    struct app_page *p, const char *domain, struct text *out, int64_t *until)
{
	const struct notify_settings *s = &p->app->settings->notify;
	struct link l = {.generation = generation(p, domain)};

	if (!*s->page_url)
		return false;
	domain_id(domain, l.id);
	*until = l.until = link_until(0, now_of(p), s->page_link_for);
	text_add(out, s->page_url);
	link_print(&p->domain_keys, &l, out);
	text_printf(out, "/%s", domain);
	return true;
}

static bool
is_good(const struct app_page *p, struct str token, const char *domain)
{
	char id[CASE_ID];
	struct link l;

	domain_id(domain, id);
	return link_open(&p->domain_keys, token, now_of(p), &l) &&
	       strcmp(l.id, id) == 0 && l.generation == generation(p, domain);
}

static const char *
colour_name(enum health_colour c)
{
	return c == HEALTH_UNKNOWN ? "unknown" : health_colour_word(c);
}

static void
fill_part(
    const struct health *h, enum health_part part, struct casepage_part *out)
{
	out->name = health_part_word(part);
	out->colour = colour_name(h->colours[part]);
	for (size_t i = 0; i < h->n_findings; i++) {
		const struct health_finding *f = &h->findings[i];

		if (f->part != part || out->n_findings == CASEPAGE_FINDINGS)
			continue;
		out->findings[out->n_findings].id = f->id;
		out->findings[out->n_findings].text = f->text;
		out->findings[out->n_findings++].colour =
		    colour_name(f->colour);
	}
	for (size_t i = 0; i < h->n_records; i++) {
		const struct health_record *r = &h->records[i];

		if (r->part != part || out->n_records == CASEPAGE_RECORDS)
			continue;
		out->records[out->n_records].name = r->name;
		out->records[out->n_records].text = r->text;
		out->records[out->n_records++].is_right = r->is_right;
	}
}

static void
forget(struct app_page_check *c)
{
	struct app_page_check **at = &c->page->checks;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->page->n_checks--;
	free(c);
}

static void
reply(struct app_page_check *c, const struct health *h)
{
	const struct notify_settings *s = &c->page->app->settings->notify;
	static struct casepage_domain page; /* large */
	const struct template_set *set = c->page->app->settings->page;
	const struct app_page_ask ask = {.kind = CASEPAGE_DOMAIN,
	    .language = template_set_choose(set, str_from(c->language))};
	char headers[HEADERS];
	struct text body, t;

	memset(&page, 0, sizeof(page));
	page.name = str_from(h->domain);
	page.language = str_from(c->language);
	page.provider = str_from(s->provider);
	page.help = str_from(s->help_text);
	page.colour = colour_name(health_worst(h));
	for (int i = 0; i < HEALTH_PARTS; i++)
		fill_part(h, (enum health_part)i, &page.parts[page.n_parts++]);
	text_grow(&body, CASEPAGE_BYTES);
	casepage_domain_write(set, &page, &body);
	text_init(&t, headers, sizeof(headers));
	app_page_headers(c->page, &ask, text_view(&body), &t);
	const struct web_answer a = {.status = 200,
	    .type = "text/html; charset=utf-8",
	    .headers = text_view(&t),
	    .body = text_view(&body)};

	web_reply(c->request, &a);
	text_done(&body);
}

static void
on_checked(void *ctx, struct health *h, size_t questions)
{
	struct app_page_check *c = ctx;

	(void)questions;
	reply(c, h);
	health_free(&h);
	forget(c);
}

/* TOKEN/DOMAIN at the end of a path: a token has no dot. */
static bool
split_path(struct str path, struct str *token, char domain[DNS_NAME])
{
	ptrdiff_t slash = str_find_last(path, STR("/"));

	if (slash < 0 ||
	    !domains_is_domain(str_skip(path, (size_t)slash + 1), domain))
		return false;
	path.n = (size_t)slash;
	slash = str_find_last(path, STR("/"));
	*token = str_skip(path, (size_t)(slash + 1));
	return token->n == LINK_TOKEN;
}

bool
app_page_domain_get(struct app_page *p, struct web_request *r)
{
	const struct app *a = p->app;
	char domain[DNS_NAME], wanted[32];
	struct app_page_check *c;
	struct str token;
	struct text t;

	if (!split_path(r->head->path, &token, domain) ||
	    !is_good(p, token, domain))
		return false;
	if (p->n_checks >= AT_ONCE) {
		web_reply_text(r, 503, "busy: try again in a moment");
		return true;
	}
	c = xalloc(1, sizeof(*c));
	*c = (struct app_page_check){p->checks, p, r, NULL, ""};
	p->checks = c;
	p->n_checks++;
	text_init(&t, wanted, sizeof(wanted));
	http_form(r->head->query, STR("lang"), &t);
	struct str language = casepage_language(a->settings->page,
	    text_view(&t), NULL, http_field(r->head, STR("accept-language")));

	text_init(&t, c->language, sizeof(c->language));
	text_str(&t, language);
	c->checker = checker_start(a->loop, app_dns_get(a->dns), domain,
	    app_domains_site(a->domains, domain),
	    a->settings->domains.domain_check_time * 1000, on_checked, c);
	return true;
}

void
app_page_domain_stop(struct app_page *p)
{
	while (p->checks) {
		checker_cancel(&p->checks->checker);
		forget(p->checks);
	}
}
