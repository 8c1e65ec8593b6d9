/* dnsbl_file - etc/dnsbl.conf, read into the lists that are asked by DNS */
#ifndef CONFIG_DNSBL_FILE_H
#define CONFIG_DNSBL_FILE_H

#include "reputation/dnsbl.h"

#define DNSBL_FILE "/etc/outpost/dnsbl.conf"

/* The shipped file, NUL-terminated. */
extern const unsigned char dnsbl_shipped[];

/* NULL with "FILE:LINE: what". When the file is missing and the default one,
 * the shipped lists. */
struct dnsbls *dnsbl_file_read(const char *path, struct error *err);

#endif
