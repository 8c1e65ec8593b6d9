/* export_rules - the rules of a case, as they were when it was judged */
#include "base/time.h"
#include "cli/export_case.h"
#include "config/generations.h"
#include "daemon/rule_text.h"
#include "config/trials.h"

enum { RULES = 32 };

struct named {
	struct str v[RULES];
	size_t n;
};

static bool
has_name(const struct named *names, struct str name)
{
	for (size_t i = 0; i < names->n; i++) {
		if (str_is(names->v[i], name))
			return true;
	}
	return false;
}

static void
add_name(struct named *names, struct str name)
{
	if (!has_name(names, name) && name.n > 0 && names->n < RULES)
		names->v[names->n++] = name;
}

/* All that the verdict named. */
static void
collect(const struct json *event, struct named *names)
{
	const struct json *reasons =
	    json_get(json_get(event, "evidence"), "reasons");

	add_name(names, json_text(json_get(event, "rule")));
	for (size_t i = 0; i < json_count(reasons); i++)
		add_name(
		    names, json_text(json_get(json_at(reasons, i), "rule")));
}

static void
put_rules(
    struct export_case *c, struct limits_rules *r, const struct named *names)
{
	const struct ledger_options o = {.max_subjects = 16};
	struct ledger *ledger = ledger_new(&o);
	bool is_finished = rules_finish(r, ledger, NULL) == 0;

	for (size_t i = 0; i < names->n; i++) {
		char buf[1024];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		if (!rule_text_print(r, names->v[i], is_finished, &t))
			text_printf(&t, "%.*s: not a limit, nor a signal",
			    STR_ARG(names->v[i]));
		json_str(&c->j, NULL, text_view(&t));
	}
	ledger_free(&ledger);
}

/* From how many points on what happens, and for how long. */
static void
put_ladder(struct export_case *c, struct settings *s)
{
	struct settings_room room;
	size_t i = 0;

	while (settings_room(s, i++, &room)) {
		const struct setting *row = room.table->v;

		for (size_t k = 0; k < room.table->n; k++, row++) {
			char buf[256];
			struct text t;

			if (strcmp(row->section, "ladder") != 0)
				continue;
			text_init(&t, buf, sizeof(buf));
			text_printf(&t, "ladder.%s = ", row->name);
			setting_print(row, room.values, &t);
			json_str(&c->j, NULL, text_view(&t));
		}
	}
}

/* Which of them its generation put on trial: until the end the version before
 * held. */
static void
put_trial(struct export_case *c, struct settings *s, const struct named *names)
{
	struct error err;

	json_open_array(&c->j, "on_trial");
	if (s)
		trials_restore(s, &err);
	for (size_t i = 0; s && s->trial && i < s->trial->n; i++) {
		const struct trial_rule *r = &s->trial->v[i];
		char buf[640];
		struct text t;

		if (!has_name(names, str_from(r->name)))
			continue;
		text_init(&t, buf, sizeof(buf));
		text_printf(&t, "%s: ", r->name);
		trial_print_change(s->trial, r, &t);
		text_add(&t, "; from ");
		time_rfc3339(&t, r->since);
		text_add(&t, " to ");
		time_rfc3339(&t, r->until);
		json_str(&c->j, NULL, text_view(&t));
	}
	json_close_array(&c->j);
}

void
export_rules(struct export_case *c)
{
	struct str name = json_text(json_get(c->event, "config"));
	struct named names = {.n = 0};
	char buf[64];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_str(&t, name);
	json_str(&c->j, "generation", name);
	collect(c->event, &names);
	struct settings *then =
	    name.n > 0 ? generations_load(c->settings,
			     generations_number(c->settings, buf), false)
		       : NULL;
	bool is_now = !then && str_is(name, str_from(c->settings->generation));
	struct settings *s = is_now ? c->settings : then;

	json_bool(&c->j, "is_generation_known", s != NULL);
	json_open_array(&c->j, "rules");
	if (s && names.n > 0) {
		put_rules(c, s->rules, &names);
		put_ladder(c, s);
	}
	json_close_array(&c->j);
	put_trial(c, then, &names);
	settings_free(&then);
}
