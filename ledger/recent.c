/* recent - the last names that were heard, to know them again */
#include "ledger/recent.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"

void
recent_init(struct recent *r, size_t size)
{
	*r = (struct recent){.size = size};
	map_init(&r->map);
	r->ring = xalloc(size, sizeof(*r->ring));
}

void
recent_done(struct recent *r)
{
	map_done(&r->map);
	free(r->ring);
}

static struct str
cut(struct str name)
{
	if (name.n >= RECENT_NAME)
		name.n = RECENT_NAME - 1;
	return name;
}

bool
recent_add(struct recent *r, struct str name)
{
	struct recent_name *slot = &r->ring[r->n % r->size];
	struct text t;

	if (recent_has(r, name))
		return false;
	if (r->n >= r->size)
		map_remove(&r->map, str_from(slot->z));
	r->n++;
	text_init(&t, slot->z, sizeof(slot->z));
	text_str(&t, name);
	map_put(&r->map, text_view(&t), slot);
	return true;
}

bool
recent_has(const struct recent *r, struct str name)
{
	return map_find(&r->map, cut(name)) != NULL;
}
