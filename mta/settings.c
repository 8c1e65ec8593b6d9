/* settings - what mta/ can be told */
#include "mta/settings.h"

#define SETTING SETTING_ROW
#define SETTING_STRUCT mta_settings

static const struct setting settings[] = {
#include "mta/settings.def"
};

const struct setting_table mta_settings_table = {
    "mta", settings, sizeof(settings) / sizeof(settings[0])};
