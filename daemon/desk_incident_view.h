/* desk_incident_view - what is known of an incident, for those who show it */
#ifndef DAEMON_DESK_INCIDENT_VIEW_H
#define DAEMON_DESK_INCIDENT_VIEW_H

#include "base/json.h"
#include "daemon/app_state.h"

enum { INCIDENT_CAUSES = 5 };

struct incident_view {
	struct desk *desk;
	const struct incident *i;
	struct json *told; /* NULL: nothing */
	struct cause causes[INCIDENT_CAUSES];
	size_t n_causes;
	int64_t now;
	size_t width; /* of the terminal; 0: none */
};

/* desk_wrap.c: words from column `indent` on, further lines begin there, too;
 * and a newline. width 0: one line. */
void desk_wrap(struct str words, size_t indent, size_t width, struct text *out);

/* desk_playbook.c: what to do about it. */
void desk_playbook_print(const struct incident_view *v, struct text *out);
void desk_playbook_json(const struct incident_view *v, struct json_out *j);
/* A letter to the provider, ready to be sent by a person. */
void desk_playbook_draft(const struct incident_view *v, struct text *out);

#endif
