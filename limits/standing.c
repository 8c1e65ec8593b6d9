/* standing - the rungs of the ladder by name */
#include "limits/judge.h"

static const struct {
	const char *text, *action;
} rungs[] = {
#define STANDING(name, text, action, help) {text, action},
#include "limits/standings.def"
#undef STANDING
};

const char *
standing_text(enum standing s)
{
	return rungs[s].text;
}

const char *
standing_action(enum standing s)
{
	return rungs[s].action;
}

bool
standing_parse(struct str s, enum standing *out)
{
	for (int i = 0; i < STANDINGS; i++) {
		const char *action = rungs[i].action;

		if (str_is(s, str_from(rungs[i].text)) ||
		    (*action && str_is(s, str_from(action)))) {
			*out = (enum standing)i;
			return true;
		}
	}
	return false;
}
