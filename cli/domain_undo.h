/* domain_undo - what was changed in zones, kept to be taken back
 *
 * A file for each change in the state directory's folder dns-changes, written
 * before anything is sent.
 */
#ifndef CLI_DOMAIN_UNDO_H
#define CLI_DOMAIN_UNDO_H

#include "domains/change.h"

enum { DOMAIN_UNDO_PATH = 4400 };

/* Writes it; path is the file's. */
int domain_undo_keep(const char *state_dir, const struct changes *c,
    char path[DOMAIN_UNDO_PATH], struct error *err);
/* The last one of the domain that is kept: 1; 0: there is none; -1. */
int domain_undo_last(const char *state_dir, const char *domain, struct arena *a,
    struct changes *out, char path[DOMAIN_UNDO_PATH], struct error *err);
/* It need not be kept any more. */
void domain_undo_forget(const char *path);

#endif
