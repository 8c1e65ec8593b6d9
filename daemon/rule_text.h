/* rule_text - a rule as it would stand in the configuration, whether it stood
 * there or was shipped */
#ifndef DAEMON_RULE_TEXT_H
#define DAEMON_RULE_TEXT_H

#include "limits/rules.h"

/* false: it is not a limit, nor a signal. is_finished: rules_finish was. */
bool rule_text_print(const struct limits_rules *r, struct str name,
    bool is_finished, struct text *t);

#endif
