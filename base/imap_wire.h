/* imap_wire - bytes to and from an IMAP server, by libcurl
 *
 * libcurl finds the server, makes TLS (always; imap:// is STARTTLS), verifies
 * its certificate, logs in, and hands the connection over. The commands are the
 * caller's: curl gives no message away without marking it as seen. Blocks: for
 * a worker.
 */
#ifndef BASE_IMAP_WIRE_H
#define BASE_IMAP_WIRE_H

#include <stdatomic.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/str.h"

struct imap_wire_options {
	const char *url; /* "imaps://HOST[:PORT]", or "imap://" */
	const char *user, *password;
	const char *ca_file; /* empty: the system's */
	int timeout_ms;	     /* until logged in; and each wait later */
	const atomic_bool *is_cancelled; /* true: give up soon */
};

struct imap_wire;

/* Is this a URL of a server, without login, folder or parameters? -1 with an
 * error. */
int imap_wire_check(const char *url, struct error *err);
/* Keeps no pointer of o but is_cancelled. */
struct imap_wire *imap_wire_open(
    const struct imap_wire_options *o, struct error *err);
void imap_wire_close(struct imap_wire **w);

int imap_wire_send(struct imap_wire *w, struct str bytes, struct error *err);
/* At least one byte; -1 with an error, also when it was closed. */
ssize_t imap_wire_recv(
    struct imap_wire *w, char *buf, size_t n, struct error *err);

#endif
