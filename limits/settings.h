/* settings - what the operator sets about the ladder and its answers */
#ifndef LIMITS_SETTINGS_H
#define LIMITS_SETTINGS_H

#include "base/setting.h"

struct limits_settings {
#define SETTING SETTING_FIELD
#include "limits/settings.def"
#undef SETTING
};

extern const struct setting_table limits_settings_table;

/* What one field alone can't show: the ladder's order, unknown placeholders in
 * the texts. The error names the setting. */
int limits_settings_check(const struct limits_settings *s, struct error *err);

#endif
