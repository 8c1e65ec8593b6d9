/* settings - what notify/ can be told (settings.def, webhook_fields.def) */
#ifndef NOTIFY_SETTINGS_H
#define NOTIFY_SETTINGS_H

#include "base/setting.h"

struct owner_settings {
#define SETTING SETTING_FIELD
#include "notify/owner_fields.def"
#undef SETTING
};

struct notify_settings {
#define SETTING SETTING_FIELD
#include "notify/settings.def"
#undef SETTING
	/* Of the list `owners`. */
	const struct owner_settings *owners;
	size_t n_owners;
};

struct webhook_settings {
#define SETTING SETTING_FIELD
#include "notify/webhook_fields.def"
#undef SETTING
};

struct hook_settings {
#define SETTING SETTING_FIELD
#include "notify/hook_fields.def"
#undef SETTING
};

enum { WEBHOOK_NAME = 64 };

extern const struct setting_table notify_settings_table;
extern const struct setting_table owner_settings_table;
extern const struct setting_table webhook_settings_table;
extern const struct setting_table hook_settings_table;

/* What can't work: an error that begins with the setting's name. */
int notify_settings_check(const struct notify_settings *s, struct error *err);
int owner_settings_check(const struct owner_settings *o, struct error *err);
int webhook_settings_check(const struct webhook_settings *w, struct error *err);
int hook_settings_check(const struct hook_settings *h, struct error *err);

#endif
