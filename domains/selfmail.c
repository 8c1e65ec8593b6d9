/* selfmail - a message to oneself, to see whether what leaves is signed */
#include "domains/selfmail.h"

enum { HEAD = 65536, CODE = 16 };

static const struct str field = STR_INIT("\nX-Outpost-Test: ");

void
selfmail_key(const struct crypto_key *secret, struct crypto_key *out)
{
	crypto_derive(secret, STR("domain test"), out);
}

static void
print_code(const struct crypto_key *key, struct str domain, int64_t at,
    struct text *out)
{
	char words[DNS_NAME + 32];
	uint8_t code[32];
	struct text t;

	text_init(&t, words, sizeof(words));
	text_printf(&t, "%.*s %lld", STR_ARG(domain), (long long)at);
	crypto_hmac(key, text_view(&t), code);
	text_hex(out, code, CODE);
}

void
selfmail_write(const struct crypto_key *key, const char *domain, const char *to,
    const char *date, int64_t now, struct text *out)
{
	text_printf(out,
	    "From: outpost-test@%s\r\nTo: %s\r\n"
	    "Subject: A test message of Outpost's for %s\r\nDate: %s\r\n"
	    "Message-ID: <outpost-test-%lld@%s>\r\n"
	    "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=us-ascii\r\n",
	    domain, to, domain, date, (long long)now, domain);
	text_printf(out, "X-Outpost-Test: %s %lld ", domain, (long long)now);
	print_code(key, str_from(domain), now, out);
	text_add(out, "\r\n\r\nIs this message signed when it arrives?\r\n");
}

bool
selfmail_read(const struct crypto_key *key, struct str mail, int64_t now,
    char domain[DNS_NAME])
{
	struct str head = str_head(mail, HEAD), line, name, at_word;
	ptrdiff_t begin = str_find(head, field);
	char code[2 * CODE + 1];
	struct text t;
	int64_t at;

	if (begin < 0)
		return false;
	head = str_skip(head, (size_t)begin + field.n);
	if (!str_cut(&head, '\n', &line))
		return false;
	line = str_trim(line);
	if (!str_cut(&line, ' ', &name) || !str_cut(&line, ' ', &at_word) ||
	    !str_to_i64(at_word, &at) || name.n >= DNS_NAME ||
	    at + SELFMAIL_FOR < now || at > now + SELFMAIL_FOR)
		return false;
	text_init(&t, code, sizeof(code));
	print_code(key, name, at, &t);
	if (line.n != 2 * CODE || !crypto_same(line.p, code, 2 * CODE))
		return false;
	memcpy(domain, name.p, name.n);
	domain[name.n] = '\0';
	return true;
}
