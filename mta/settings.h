/* settings - what mta/ can be told (settings.def) */
#ifndef MTA_SETTINGS_H
#define MTA_SETTINGS_H

#include "base/setting.h"

struct mta_settings {
#define SETTING SETTING_FIELD
#include "mta/settings.def"
#undef SETTING
};

extern const struct setting_table mta_settings_table;

#endif
