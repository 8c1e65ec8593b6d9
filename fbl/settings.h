/* settings - what fbl/ can be told (settings.def) */
#ifndef FBL_SETTINGS_H
#define FBL_SETTINGS_H

#include "base/setting.h"

struct fbl_settings {
#define SETTING SETTING_FIELD
#include "fbl/settings.def"
#undef SETTING
};

extern const struct setting_table fbl_settings_table;

#endif
