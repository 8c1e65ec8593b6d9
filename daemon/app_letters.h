/* app_letters - letters: the directory of owners, the mailer, the texts */
#ifndef DAEMON_APP_LETTERS_H
#define DAEMON_APP_LETTERS_H

#include "daemon/control.h"
#include "daemon/mailer.h"

struct app;
struct app_letters;
struct directory;
struct settings;

/* Once the connection that writes is there. */
struct app_letters *app_letters_new(struct app *a, struct redis *writer);
/* After the notifiers. */
void app_letters_free(struct app_letters **l);
struct mailer *app_letters_mailer(struct app_letters *l);
struct directory *app_letters_directory(struct app_letters *l);
/* A reload, after the settings changed. */
void app_letters_reload(struct app_letters *l);
/* Reads the texts of these settings; -1: a file, a line and why. At the start
 * a bad one is only told, and the built-in texts are used. */
int app_letters_load(struct settings *s, struct error *err);

/* For the desk: `outpost letter`. */
void app_letters_answer(
    void *app, const struct control_request *q, struct control_reply *r);

#endif
