/* xarf - XARF in JSON, versions 1 to 4 (github.com/xarf) */
#include "fbl/reading.h"

enum taken
xarf_take_json(struct reading *g, struct str json)
{
	(void)json;
	error_set(g->err, "JSON that is no XARF");
	return TAKEN_NOT;
}

enum taken
xarf_take(struct reading *g)
{
	(void)g;
	return TAKEN_NOT;
}

enum taken
xarf_yaml_take(struct reading *g)
{
	(void)g;
	return TAKEN_NOT;
}
