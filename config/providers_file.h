/* providers_file - etc/providers.conf, read into providers and replies */
#ifndef CONFIG_PROVIDERS_FILE_H
#define CONFIG_PROVIDERS_FILE_H

#include "reputation/providers.h"
#include "reputation/replies.h"

#define PROVIDERS_FILE "/etc/outpost/providers.conf"

/* The shipped file, NUL-terminated. */
extern const unsigned char providers_shipped[];

/* -1 with "FILE:LINE: what", then both are as before. A missing file that is
 * the default one gives no providers: nobody is known. Without a list of
 * replies the shipped rules hold. */
int providers_file_read(const char *path, struct providers **providers,
    struct replies **replies, struct error *err);

#endif
