/* desk_gather - what an answer needs to know of all subjects, in slices */
#include "daemon/desk_gather.h"

#include <stdlib.h>

struct desk_gather *
desk_gather_find(const struct desk *d, const char *name)
{
	return d->gathered && strcmp(d->gathered->name, name) == 0 ? d->gathered
								   : NULL;
}

bool
desk_gather_want(struct desk *d, struct desk_gather *g)
{
	desk_gather_free(&d->wanted);
	d->wanted = g;
	return false;
}

void
desk_gather_free(struct desk_gather **gp)
{
	struct desk_gather *g = *gp;

	*gp = NULL;
	if (g && g->free)
		g->free(g);
	free(g);
}
