/* domain_signed - `outpost domain test NAME [FILE]`: is what left really
 * signed?
 */
#include "cli/domain_signed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/dns.h"
#include "base/dns_name.h"
#include "base/json.h"
#include "base/loop.h"
#include "cli/local.h"
#include "config/settings.h"
#include "domains/dkim_verify.h"

enum { OUT_MAX = 256 * 1024, BLOCK = 65536 };

struct test;

struct tested {
	struct test *test;
	struct dkim_signature s;
	char why[256]; /* empty: it holds */
	bool is_own;   /* of the domain in From, or above it */
	bool is_unknown;
};

struct test {
	const struct client_line *line;
	const char *domain;
	struct loop *loop;
	struct dns *dns;
	struct arena arena;
	struct dkim_message message;
	struct tested v[DKIM_SIGNATURES];
	size_t n, open;
};

static int
read_message(struct test *t, const char *path, struct error *err)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	char block[BLOCK];
	struct text bytes;
	size_t n;

	if (!f)
		return error_set(err, "%s: %s", path, strerror(errno));
	text_grow(&bytes, DKIM_MESSAGE);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		text_bytes(&bytes, block, n);
	bool is_read = !bytes.is_cut && dkim_message_read(&t->arena,
					    text_view(&bytes), &t->message);

	text_done(&bytes);
	if (f != stdin)
		fclose(f);
	return is_read ? 0 : error_set(err, "%s: no message", path);
}

static void
set_why(struct tested *one, const char *why)
{
	struct text t;

	text_init(&t, one->why, sizeof(one->why));
	text_add(&t, why);
}

/* The first record that is a key decides. */
static void
on_key(void *ctx, const struct dns_answer *a)
{
	struct tested *one = ctx;
	const char *why = "there is no key in the DNS";
	struct dkim_key key;

	one->is_unknown = a->status == DNS_FAILED;
	if (one->is_unknown)
		why = "the DNS could not be asked for the key";
	else if (a->n > 1)
		why = "there are several keys in its place in the DNS";
	else if (a->n == 1)
		why = dkim_key_read(a->v[0].text, &key);
	if (a->n == 1 && !why)
		why = dkim_verify(&one->test->message, &one->s, &key);
	set_why(one, why ? why : "");
	if (--one->test->open == 0)
		loop_stop(one->test->loop);
}

static void
ask_keys(struct test *t)
{
	static struct dkim_signature all[DKIM_SIGNATURES];

	t->n = dkim_signatures(&t->message, all);
	for (size_t i = 0; i < t->n; i++) {
		struct tested *one = &t->v[i];
		struct str from = str_from(t->message.from);
		char name[2 * DNS_NAME + 16];
		struct text text;

		*one = (struct tested){.test = t, .s = all[i]};
		one->is_own = from.n > 0 &&
			      (dns_is_below(from, str_from(one->s.domain)) ||
				  dns_is_below(str_from(one->s.domain), from));
		if (one->s.why) {
			set_why(one, one->s.why);
			continue;
		}
		text_init(&text, name, sizeof(name));
		text_printf(
		    &text, "%s._domainkey.%s", one->s.selector, one->s.domain);
		t->open++;
		dns_ask(t->dns, text_view(&text), DNS_TXT, on_key, one);
	}
	if (t->open > 0)
		loop_run(t->loop);
}

static void
print_json(const struct test *t, bool is_good, struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open(&j, NULL);
	json_str(&j, "domain", str_from(t->domain));
	json_str(&j, "from", str_from(t->message.from));
	json_bool(&j, "is_good", is_good);
	json_open_array(&j, "signatures");
	for (size_t i = 0; i < t->n; i++) {
		json_open(&j, NULL);
		json_str(&j, "domain", str_from(t->v[i].s.domain));
		json_str(&j, "selector", str_from(t->v[i].s.selector));
		json_bool(&j, "holds", !*t->v[i].why);
		json_bool(&j, "is_own", t->v[i].is_own);
		json_str(&j, "why", str_from(t->v[i].why));
		json_close(&j);
	}
	json_close_array(&j);
	json_close(&j);
	text_char(out, '\n');
}

static void
print_text(const struct test *t, bool is_good, struct text *out)
{
	if (strcmp(t->message.from, t->domain) != 0)
		text_printf(out, "! the message is from %s, not from %s\n",
		    *t->message.from ? t->message.from : "nobody", t->domain);
	if (t->n == 0)
		text_add(out, "! it has no DKIM signature: it was not signed "
			      "on its way out\n");
	for (size_t i = 0; i < t->n; i++) {
		const struct tested *one = &t->v[i];

		text_printf(out, "%s signature of %s (selector %s) %s",
		    *one->why ? "!" : "-", one->s.domain, one->s.selector,
		    *one->why ? "does not hold: " : "holds");
		text_add(out, one->why);
		text_add(
		    out, one->is_own ? "\n" : "; it is of another domain\n");
	}
	text_printf(out, "%s: %s\n", t->domain,
	    is_good ? "what leaves is signed, and the signature holds"
		    : "what leaves is not signed as it should be");
}

static enum exit_status
print(const struct test *t)
{
	bool is_good = false;
	struct text out;

	for (size_t i = 0; i < t->n; i++)
		is_good |= !*t->v[i].why && t->v[i].is_own;
	is_good &= strcmp(t->message.from, t->domain) == 0;
	text_grow(&out, OUT_MAX);
	(t->line->is_json ? print_json : print_text)(t, is_good, &out);
	enum exit_status status = local_print(text_view(&out));

	text_done(&out);
	return status == EXIT_OK && !is_good ? EXIT_WARNED : status;
}

enum exit_status
domain_signed(
    const struct client_line *l, const struct settings *s, const char *domain)
{
	struct dns_options options = settings_dns(&s->daemon);
	struct test *t = xalloc(1, sizeof(*t));
	struct error err;
	enum exit_status status;

	t->line = l;
	t->domain = domain;
	t->loop = loop_new();
	arena_init(&t->arena);
	t->dns = dns_new(t->loop, &options, &err);
	if (t->dns &&
	    read_message(t, l->n_args > 2 ? l->args[2] : "-", &err) == 0) {
		ask_keys(t);
		status = print(t);
	} else {
		status = local_fail(EXIT_FAILED, "%s", err.text);
	}
	dns_free(&t->dns);
	loop_free(&t->loop);
	arena_done(&t->arena);
	free(t);
	return status;
}
