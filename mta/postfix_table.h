/* postfix_table - cdb tables that Postfix reads, and their entries
 *
 * A suspension must hold while outpostd and Redis are down, so it stands in a
 * table too: cdb:/path without the ".cdb" in main.cf. What was tried on
 * Postfix 3.7.11 (cdb_table(5), access(5)):
 *
 *   - smtpd keeps the table it opened for its open sessions and reads the new
 *     one before its next connection.
 *   - a missing table refuses everybody (451), an empty file stops smtpd: so a
 *     table is made before its name is printed, replaced by rename, never
 *     removed. A table of no entries is a valid cdb.
 *   - check_sasl_access looks up the login that the client gave (as Dovecot
 *     passed it on), in lower case, whole: no part of it is tried.
 *
 * The login of an app password ("alice%phone") that a rule with "*" strips is
 * another key, and there is no end of those: only the policy service refuses
 * them, while it runs.
 */
#ifndef MTA_POSTFIX_TABLE_H
#define MTA_POSTFIX_TABLE_H

#include <sys/types.h>
#include "base/error.h"
#include "base/ip.h"
#include "mta/account.h"

/* Gives the next entry, false at the end. The views live until the next call.
 * Of entries with one key the first counts. */
typedef bool postfix_table_next_fn(
    void *ctx, struct str *key, struct str *value);

/* Write the table at path (its name ends in ".cdb") beside itself, sync it and
 * rename it. On failure the old one stays. Blocks for two fsyncs, and Postfix
 * restarts an smtpd per new connection after it: at most once a second is the
 * caller's matter; one that is the same already is left alone. Mode: smtpd
 * opens it as root (0640 is enough), sendmail (authorized_submit_users) as
 * anybody (0644). */
int postfix_table_write(const char *path, mode_t mode,
    postfix_table_next_fn *next, void *ctx, struct error *err);

/* Make an empty one if there is none. */
int postfix_table_make(const char *path, mode_t mode, struct error *err);

/* What Postfix would find: 1, and the value in *value; 0 when there is no such
 * key; -1 when there is no table. */
int postfix_table_find(
    const char *path, struct str key, struct text *value, struct error *err);

/* Every entry. */
typedef void postfix_table_each_fn(void *ctx, struct str key, struct str value);
int postfix_table_each(const char *path, postfix_table_each_fn *each, void *ctx,
    struct error *err);

/* A spelling of a login, to be a key. */
typedef void postfix_table_key_fn(void *ctx, struct str key);

/* All keys under which an account may log in that the rules let us name: with
 * and without the default realm, with each suffix that has no "*". None for an
 * account that isn't a login. */
void postfix_table_login_keys(const struct account_rules *rules,
    struct str account, postfix_table_key_fn *on_key, void *ctx);

/* postfix_table_client.c: all keys of an address or network for
 * check_client_access. false, and none, when it can't be named so: a network
 * that would need more than 256 keys (an IPv6 prefix that is no multiple of 16
 * and more than 8 off), one of everybody, an IPv6 one that ends in more than
 * 32 zeros. A cdb is right nevertheless: smtpd does not notice that a cidr
 * table changed before it ends, after 100 connections. */
bool postfix_table_client_keys(
    const struct ip_net *net, postfix_table_key_fn *on_key, void *ctx);

#endif
