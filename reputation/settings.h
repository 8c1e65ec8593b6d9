/* settings - what reputation/ can be told (settings.def) */
#ifndef REPUTATION_SETTINGS_H
#define REPUTATION_SETTINGS_H

#include "base/error.h"
#include "base/setting.h"

struct reputation_settings {
#define SETTING SETTING_FIELD
#include "reputation/settings.def"
#undef SETTING
};

extern const struct setting_table reputation_settings_table;

/* The error begins with the setting's name. */
int reputation_settings_check(
    const struct reputation_settings *s, struct error *err);

/* dnsbl_settings.c. The same of dnsbl_lists and so on. */
int dnsbl_settings_check(
    const struct reputation_settings *s, struct error *err);
struct dnsbls;
/* The lists that they name are there. */
int dnsbl_settings_check_names(const struct reputation_settings *s,
    const struct dnsbls *lists, struct error *err);
struct dnsbl;
/* Is it asked about our own addresses and domains? has_key: dnsbl_keys has one
 * for it. */
bool dnsbl_is_wanted(const struct reputation_settings *s,
    const struct dnsbls *lists, const struct dnsbl *one);
/* The file of its key, NULL: there is none. */
const char *dnsbl_key_file(
    const struct reputation_settings *s, const struct dnsbl *one);

#endif
