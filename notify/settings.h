/* settings - what notify/ can be told (settings.def, webhook_fields.def) */
#ifndef NOTIFY_SETTINGS_H
#define NOTIFY_SETTINGS_H

#include "base/setting.h"

struct notify_settings {
#define SETTING SETTING_FIELD
#include "notify/settings.def"
#undef SETTING
};

struct webhook_settings {
#define SETTING SETTING_FIELD
#include "notify/webhook_fields.def"
#undef SETTING
};

extern const struct setting_table notify_settings_table;
extern const struct setting_table webhook_settings_table;

#endif
