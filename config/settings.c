/* settings - one generation of the configuration, all rooms together */
#include "config/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/gz.h"
#include "config/dnsbl_file.h"
#include "config/providers_file.h"
#include "config/settings_entry.h"
#include "config/trials.h"
#include "notify/letter.h"
#include "notify/template_set.h"

#define SETTING SETTING_ROW
#define SETTING_STRUCT daemon_settings
static const struct setting rows[] = {
#include "config/settings.def"
};
#undef SETTING_STRUCT
#undef SETTING

const struct setting_table daemon_settings_table = {
    "daemon", rows, sizeof(rows) / sizeof(rows[0])};

enum { MAX_LIST_FILE = 64 * 1024 * 1024 };

bool
settings_room(struct settings *s, size_t i, struct settings_room *out)
{
	const struct settings_room rooms[] = {
	    {&daemon_settings_table, &s->daemon},
	    {&mta_settings_table, &s->mta},
	    {&limits_settings_table, &s->limits},
	    {&fbl_settings_table, &s->fbl},
	    {&notify_settings_table, &s->notify},
	    {&reputation_settings_table, &s->reputation},
	    {&domains_settings_table, &s->domains},
	};

	if (i >= sizeof(rooms) / sizeof(rooms[0]))
		return false;
	*out = rooms[i];
	return true;
}

static const char *const list_names[] = {"classes", "limits", "webhooks",
    "fbl_imap", "signals", "owners", "hooks", "pools", "own_ips", "dns_zones"};

static bool
is_list_name(struct str name)
{
	for (size_t i = 0; i < sizeof(list_names) / sizeof(*list_names); i++) {
		if (str_is(name, str_from(list_names[i])))
			return true;
	}
	return false;
}

static int
put_plain(struct settings *s, const struct config_entry *e, struct error *err)
{
	struct settings_guess near = {0};
	struct settings_room room;

	if (e->section.n == 0 && is_list_name(e->name) &&
	    e->form == CONFIG_TEXTS && e->value.n == 0)
		return 0; /* an empty list: has_list sees it */
	if (is_list_name(e->section.n ? e->section : e->name)) {
		struct str list = e->section.n ? e->section : e->name;

		error_set(err, "\"%.*s\" is a list: %.*s = ( { ... }, ... );",
		    STR_ARG(list), STR_ARG(list));
		return settings_place(e, err);
	}
	for (size_t i = 0; settings_room(s, i, &room); i++) {
		const struct setting *row =
		    setting_find(room.table, e->section, e->name);

		if (row)
			return settings_put(s, row, e, room.values, err);
		settings_guess(&near, room.table, e);
	}
	return settings_unknown(e, &near, err);
}

/* Two entries of one name in one group: libconfig refuses those itself; here
 * only plain entries are left. */
static int
put_all_plain(
    struct settings *s, const struct config_file *f, struct error *err)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].item == CONFIG_NO_ITEM &&
		    put_plain(s, &f->v[i], err) < 0)
			return -1;
	}
	return 0;
}

/* One element of a list of groups: its entries put into a struct; a signal has
 * its own defaults there already. */
int
settings_put_item(struct settings *s, const struct setting_table *table,
    const struct config_entry *v, size_t n, void *out, struct error *err)
{
	const struct str section = str_from(table->v[0].section);

	if (table != &rules_signal_fields)
		setting_put_defaults(table, &s->arena, out);
	for (size_t i = 0; i < n; i++) {
		struct config_entry e = v[i];
		const struct setting *row =
		    setting_find(table, section, e.name);
		struct settings_guess near = {0};

		if (e.name.n == 0) {
			error_set(err, "an empty element in %.*s",
			    STR_ARG(e.section));
			return settings_place(&e, err);
		}
		if (row && settings_put(s, row, &e, out, err) < 0)
			return -1;
		if (row)
			continue;
		e.section = section;
		settings_guess(&near, table, &e);
		e.section = v[i].section;
		return settings_unknown(&e, &near, err);
	}
	return 0;
}

static int
read_list_file(const char *path, struct text *out, struct error *err)
{
	struct gz *g = gz_open(path, err);
	char buf[65536];
	ssize_t n;

	if (!g)
		return -1;
	while ((n = gz_read(g, buf, sizeof(buf), err)) > 0)
		text_bytes(out, buf, (size_t)n);
	gz_close(&g);
	if (n == 0 && out->is_cut)
		return error_set(err, "%s: too large", path);
	return n < 0 ? -1 : 0;
}

/* A relative name is relative to the file that names it. */
static const char *
resolve(struct settings *s, const char *name, const struct config_entry *by)
{
	char path[4096];
	ptrdiff_t slash = str_find_last(str_from(by->file), STR("/"));
	struct text t;

	if (*name == '/' || slash < 0)
		return name;
	text_init(&t, path, sizeof(path));
	text_str(&t, str_head(str_from(by->file), (size_t)slash + 1));
	text_add(&t, name);
	return arena_dup(&s->arena, text_view(&t));
}

static int
add_class(struct settings *s, const struct config_entry *v, size_t n,
    struct error *err)
{
	struct class_spec spec;
	struct text list;

	if (settings_put_item(s, &rules_class_fields, v, n, &spec, err) < 0)
		return -1;
	if (*spec.file)
		spec.file = resolve(s, spec.file, v);
	text_grow(&list, MAX_LIST_FILE);
	bool has_list = *spec.file && s->lists != SETTINGS_NO_LISTS;
	int status = has_list ? read_list_file(spec.file, &list, err) : 0;

	if (status < 0 && s->lists == SETTINGS_SOME_LISTS) {
		text_clear(&list);
		status = 0;
	}
	if (has_list && status == 0)
		settings_note_file(s, text_view(&list));
	if (status == 0)
		status =
		    rules_add_class(s->rules, &spec, text_view(&list), err);
	text_done(&list);
	return status < 0 ? settings_place(v, err) : 0;
}

static int
add_limit(struct settings *s, const struct config_entry *v, size_t n,
    struct error *err)
{
	struct limit_spec spec;

	if (settings_put_item(s, &rules_limit_fields, v, n, &spec, err) < 0)
		return -1;
	if (rules_add_limit(s->rules, &spec, err) < 0)
		return settings_place(v, err);
	return 0;
}

typedef int add_fn(struct settings *s, const struct config_entry *v, size_t n,
    struct error *err);

static const struct {
	struct str section;
	add_fn *add;
} lists[] = {
    {{"classes", 7}, add_class}, /* limits name them: first */
    {{"limits", 6}, add_limit},
    {{"webhooks", 8}, settings_add_webhook},
    {{"fbl_imap", 8}, settings_add_imap},
    {{"owners", 6}, settings_add_owner},
    {{"hooks", 5}, settings_add_hook},
    {{"pools", 5}, settings_add_pool}, /* own IPs name them: first */
    {{"own_ips", 7}, settings_add_own_ip},
    {{"dns_zones", 9}, settings_add_zone},
};

/* All elements of one list, each a run of entries with the same item. */
static int
put_list(struct settings *s, const struct config_file *f, struct str section,
    add_fn *add, struct error *err)
{
	size_t i = 0;

	while (i < f->n) {
		const struct config_entry *e = &f->v[i];
		size_t end = i + 1;

		while (end < f->n && f->v[end].item == e->item &&
		       str_is(f->v[end].section, e->section))
			end++;
		if (e->item != CONFIG_NO_ITEM && str_is(e->section, section) &&
		    add(s, e, end - i, err) < 0)
			return -1;
		i = end;
	}
	return 0;
}

static bool
is_section(struct settings *s, struct str name)
{
	struct settings_room room;

	for (size_t i = 0; settings_room(s, i, &room); i++) {
		for (size_t k = 0; k < room.table->n; k++) {
			if (str_is(str_from(room.table->v[k].section), name))
				return true;
		}
	}
	return false;
}

static int
check_lists(struct settings *s, const struct config_file *f, struct error *err)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct config_entry *e = &f->v[i];

		if (e->item == CONFIG_NO_ITEM || is_list_name(e->section))
			continue;
		error_set(err, "unknown list \"%.*s\"%s", STR_ARG(e->section),
		    is_section(s, e->section)
			? "; it is a group: name: { key = value; };"
			: "");
		return settings_place(e, err);
	}
	return 0;
}

static bool
has_list(const struct config_file *f, struct str section)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct config_entry *e = &f->v[i];

		if (e->item == CONFIG_NO_ITEM
			? e->section.n == 0 && str_is(e->name, section)
			: str_is(e->section, section))
			return true;
	}
	return false;
}

/* signals = ( { name = "burst"; floor = 50; } ): `name` picks the signal, the
 * other keys are its fields. */
static int
put_signal(struct settings *s, const struct config_entry *v, size_t n,
    struct error *err)
{
	struct config_entry fields[64];
	struct signal_spec spec;
	struct str name = {"", 0};
	size_t n_fields = 0;

	for (size_t i = 0; i < n && n_fields < 64; i++) {
		if (str_is(v[i].name, STR("name")))
			name = v[i].value;
		else
			fields[n_fields++] = v[i];
	}
	if (!rules_signal_defaults(s->rules, name, &spec)) {
		error_set(err, "unknown signal \"%.*s\"", STR_ARG(name));
		return settings_place(v, err);
	}
	if (settings_put_item(
		s, &rules_signal_fields, fields, n_fields, &spec, err) < 0)
		return -1;
	if (rules_set_signal(s->rules, name, &spec, err) < 0)
		return settings_place(v, err);
	return 0;
}

/* An error of all settings together begins with the name of one. */
static int
blame(struct settings *s, const struct config_file *f, struct error *err)
{
	size_t n = strspn(err->text, "abcdefghijklmnopqrstuvwxyz_");

	for (size_t i = 0; i < f->n; i++) {
		if (str_is(f->v[i].name, str_make(err->text, n)))
			return settings_place(&f->v[i], err);
	}
	return error_prefix(err, "%s", s->path);
}

static int
read_dnsbls(struct settings *s, const struct config_file *f, struct error *err)
{
	s->dnsbls = dnsbl_file_read(s->reputation.dnsbl_file, err);
	if (!s->dnsbls)
		return -1;
	if (dnsbl_settings_check_names(&s->reputation, s->dnsbls, err) < 0)
		return blame(s, f, err);
	return 0;
}

static int
compose(struct settings *s, const struct config_file *f, struct error *err)
{
	if (put_all_plain(s, f, err) < 0 || check_lists(s, f, err) < 0)
		return -1;
	if (limits_settings_check(&s->limits, err) < 0 ||
	    notify_settings_check(&s->notify, err) < 0 ||
	    fbl_settings_check(&s->fbl, err) < 0 ||
	    reputation_settings_check(&s->reputation, err) < 0 ||
	    domains_settings_check(&s->domains, err) < 0 ||
	    settings_check(&s->daemon, err) < 0)
		return blame(s, f, err);
	if (*s->fbl.unread_to &&
	    !letter_is_address(str_from(s->fbl.unread_to))) {
		error_set(err, "unread_to must be an address, not \"%s\"",
		    s->fbl.unread_to);
		return blame(s, f, err);
	}
	s->rules = rules_new(&s->limits);
	s->pools = pools_new();
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (put_list(s, f, lists[i].section, lists[i].add, err) < 0)
			return -1;
	}
	if (put_list(s, f, STR("signals"), put_signal, err) < 0)
		return -1;
	if (!has_list(f, STR("limits")))
		rules_add_shipped(s->rules);
	if (providers_file_read(s->reputation.providers_file, &s->providers,
		&s->replies, err) < 0)
		return -1;
	return read_dnsbls(s, f, err);
}

static struct settings *
load(const char *path, int which_lists, struct error *err)
{
	struct settings *s = xalloc(1, sizeof(*s));
	struct config_file f = {0};
	struct settings_room room;

	s->lists = which_lists;
	arena_init(&s->arena);
	for (size_t i = 0; settings_room(s, i, &room); i++)
		setting_put_defaults(room.table, &s->arena, room.values);
	if (!path && access(SETTINGS_PATH, F_OK) == 0)
		path = SETTINGS_PATH;
	s->path = arena_dup(&s->arena, str_from(path));
	if ((path && config_file_read(path, &s->arena, &f, err) < 0) ||
	    compose(s, &f, err) < 0)
		settings_free(&s);
	else
		settings_note_text(s, &f);
	return s;
}

struct settings *
settings_load(const char *path, struct error *err)
{
	return load(path, SETTINGS_LISTS, err);
}

struct settings *
settings_load_old(const char *path, bool has_lists, struct error *err)
{
	return load(
	    path, has_lists ? SETTINGS_SOME_LISTS : SETTINGS_NO_LISTS, err);
}

int
settings_finish_rules(
    const struct settings *s, struct ledger *ledger, struct error *err)
{
	if (rules_finish(s->rules, ledger, err) < 0)
		return -1;
	return s->trial ? trials_finish(s, ledger, err) : 0;
}

void
settings_free(struct settings **sp)
{
	struct settings *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	settings_free(&s->lender);
	trials_free(&s->trials);
	rules_free(&s->rules);
	providers_free(&s->providers);
	pools_free(&s->pools);
	replies_free(&s->replies);
	dnsbls_free(&s->dnsbls);
	template_set_free(&s->letters);
	template_set_free(&s->page);
	arena_done(&s->arena);
	free(s);
}
