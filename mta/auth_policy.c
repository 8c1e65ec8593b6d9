/* auth_policy - what Dovecot asks and tells of a login by HTTP */
#include "mta/auth_policy.h"

/* To 2.3 a report has success and policy_reject, later ones fail_type, too. A
 * password that was right, or never looked at, was not guessed. */
static enum auth_policy_end
read_end(const struct json *doc)
{
	struct str why = json_text(json_get(doc, "fail_type"));

	if (json_is_true(json_get(doc, "policy_reject")))
		return AUTH_POLICY_NEITHER;
	if (json_is_true(json_get(doc, "success")))
		return AUTH_POLICY_SUCCESS;
	if (!json_get(doc, "success"))
		return AUTH_POLICY_NEITHER;
	if (why.n == 0 || str_is(why, STR("credentials")) ||
	    str_is(why, STR("account")))
		return AUTH_POLICY_FAILURE;
	return AUTH_POLICY_NEITHER;
}

bool
auth_policy_parse(struct str body, struct auth_policy *out, struct json **doc,
    struct error *err)
{
	*doc = json_parse(body, err);
	if (!*doc)
		return false;
	if (!json_is_object(*doc)) {
		error_set(err, "no object");
		json_free(doc);
		return false;
	}
	*out = (struct auth_policy){
	    .login = json_text(json_get(*doc, "login")),
	    .protocol = json_text(json_get(*doc, "protocol")),
	    .end = read_end(*doc),
	};
	struct str remote = json_text(json_get(*doc, "remote"));

	if (!ip_parse(remote, &out->client))
		out->client = (struct ip){0};
	return true;
}

bool
auth_policy_is_submission(const struct auth_policy *q)
{
	return str_is_nocase(q->protocol, STR("smtp")) ||
	       str_is_nocase(q->protocol, STR("submission"));
}

void
auth_policy_print(struct text *out, bool is_refused, struct str msg)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open(&j, NULL);
	json_i64(&j, "status", is_refused ? -1 : 0);
	json_str(&j, "msg", msg);
	json_close(&j);
}
