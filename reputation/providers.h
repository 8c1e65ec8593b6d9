/* providers - who receives mail: groups of receiving hosts run by one party
 *
 * A provider is known by the name of the host that takes the mail (the MX),
 * not by the recipient's domain: many domains are hosted with a few. The names
 * come from etc/providers.conf. Pure.
 */
#ifndef REPUTATION_PROVIDERS_H
#define REPUTATION_PROVIDERS_H

#include "base/error.h"
#include "base/setting.h"

struct providers;

struct providers *providers_new(void);
void providers_free(struct providers **p);

enum { PROVIDERS_NAME = 32, PROVIDERS_MAX = 1000 };

/* An mx is the name of a host or what it ends in after a dot: "example.net" is
 * also mx1.example.net, never badexample.net. */
struct provider_spec {
#define SETTING SETTING_FIELD
#include "reputation/provider_fields.def"
#undef SETTING
};

extern const struct setting_table providers_fields; /* of provider_spec */

/* The error names what is wrong: a bad name, a host or a domain that two
 * have. */
int providers_add(
    struct providers *p, const struct provider_spec *spec, struct error *err);

/* Another number for each that was ever made. */
uint64_t providers_id(const struct providers *p);

/* In the order in which they were added; NULL beyond the last. */
const char *providers_at(const struct providers *p, size_t i);
/* Its name as the providers own it, NULL: there is none. */
const char *providers_find(const struct providers *p, struct str name);
/* The one whose name is closest to what was typed, NULL: none is close. */
const char *providers_near(const struct providers *p, struct str name);
/* Where to write to; "": not known, nor is the provider. */
const char *providers_contact(const struct providers *p, struct str name);
/* What to do when it refuses; false: there is no such provider. Its texts and
 * the list live as long as the providers. */
struct provider_playbook {
	struct setting_list check;
	int64_t wait; /* seconds; 0: not known */
	const char *advice, *contact;
};
bool providers_playbook(
    const struct providers *p, struct str name, struct provider_playbook *out);
/* What one of its checks means; NULL: there is no such check. */
const char *providers_check_text(struct str check);
/* Whose host this is; the longest ending counts. NULL: nobody's. */
const char *providers_of_host(const struct providers *p, struct str host);

/* Whose domain this is known to be, whatever the log shows; NULL: nobody's. */
const char *providers_of_domain(const struct providers *p, struct str domain);

/* The domains that are known to be with it. */
typedef void providers_domain_fn(void *ctx, struct str domain);
void providers_each_domain(const struct providers *p, struct str name,
    providers_domain_fn *each, void *ctx);

#endif
