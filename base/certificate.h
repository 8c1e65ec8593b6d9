/* certificate - whom a certificate is for, and until when */
#ifndef BASE_CERTIFICATE_H
#define BASE_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct certificate {
	bool is_for; /* the host that was asked about (RFC 6125) */
	int64_t until;
};

/* The first one in a PEM file. The error names the file. */
int certificate_read(const char *path, const char *host,
    struct certificate *out, struct error *err);

#endif
