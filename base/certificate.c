/* certificate - whom a certificate is for, and until when */
#include "base/certificate.h"

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t
time_of(const ASN1_TIME *t)
{
	struct tm tm = {0};

	return ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

int
certificate_read(const char *path, const char *host, struct certificate *out,
    struct error *err)
{
	FILE *f = fopen(path, "re");

	if (!f)
		return error_set(err, "%s: %s", path, strerror(errno));
	X509 *x = PEM_read_X509(f, NULL, NULL, NULL);

	fclose(f);
	if (!x)
		return error_set(err, "%s: no certificate in it", path);
	out->is_for = X509_check_host(x, host, 0, 0, NULL) == 1;
	out->until = time_of(X509_get0_notAfter(x));
	X509_free(x);
	return 0;
}
