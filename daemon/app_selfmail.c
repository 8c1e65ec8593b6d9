/* app_selfmail - a message to oneself: sent, and verified when it comes back
 */
#include "daemon/app_selfmail.h"

#include <stdlib.h>

#include "base/dns.h"
#include "base/dns_name.h"
#include "base/fetch.h"
#include "base/log.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "domains/dkim_verify.h"
#include "domains/selfmail.h"
#include "notify/post.h"

enum { AT_ONCE = 8, MAIL_MAX = 65536 };

/* One that came back; its keys are asked for. */
struct back {
	struct back *next;
	struct app_selfmail *of;
	struct arena arena;
	char domain[DNS_NAME];
	struct dkim_message message;
	struct dkim_signature v[DKIM_SIGNATURES];
	size_t n, at; /* at: the one whose key is asked for */
	bool is_any;  /* one of the domain's own was there */
	struct dns_ask *ask;
};

struct app_selfmail {
	struct app *app;
	struct fetcher *fetcher;
	struct back *backs;
	size_t n_backs;
};

static void
free_back(struct back *b)
{
	struct back **at = &b->of->backs;

	while (*at != b)
		at = &(*at)->next;
	*at = b->next;
	b->of->n_backs--;
	dns_cancel(&b->ask);
	arena_done(&b->arena);
	free(b);
}

static void
finish(struct back *b, enum health_signed what)
{
	struct app *a = b->of->app;

	app_domains_hear(a->domains, str_from(b->domain), what,
	    STR(HEALTH_TEST), loop_now_us(a->loop) / TIME_US);
	free_back(b);
}

static void look(struct back *b);

static void
on_key(void *ctx, const struct dns_answer *a)
{
	struct back *b = ctx;
	const struct dkim_signature *s = &b->v[b->at++];
	struct dkim_key key;

	b->ask = NULL;
	if (a->status == DNS_FAILED) {
		free_back(b); /* could not tell */
		return;
	}
	if (a->n == 1 && !dkim_key_read(a->v[0].text, &key) &&
	    !dkim_verify(&b->message, s, &key))
		finish(b, HEALTH_SIGNED_GOOD);
	else
		look(b);
}

/* The next signature of the domain's own, or one above it: is one good? */
static void
look(struct back *b)
{
	char name[2 * DNS_NAME + 16];
	struct text t;

	for (; b->at < b->n; b->at++) {
		const struct dkim_signature *s = &b->v[b->at];

		if (!dns_is_below(str_from(b->domain), str_from(s->domain)) &&
		    !dns_is_below(str_from(s->domain), str_from(b->domain)))
			continue;
		b->is_any = true;
		if (s->why)
			continue;
		text_init(&t, name, sizeof(name));
		text_printf(&t, "%s._domainkey.%s", s->selector, s->domain);
		b->ask = dns_ask(app_dns_get(b->of->app->dns), text_view(&t),
		    DNS_TXT, on_key, b);
		return;
	}
	finish(b, b->is_any ? HEALTH_SIGNED_BAD : HEALTH_SIGNED_NOT);
}

void
app_selfmail_take(struct app_selfmail *t, const char *domain, struct str mail)
{
	struct back *b;
	struct text name;

	if (t->n_backs == AT_ONCE || mail.n > MAIL_MAX)
		return;
	b = xalloc(1, sizeof(*b));
	b->of = t;
	b->next = t->backs;
	t->backs = b;
	t->n_backs++;
	arena_init(&b->arena);
	text_init(&name, b->domain, sizeof(b->domain));
	text_add(&name, domain);
	if (!dkim_message_read(&b->arena, mail, &b->message)) {
		free_back(b);
		return;
	}
	b->n = dkim_signatures(&b->message, b->v);
	look(b);
}

static void
on_posted(void *ctx, enum courier_outcome outcome, const char *why)
{
	(void)ctx;
	if (outcome != COURIER_TAKEN)
		log_warning("a test message was not taken: %s", why ? why : "");
}

int
app_selfmail_send(struct app_selfmail *t, const char *domain, const char *to,
    struct error *err)
{
	struct app *a = t->app;
	int64_t now = loop_now_us(a->loop) / TIME_US;
	char buf[SELFMAIL_BYTES], date[64];
	struct crypto_key key;
	struct text message, when;

	selfmail_key(&a->secret, &key);
	text_init(&when, date, sizeof(date));
	time_rfc5322(&when, now);
	text_init(&message, buf, sizeof(buf));
	selfmail_write(&key, domain, to, date, now, &message);
	app_domains_try(a->domains, domain);
	if (!t->fetcher)
		t->fetcher = fetcher_new(a->loop);
	if (message.is_cut || !post_letter(t->fetcher, &a->settings->notify, to,
				  text_view(&message), on_posted, t))
		return error_set(err, "it can't be handed in (letter_smtp)");
	return 0;
}

struct app_selfmail *
app_selfmail_new(struct app *a)
{
	struct app_selfmail *t = xalloc(1, sizeof(*t));

	t->app = a;
	return t;
}

void
app_selfmail_free(struct app_selfmail **tp)
{
	struct app_selfmail *t = *tp;

	if (!t)
		return;
	*tp = NULL;
	while (t->backs)
		free_back(t->backs);
	fetcher_free(&t->fetcher);
	free(t);
}
