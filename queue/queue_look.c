/* queue_look - looks at a queue, and runs Postfix's tools on it */
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "base/child.h"
#include "queue/queue_listing.h"
#include "queue/queue_parts.h"

enum { LIST_S = 60, SUPER_S = 60, TRY_S = 10, PATH_BYTES = 512 };
enum { DEFAULT_LIFETIME = 5 * 86400 };

bool
queue_look_init(struct queue_look *l, const struct queue_place *p,
    size_t instance, struct queue_sought *v, size_t n)
{
	*l = (struct queue_look){.place = p, .instance = instance};
	l->v = xalloc(n + 1, sizeof(struct queue_sought *));
	map_init(&l->by_id);
	for (size_t i = 0; i < n; i++) {
		if (v[i].m.result != QUEUE_ASK ||
		    queue_place_find(p, v[i].m.instance) != (int)instance)
			continue;
		l->v[l->n++] = &v[i];
		map_put(&l->by_id, v[i].m.id, &v[i]);
	}
	if (l->n == 0)
		queue_look_done(l);
	return l->n > 0;
}

void
queue_look_done(struct queue_look *l)
{
	map_done(&l->by_id);
	free(l->v);
	l->v = NULL;
}

static int
run(const struct queue_look *l, const char *program, struct child *c,
    struct error *err)
{
	char path[PATH_BYTES];
	struct text t;

	text_init(&t, path, sizeof(path));
	text_printf(&t, "%s/%s", l->place->commands, program);
	c->path = path;
	c->args[0] = "-c";
	c->args[1] = l->place->instances[l->instance].config_dir;
	return child_run(c, err);
}

/* A message may be listed twice while the queue moves; on hold it stays. */
static void
on_listed(void *ctx, struct str line)
{
	struct queue_look *l = ctx;
	struct queue_listed q;
	struct queue_sought *s;

	if (!queue_listing_parse(line, &q) ||
	    !(s = map_find(&l->by_id, q.id)) || s->where == WHERE_HOLD)
		return;
	s->where = str_is(q.queue, STR("hold")) ? WHERE_HOLD : WHERE_QUEUED;
	s->arrived = q.arrived;
	s->size_bytes = q.size_bytes;
	s->is_same = q.arrived >= s->m.from && q.arrived <= s->m.to &&
		     queue_sender_is(q.sender, s->m.sender);
}

int
queue_look(struct queue_look *l, struct error *err)
{
	struct child c = {.args = {NULL, NULL, "-j"},
	    .timeout_s = LIST_S,
	    .on_line = on_listed,
	    .ctx = l};

	for (size_t i = 0; i < l->n; i++) {
		l->v[i]->where = WHERE_NOWHERE;
		l->v[i]->is_same = false;
	}
	return run(l, "postqueue", &c, err);
}

int
queue_look_super(struct queue_look *l, const char *option, bool is_held,
    enum queue_result which, struct error *err)
{
	struct child c = {
	    .args = {NULL, NULL, option, "-", is_held ? "hold" : NULL},
	    .timeout_s = SUPER_S};
	struct text ids;

	text_grow(&ids, l->n * (QUEUE_ID_MAX + 1) + 1);
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i]->m.result != which)
			continue;
		text_str(&ids, l->v[i]->m.id);
		text_char(&ids, '\n');
	}
	c.input = text_view(&ids);
	int rc = ids.n ? run(l, "postsuper", &c, err) : 0;

	text_done(&ids);
	return rc;
}

int
queue_look_try(const struct queue_look *l, struct str id, struct error *err)
{
	char word[QUEUE_ID_MAX + 1];
	struct child c = {.args = {NULL, NULL, "-i", word}, .timeout_s = TRY_S};

	memcpy(word, id.p, id.n);
	word[id.n] = '\0';
	return run(l, "postqueue", &c, err);
}

static void
on_lifetime(void *ctx, struct str line)
{
	int64_t *out = ctx, n;

	line = str_trim(line);
	/* Its unit is the day when there is none. */
	if (str_to_i64(line, &n))
		*out = n * 86400;
	else if (time_parse_duration(line, &n))
		*out = n;
}

int64_t
queue_look_lifetime(const struct queue_look *l, bool is_bounce)
{
	int64_t lifetime = DEFAULT_LIFETIME;
	struct child c = {
	    .args = {NULL, NULL, "-h",
		is_bounce ? "bounce_queue_lifetime" : "maximal_queue_lifetime"},
	    .timeout_s = TRY_S,
	    .on_line = on_lifetime,
	    .ctx = &lifetime};

	return run(l, "postconf", &c, NULL) < 0 ? DEFAULT_LIFETIME : lifetime;
}
