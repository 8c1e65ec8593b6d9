/* settings - one generation of the configuration, all rooms together
 *
 * Each room declares its own; this file composes them and reads them from the
 * file. A generation is checked as a whole before anybody sees it: a bad file
 * changes nothing.
 */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include "base/dns.h"
#include "base/setting.h"
#include "domains/settings.h"
#include "limits/rules.h"
#include "limits/settings.h"
#include "mta/settings.h"
#include "fbl/settings.h"
#include "notify/settings.h"
#include "reputation/pool.h"
#include "reputation/dnsbl.h"
#include "reputation/providers.h"
#include "reputation/replies.h"
#include "reputation/settings.h"

#define SETTINGS_PATH "/etc/outpost/outpost.conf"

struct daemon_settings {
#define SETTING SETTING_FIELD
#include "config/settings.def"
#undef SETTING
};

extern const struct setting_table daemon_settings_table;

/* settings_check.c: what no bounds can say, an error beginning with the
 * setting's name. */
int settings_check(const struct daemon_settings *s, struct error *err);
/* settings_check.c: what this host is called: node_name, or its own. */
enum { SETTINGS_HOST = 256 };
void settings_host(const struct daemon_settings *s, char host[SETTINGS_HOST]);
/* settings_check.c: for dns_new. */
struct dns_options settings_dns(const struct daemon_settings *s);

enum {
	SETTINGS_WEBHOOKS = 32,
	SETTINGS_IMAP = 16,
	SETTINGS_HOOKS = 32,
	SETTINGS_OWNERS = 500,
	SETTINGS_ZONES = 10000,
};

struct settings {
	struct arena arena;
	const char *path; /* empty: built-in defaults */
	enum { SETTINGS_LISTS, SETTINGS_SOME_LISTS, SETTINGS_NO_LISTS } lists;
	/* settings_text.c: all that was given, as one file that can be loaded,
	 * without passwords; and its name, 12 hex digits of a hash over it. */
	const char *text, *generation;
	uint8_t files[32]; /* a hash over the files of classes; zeros: none */
	struct daemon_settings daemon;
	struct mta_settings mta;
	struct limits_settings limits;
	struct fbl_settings fbl;
	struct notify_settings notify;
	struct reputation_settings reputation;
	struct domains_settings domains;
	struct providers *providers; /* of providers_file */
	struct replies *replies;     /* of the same; never NULL */
	struct pools *pools;	     /* own_ips and pools; never NULL */
	struct dnsbls *dnsbls;	     /* of dnsbl_file; never NULL */
	struct webhook_settings *webhooks;
	size_t n_webhooks;
	struct hook_settings *hooks;
	size_t n_hooks;
	struct fbl_imap_settings *imap; /* mailboxes */
	size_t n_imap;
	struct domains_zone_settings *zones; /* that may be changed */
	size_t n_zones, cap_zones;
	struct template_set *letters; /* app_letters_load; or NULL */
	struct template_set *page;    /* app_page_load; or NULL */
	struct limits_rules *rules;   /* in force; rules_finish is the user's */
	/* NULL: the rules in force are the written ones. See trials.h. */
	const struct trial *trial;
	struct settings_trials *trials;
	struct settings *lender; /* NULL; see settings_borrow_rules */
};

/* path NULL: SETTINGS_PATH if it exists, else the built-in defaults. Errors
 * name file and line. NULL on error. */
struct settings *settings_load(const char *path, struct error *err);
/* One that is over: the files of its classes count as empty where they are
 * gone, or (without lists) aren't read at all. */
struct settings *settings_load_old(
    const char *path, bool has_lists, struct error *err);
void settings_free(struct settings **s);
/* Ladder, limits, classes and signals of `from`, which s owns from now on; s is
 * told apart by from's generation. */
void settings_borrow_rules(struct settings *s, struct settings *from);

/* rules_finish of all that is judged by. */
int settings_finish_rules(
    const struct settings *s, struct ledger *ledger, struct error *err);

/* Every plain setting with its value, as a configuration file with comments. */
void settings_print(struct settings *s, struct text *out);

/* settings_bound.c: the names of those that changed and that only a restart can
 * move, with commas. */
void settings_print_bound(
    struct settings *old, struct settings *new, struct text *out);

/* The rooms' tables with their structs in `s`, in the order of the manual; i
 * starts at 0, false at the end. */
struct settings_room {
	const struct setting_table *table;
	void *values;
};
bool settings_room(struct settings *s, size_t i, struct settings_room *out);

#endif
