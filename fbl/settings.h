/* settings - what fbl/ can be told (settings.def, imap_fields.def) */
#ifndef FBL_SETTINGS_H
#define FBL_SETTINGS_H

#include "base/error.h"
#include "base/setting.h"

struct fbl_settings {
#define SETTING SETTING_FIELD
#include "fbl/settings.def"
#undef SETTING
};

/* One mailbox that is asked for reports. */
struct fbl_imap_settings {
#define SETTING SETTING_FIELD
#include "fbl/imap_fields.def"
#undef SETTING
};

extern const struct setting_table fbl_settings_table;
extern const struct setting_table fbl_imap_table;

/* What can't work: an error that begins with the setting's name. The URL is
 * looked at by base/imap_wire. */
int fbl_settings_check(const struct fbl_settings *s, struct error *err);
int fbl_imap_check(const struct fbl_imap_settings *s, struct error *err);

#endif
