/* received - a Received line, as Postfix writes it and others nearly do */
#ifndef FBL_RECEIVED_H
#define FBL_RECEIVED_H

#include "base/setting.h"
#include "base/str.h"

struct received {
	struct str host; /* behind "by"; empty when it has none */
	struct str id;	 /* empty: none, or none of Postfix's form */
	int64_t at;	 /* TIME_NEVER: no date that can be read */
};

/* Views into value (an unfolded one). */
void received_parse(struct str value, struct received *out);

/* Does one of the patterns ("*.example.com") match? ASCII case is ignored. */
bool received_is_of(const struct setting_list *hosts, struct str host);

#endif
