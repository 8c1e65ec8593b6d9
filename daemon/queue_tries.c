/* queue_tries - messages that outpost-queue is to hurry, soon */
#include "daemon/queue_tries.h"

static void
put(char *out, size_t size, struct str s)
{
	struct text t;

	text_init(&t, out, size);
	text_str(&t, s);
}

bool
queue_tries_add(struct queue_tries *t, struct str instance, struct str id)
{
	if (t->n == QUEUE_TRIES || !queue_id_is_good(id) ||
	    !queue_instance_is_good(instance))
		return false;
	put(t->v[t->n].instance, sizeof(t->v[0].instance), instance);
	put(t->v[t->n++].id, sizeof(t->v[0].id), id);
	return true;
}

bool
queue_tries_next(struct queue_tries *t, struct queue_request *out)
{
	if (t->n == 0)
		return false;
	out->verb = QUEUE_VERB_TRY;
	out->operator= out->reason = STR("");
	for (out->n = 0; out->n < t->n; out->n++)
		out->messages[out->n] = (struct queue_message){
		    .instance = str_from(t->v[out->n].instance),
		    .id = str_from(t->v[out->n].id)};
	t->n = 0;
	return true;
}
