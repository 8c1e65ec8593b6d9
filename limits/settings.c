/* settings - what the operator sets about the ladder and its answers */
#include "limits/settings.h"

#include "limits/answer.h"

#define SETTING_STRUCT limits_settings
static const struct setting rows[] = {
#define SETTING SETTING_ROW
#include "limits/settings.def"
#undef SETTING
};

const struct setting_table limits_settings_table = {
    "limits",
    rows,
    sizeof(rows) / sizeof(rows[0]),
};

static int
check_text(const char *name, const char *text, struct error *err)
{
	char unknown;

	if (answer_text_is_known(text, &unknown))
		return 0;
	return error_set(
	    err, "%s: unknown placeholder %%%c", name, unknown ? unknown : '?');
}

int
limits_settings_check(const struct limits_settings *s, struct error *err)
{
	if (s->score_watch > s->score_throttle ||
	    s->score_throttle > s->score_hold ||
	    s->score_hold > s->score_suspend)
		return error_set(err, "score_watch, score_throttle, "
				      "score_hold, score_suspend must ascend");
	if (check_text("throttle_text", s->throttle_text, err) < 0)
		return -1;
	return check_text("suspend_text", s->suspend_text, err);
}
