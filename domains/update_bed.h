/* update_bed - records for tests of what changes a zone */
#ifndef DOMAINS_UPDATE_BED_H
#define DOMAINS_UPDATE_BED_H

#include "base/test.h"
#include "domains/update.h"

/* TXT records as a test names them: texts, each one record. */
static inline struct update_set
set_of(struct arena *a, const char *const *texts)
{
	struct update_set s = {.name = "a.test", .ttl = 300};
	struct text t;
	char buf[4096];

	for (; *texts; texts++) {
		text_init(&t, buf, sizeof(buf));
		update_data(&t, str_from(*texts));
		s.v[s.n++] = arena_str(a, text_view(&t));
	}
	return s;
}

#define SET(...) set_of(a, (const char *const[]){__VA_ARGS__, NULL})

#endif
