/* settings - what notify/ can be told */
#include "notify/settings.h"

#define SETTING SETTING_ROW

#define SETTING_STRUCT notify_settings
static const struct setting settings[] = {
#include "notify/settings.def"
};
#undef SETTING_STRUCT

#define SETTING_STRUCT webhook_settings
static const struct setting webhook_fields[] = {
#include "notify/webhook_fields.def"
};
#undef SETTING_STRUCT

const struct setting_table notify_settings_table = {
    "notify", settings, sizeof(settings) / sizeof(settings[0])};

const struct setting_table webhook_settings_table = {"webhooks", webhook_fields,
    sizeof(webhook_fields) / sizeof(webhook_fields[0])};
