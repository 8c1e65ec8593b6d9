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

#endif
