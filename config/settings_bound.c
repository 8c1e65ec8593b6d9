/* settings_bound - what a reload can't move: it is bound to a socket, a file, a
 * thread or a table of fixed size */
#include "config/settings.h"

enum { VALUE_MAX = 1024 * 1024 };

static const char *const bound[] = {"state_dir", "secret_file", "ref_secrets",
    "node_name", "user", "files", "listen", "policy_mode", "control_socket",
    "control_group", "http_listen", "page_listen", "page_connections",
    "page_network_connections", "page_network_rate", "api_listen", "redis_uri",
    "redis_password_file", "redis_server", "redis_timeout", "books_map_size",
    "commits_per_second", "fold_every", "max_subjects", "events_kept",
    "flights_max", "admission_max", "guess_places_max", "admission_lapse"};

static bool
is_bound(const char *name)
{
	for (size_t i = 0; i < sizeof(bound) / sizeof(bound[0]); i++) {
		if (strcmp(bound[i], name) == 0)
			return true;
	}
	return false;
}

static bool
differs(const struct setting *row, const void *a, const void *b)
{
	struct text x, y;

	text_grow(&x, VALUE_MAX);
	text_grow(&y, VALUE_MAX);
	setting_print(row, a, &x);
	setting_print(row, b, &y);
	bool is_other = !str_is(text_view(&x), text_view(&y));

	text_done(&x);
	text_done(&y);
	return is_other;
}

void
settings_print_bound(
    struct settings *old, struct settings *new, struct text *out)
{
	struct settings_room a, b;

	for (size_t i = 0;
	     settings_room(old, i, &a) && settings_room(new, i, &b); i++) {
		for (size_t k = 0; k < a.table->n; k++) {
			const struct setting *row = &a.table->v[k];

			if (is_bound(row->name) &&
			    differs(row, a.values, b.values))
				text_printf(
				    out, "%s%s", out->n ? ", " : "", row->name);
		}
	}
}
