/* app_page - the owners' pages: links to them, what they ask and answer */
#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/app_page_parts.h"
#include "daemon/app_state.h"
#include "notify/directory.h"

enum { FORM_BYTES = 32 * 1024, HEADERS = 2048 };
#define RENEW_US (3600 * TIME_US)

static const struct notify_settings *
settings_of(const struct app_page *p)
{
	return &p->app->settings->notify;
}

static bool
is_https(const struct app_page *p)
{
	return str_starts(str_from(settings_of(p)->page_url), STR("https:"));
}

static int64_t
now_of(const struct app_page *p)
{
	return loop_now_us(p->app->loop) / TIME_US;
}

bool
app_page_link(struct app_page *p, const struct case_head *head, int64_t now,
    struct text *out, int64_t *until)
{
	const struct notify_settings *s = settings_of(p);
	struct link l = {.generation = head->link_generation};

	if (!*s->page_url)
		return false;
	memcpy(l.id, head->id, sizeof(l.id));
	l.until = link_until(head->since, now, s->page_link_for);
	if (until)
		*until = l.until;
	text_add(out, s->page_url);
	return link_print(&p->keys, &l, out);
}

static bool
print_link(void *ctx, const char *cause, int64_t now, struct text *out)
{
	struct app_page *p = ctx;
	const struct case_head *head =
	    p->app->cases ? cases_get(app_cases_store(p->app->cases), cause)
			  : NULL;

	return head && app_page_link(p, head, now, out, NULL);
}

const struct answer_links *
app_page_links(const struct app_page *p)
{
	return &p->links;
}

/* Which page: the end of the path, so that a web server in front may map any
 * place of its own. TOKEN, TOKEN/me ... */
static enum casepage_kind
kind_of(struct str *path)
{
	static const struct {
		struct str end;
		enum casepage_kind kind;
	} ends[] = {{STR_INIT("/me"), CASEPAGE_ME},
	    {STR_INIT("/not-me"), CASEPAGE_NOT_ME},
	    {STR_INIT("/human"), CASEPAGE_HUMAN}};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (str_ends(*path, ends[i].end)) {
			path->n -= ends[i].end.n;
			return ends[i].kind;
		}
	}
	return CASEPAGE_CASE;
}

/* NULL: forged, expired, revoked, or of a case that isn't there: all look the
 * same. Nothing is read from disk for what isn't good. */
static struct case_file *
open_case(struct app_page *p, struct str token)
{
	struct cases *store = app_cases_store(p->app->cases);
	struct link l;

	if (!link_open(&p->keys, token, now_of(p), &l))
		return NULL;
	const struct case_head *head = cases_find(store, str_from(l.id));

	if (!head || !head->is_opened ||
	    (head->link_generation & (LINK_GENERATIONS - 1)) != l.generation)
		return NULL;
	return cases_read(store, head, NULL);
}

/* The prefix binds it to this very host, where the browser speaks HTTPS. */
static struct str
cookie_name(const struct app_page *p)
{
	return is_https(p) ? STR("__Host-outpost") : STR("outpost");
}

static bool
is_cookie(struct str s)
{
	uint8_t raw[PAGE_COOKIE];
	size_t n;

	return s.n == PAGE_COOKIE &&
	       crypto_from_base64url(s, raw, sizeof(raw), &n);
}

static void
make_random(char *out, size_t size)
{
	uint8_t raw[16];
	struct text t;

	crypto_random(raw, sizeof(raw));
	text_init(&t, out, size);
	crypto_base64url(&t, raw, sizeof(raw));
}

/* What is known of the owner by now; asked for, should it not be. */
static const struct owner_entry *
owner_of(const struct app_page *p, struct str account)
{
	static const struct owner_entry nobody;
	struct app_letters *letters = p->app->letters;

	if (!letters)
		return &nobody;
	struct directory *d = app_letters_directory(letters);
	const struct owner_entry *e = directory_cached(d, account);

	if (!e)
		directory_want(d, account);
	return e ? e : &nobody;
}

/* The switch; without it the owner's own, unless a letter had another one. */
static void
put_wanted(const struct app_page *p, const struct web_request *r,
    const struct case_file *f, struct text *out)
{
	http_form(r->head->query, STR("lang"), out);
	if (out->n == 0 && f && f->n_letters == 0)
		text_add(out, owner_of(p, str_from(f->head.account))->language);
}

void
app_page_understand(
    struct app_page *p, const struct web_request *r, struct app_page_ask *q)
{
	struct str path = r->head->path;
	struct str cookie = http_cookie(r->head, cookie_name(p));
	char buf[32];
	struct text wanted;

	*q = (struct app_page_ask){.kind = kind_of(&path)};
	ptrdiff_t slash = str_find_last(path, STR("/"));

	q->token = str_skip(path, (size_t)(slash + 1));
	q->file = open_case(p, q->token);
	if (!q->file)
		q->kind = CASEPAGE_GONE;
	text_init(&wanted, buf, sizeof(buf));
	put_wanted(p, r, q->file, &wanted);
	q->language =
	    casepage_language(p->app->settings->page, text_view(&wanted),
		q->file, http_field(r->head, STR("accept-language")));
	q->is_new_cookie = !is_cookie(cookie);
	if (q->is_new_cookie)
		make_random(q->cookie, sizeof(q->cookie));
	else
		memcpy(q->cookie, cookie.p, PAGE_COOKIE);
}

static bool
is_form(enum casepage_kind kind)
{
	return kind == CASEPAGE_ME || kind == CASEPAGE_NOT_ME ||
	       kind == CASEPAGE_HUMAN;
}

/* Nothing from anywhere but the style of this very page. */
void
app_page_headers(const struct app_page *p, const struct app_page_ask *q,
    struct str page, struct text *out)
{
	uint8_t hash[CRYPTO_SHA256];

	text_add(out, "Content-Security-Policy: default-src 'none'; ");
	crypto_sha256(casepage_style(page), hash);
	text_add(out, "style-src 'sha256-");
	crypto_base64(out, hash, sizeof(hash));
	text_add(out, "'; form-action 'self'; base-uri 'none'; "
		      "frame-ancestors 'none'\r\n"
		      "X-Frame-Options: DENY\r\n"
		      "Referrer-Policy: no-referrer\r\n"
		      "Cross-Origin-Opener-Policy: same-origin\r\n"
		      "Cross-Origin-Resource-Policy: same-origin\r\n"
		      "Cache-Control: no-store\r\n"
		      "X-Robots-Tag: noindex, nofollow\r\n"
		      "Vary: Accept-Language\r\n");
	text_printf(out, "Content-Language: %.*s\r\n", STR_ARG(q->language));
	if (!is_form(q->kind) || !q->is_new_cookie)
		return;
	struct str name = cookie_name(p);

	text_printf(out,
	    "Set-Cookie: %.*s=%s; Path=/; HttpOnly; "
	    "SameSite=Strict%s\r\n",
	    STR_ARG(name), q->cookie, is_https(p) ? "; Secure" : "");
}

static struct str
password_page(const struct app_page *p, const struct case_file *f)
{
	const struct owner_entry *e =
	    f ? owner_of(p, str_from(f->head.account)) : NULL;

	return str_from(e && *e->password_page ? e->password_page
					       : settings_of(p)->password_page);
}

void
app_page_show(struct app_page *p, struct web_request *r, struct app_page_ask *q,
    int status, const struct casepage *typed)
{
	const struct notify_settings *s = settings_of(p);
	struct casepage page = *typed;
	char form[LINK_FORM + 1], once[PAGE_ONCE + 1], headers[HEADERS];
	struct text body, t;

	text_init(&t, form, sizeof(form));
	link_form_print(&p->keys, q->token, str_from(q->cookie), &t);
	make_random(once, sizeof(once));
	page.kind = q->kind;
	page.file = q->file;
	page.language = q->language;
	page.token = q->token;
	page.form = str_from(form);
	page.once = str_from(once);
	page.provider = str_from(s->provider);
	page.help = str_from(s->help_text);
	page.password_page = password_page(p, q->file);
	page.bulk_service = str_from(s->bulk_service);
	text_grow(&body, CASEPAGE_BYTES);
	casepage_write(p->app->settings->page, &page, &body);
	text_init(&t, headers, sizeof(headers));
	app_page_headers(p, q, text_view(&body), &t);
	case_file_free(&q->file);
	const struct web_answer a = {.status = status,
	    .type = "text/html; charset=utf-8",
	    .headers = text_view(&t),
	    .body = text_view(&body)};

	web_reply(r, &a);
	text_done(&body);
}

void
app_page_send_back(struct web_request *r, struct app_page_ask *q)
{
	char headers[HEADERS];
	struct text t;

	text_init(&t, headers, sizeof(headers));
	text_printf(&t,
	    "Location: %s/%.*s?lang=%.*s\r\nCache-Control: no-store\r\n"
	    "Referrer-Policy: no-referrer\r\n",
	    is_form(q->kind) ? ".." : ".", STR_ARG(q->token),
	    STR_ARG(q->language));
	case_file_free(&q->file);
	const struct web_answer a = {.status = 303, .headers = text_view(&t)};

	web_reply(r, &a);
}

static void
on_get(void *ctx, struct web_request *r)
{
	const struct casepage nothing = {0};
	struct app_page *p = ctx;
	struct app_page_ask q;

	if (app_page_domain_get(p, r))
		return;
	app_page_understand(p, r, &q);
	if (is_form(q.kind) && !case_is_in_force(&q.file->head))
		app_page_send_back(r, &q);
	else
		app_page_show(p, r, &q, q.file ? 200 : 404, &nothing);
}

int
app_page_load(struct settings *s, struct error *err)
{
	const struct template_places places = {
	    NULL, s->notify.templates, s->notify.language};
	struct template_set *set = casepage_load(&places, err);

	if (!set)
		return -1;
	template_set_free(&s->page);
	s->page = set;
	return 0;
}

/* At the start the operator's texts may be wrong, ours are not. */
void
app_page_reload(struct app_page *p)
{
	const struct template_places ours = {NULL, "", ""};
	struct settings *s = p->app->settings;
	struct error err;

	if (s->page || app_page_load(s, &err) == 0)
		return;
	log_error("%s; the owners' page uses the built-in texts", err.text);
	s->page = casepage_load(&ours, &err);
	if (!s->page)
		fatal("%s", err.text);
}

struct app_page *
app_page_new(struct app *a)
{
	struct app_page *p = xalloc(1, sizeof(*p));
	struct crypto_key domains;

	p->app = a;
	p->links = (struct answer_links){print_link, p};
	link_keys_init(&p->keys, &a->secret);
	crypto_derive(&a->secret, STR("domain pages"), &domains);
	link_keys_init(&p->domain_keys, &domains);
	app_page_reload(p);
	return p;
}

/* A link that is given out holds for half of page_link_for at least: one that
 * stands in a table is given out all the time. */
static void
on_renew(void *ctx)
{
	struct app_page *p = ctx;

	if (!*settings_of(p)->page_url)
		return;
	p->app->tables_stale = true;
	app_write_tables(p->app);
}

void
app_page_start(struct app_page *p)
{
	struct web *w = app_web_page(p->app->web);

	p->renew = loop_timer_new(p->app->loop, on_renew, p);
	loop_timer_every(p->renew, RENEW_US);
	if (!w)
		return;
	web_route(w, HTTP_GET, "/", 0, on_get, p);
	web_route(w, HTTP_POST, "/", FORM_BYTES, app_page_on_form, p);
}

void
app_page_free(struct app_page **pp)
{
	struct app_page *p = *pp;

	if (!p)
		return;
	*pp = NULL;
	for (struct app_page_saying *s = p->saying; s; s = s->next)
		s->page = NULL; /* the books still hold them */
	app_page_domain_stop(p);
	loop_timer_free(&p->renew);
	free(p);
}
