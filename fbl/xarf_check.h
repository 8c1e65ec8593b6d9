/* xarf_check - values of XARF: addresses, times, ports ... */
#ifndef FBL_XARF_CHECK_H
#define FBL_XARF_CHECK_H

#include "base/json.h"

enum xarf_check {
	XARF_TEXT,
	XARF_NAME, /* three characters at least */
	XARF_EMAIL,
	XARF_NO_EMAIL,
	XARF_HOST,
	XARF_URL,
	XARF_ADDRESS,
	XARF_TIME,
	XARF_ENUM,
	XARF_BOOL,
	XARF_INTEGER,
	XARF_COUNT, /* 0 and more */
	XARF_PORT,
	XARF_PORTS, /* one, or a list */
	XARF_ASN,
	XARF_CVE,
	XARF_UUID,
	XARF_VERSION4,
	XARF_TEXTS,	   /* a list */
	XARF_TEXT_VALUES,  /* an object whose members are texts */
	XARF_PLAIN_VALUES, /* ... texts or integers */
	XARF_OBJECT,	   /* these three are the caller's */
	XARF_TEXT_OR,	   /* a text (of alpha), else an object */
	XARF_OBJECTS,
};

/* among: "a|b|c", for XARF_ENUM. */
bool xarf_check(enum xarf_check check, const struct json *v, const char *among);

#endif
