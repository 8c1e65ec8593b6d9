/* settings - what fbl/ can be told */
#include "fbl/settings.h"

#define SETTING SETTING_ROW
#define SETTING_STRUCT fbl_settings
static const struct setting settings[] = {
#include "fbl/settings.def"
};
#undef SETTING_STRUCT

const struct setting_table fbl_settings_table = {
    "fbl", settings, sizeof(settings) / sizeof(settings[0])};
