/* app_domains_tell - the health of a domain changed: an event */
#include "daemon/app_domains.h"
#include "daemon/app_state.h"
#include "domains/domain_site.h"

uint64_t
app_domains_hash(const struct domain_site *s)
{
	char buf[8192];
	uint8_t hash[CRYPTO_SHA256];
	struct text t;
	uint64_t v = 0;

	text_init(&t, buf, sizeof(buf));
	for (size_t i = 0; i < s->site.n_addresses; i++) {
		ip_format(&t, &s->site.addresses[i].ip);
		text_char(&t, ' ');
	}
	for (size_t i = 0; i < s->site.n_selectors; i++)
		text_printf(&t, "%s ", s->site.selectors[i].name);
	crypto_sha256(text_view(&t), hash);
	memcpy(&v, hash, sizeof(v));
	return v;
}

/* Two nodes that find the same at once name one cause. */
static void
print_cause(const char *domain, const struct roster_change *c, int64_t before,
    char cause[33])
{
	char buf[DNS_NAME + 64];
	uint8_t hash[CRYPTO_SHA256];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "domain %s %d %d %lld", domain, c->part, c->to,
	    (long long)before);
	crypto_sha256(text_view(&t), hash);
	text_init(&t, cause, 33);
	text_hex(&t, hash, 16);
}

void
app_domains_tell(struct app *a, const char *domain,
    const struct roster_change *c, int64_t before)
{
	struct standing_state state;
	struct sanction_about about;
	struct event e = {
	    .type = c->to > c->from ? EVENT_DOMAIN_WORSE : EVENT_DOMAIN_BETTER};
	struct text t;

	pipeline_about(
	    a->pipeline, SUBJECT_DOMAIN, str_from(domain), &state, &about);
	e.at_us = about.now_us;
	e.seq = about.seq;
	text_init(&t, e.node, sizeof(e.node));
	text_add(&t, about.node);
	text_init(&t, e.kind, sizeof(e.kind));
	text_add(&t, subject_kind_text(SUBJECT_DOMAIN));
	text_init(&t, e.subject, sizeof(e.subject));
	text_add(&t, domain);
	text_init(&t, e.rung, sizeof(e.rung));
	text_add(&t, health_colour_word(c->to));
	text_init(&t, e.rule, sizeof(e.rule));
	text_add(&t, c->id);
	text_init(&t, e.by, sizeof(e.by));
	text_add(&t, "outpost");
	text_init(&t, e.reason, sizeof(e.reason));
	text_printf(&t, "%s is %s, it was %s: %s", health_part_word(c->part),
	    health_colour_word(c->to), health_colour_word(c->from), c->text);
	print_cause(domain, c, before, e.cause);
	app_emit(a, &e);
}
