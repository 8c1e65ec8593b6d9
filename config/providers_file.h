/* providers_file - etc/providers.conf, read into providers */
#ifndef CONFIG_PROVIDERS_FILE_H
#define CONFIG_PROVIDERS_FILE_H

#include "reputation/providers.h"

#define PROVIDERS_FILE "/etc/outpost/providers.conf"

/* NULL with "FILE:LINE: what". A missing file that is the default one gives
 * none: nobody is known. */
struct providers *providers_file_read(const char *path, struct error *err);

#endif
