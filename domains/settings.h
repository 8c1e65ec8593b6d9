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

extern const struct setting_table domains_settings_table;

/* The error begins with the setting's name. */
int domains_settings_check(const struct domains_settings *s, struct error *err);

/* An entry of sending_addresses: ADDRESS or ADDRESS=HELO; *helo is empty where
 * none is given. */
bool domains_address(struct str entry, struct ip *ip, struct str *helo);
/* A full domain name of letters, digits, - and _: folded as dns_name does. */
bool domains_is_domain(struct str s, char out[DNS_NAME]);
/* A selector: labels that a name can have before ._domainkey. */
bool domains_is_selector(struct str s);

#endif
