/* settings - what domains/ can be told (settings.def) */
#ifndef DOMAINS_SETTINGS_H
#define DOMAINS_SETTINGS_H

#include "base/dns_answer.h"
#include "base/error.h"
#include "base/setting.h"

struct domains_settings {
#define SETTING SETTING_FIELD
#include "domains/settings.def"
#undef SETTING
};

/* One zone that may be changed from here. */
struct domains_zone_settings {
#define SETTING SETTING_FIELD
#include "domains/zone_fields.def"
#undef SETTING
};

extern const struct setting_table domains_settings_table;
extern const struct setting_table domains_zone_table;

/* The error begins with the setting's name. */
int domains_settings_check(const struct domains_settings *s, struct error *err);

/* The server's address and port are looked at by the config room. */
int domains_zone_check(
    const struct domains_zone_settings *z, struct error *err);
/* The one that the domain lies in: the longest; NULL: none of them. The domain
 * is dns_name's. */
const struct domains_zone_settings *domains_zone_of(
    const struct domains_zone_settings *v, size_t n, const char *domain);

/* An entry of sending_addresses: ADDRESS or ADDRESS=HELO; *helo is empty where
 * none is given. */
bool domains_address(struct str entry, struct ip *ip, struct str *helo);
/* A full domain name of letters, digits, - and _: folded as dns_name does. */
bool domains_is_domain(struct str s, char out[DNS_NAME]);
/* A selector: labels that a name can have before ._domainkey. */
bool domains_is_selector(struct str s);

#endif
