/* secret_line - a password or token in a file of its own */
#ifndef CONFIG_SECRET_LINE_H
#define CONFIG_SECRET_LINE_H

#include "base/error.h"

enum { SECRET_LINE = 512 };

/* Its first line. -1 with an error that names the file: it isn't there, empty,
 * too long, or others may read it. */
int secret_line_read(
    const char *path, char line[SECRET_LINE], struct error *err);

#endif
