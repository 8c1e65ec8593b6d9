/* pipeline_asker - who asks: the subjects of a policy request
 *
 * Only pipeline*.c include this.
 */
#ifndef DAEMON_PIPELINE_ASKER_H
#define DAEMON_PIPELINE_ASKER_H

#include "daemon/pipeline_state.h"

struct pipeline_asker {
	char account[ACCOUNT_TEXT], claimed[2 * ACCOUNT_TEXT];
	char address[64], network[64];
	struct admission_subject v[SUBJECT_COUNTED]; /* views of it and of the
							request */
	size_t n;
	struct ip client; /* none: it tells nothing */
	bool has_account;
};

void pipeline_name_asker(struct pipeline *p, const struct policy_request *q,
    struct pipeline_asker *out);

#endif
