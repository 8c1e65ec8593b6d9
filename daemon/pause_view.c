/* pause_view - what of a provider that is paused or slowed goes another way */
#include "daemon/pause_view.h"

#include "base/json.h"

bool
pause_is(const struct standing_state *s, const char *how)
{
	struct json *doc;

	if (s->rung != STANDING_THROTTLED || s->json.n == 0)
		return false;
	doc = json_parse(s->json, NULL);
	bool is = str_is(json_text(json_get(doc, "how")), str_from(how));

	json_free(&doc);
	return is;
}
