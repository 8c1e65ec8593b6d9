/* app_imap - mailboxes that are asked for reports (fbl_imap)
 *
 * Each is looked at now and then, by a worker (fbl_imap_batch). A message is
 * marked or moved after the commit that has what it says, and that notes its
 * UIDVALIDITY and UID: one that was counted and not yet marked is only marked
 * when it is seen again.
 */
#ifndef DAEMON_APP_IMAP_H
#define DAEMON_APP_IMAP_H

struct app;
struct app_imap;

struct app_imap *app_imap_new(struct app *a);
/* As fbl_server_free: the owner of take forgets what waits first. */
void app_imap_free(struct app_imap **m);
/* Once a second: mailboxes come and go with the settings. */
void app_imap_tick(struct app_imap *m);
void app_imap_gauges(const struct app_imap *m);

#endif
