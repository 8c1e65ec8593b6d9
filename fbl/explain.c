/* explain - a report as one JSON object, for people and their tools */
#include "fbl/explain.h"

#include "base/time.h"
#include "fbl/fields.h"

static void
put_list(struct json_out *j, const char *key, const struct fbl_list *l)
{
	json_open_array(j, key);
	for (size_t i = 0; i < l->n; i++)
		json_str(j, NULL, l->v[i]);
	json_close_array(j);
}

static void
put_ip(struct json_out *j, const char *key, const struct ip *ip)
{
	char buf[64];
	struct text t;

	if (ip_is_none(ip))
		return;
	text_init(&t, buf, sizeof(buf));
	ip_format(&t, ip);
	json_str(j, key, text_view(&t));
}

static void
put_field(struct json_out *j, const struct fbl_report *r, enum fbl_field field)
{
	const struct fbl_field_rule *rule = &fbl_field_rules[field];
	const struct fbl_list *l = fbl_report_list(r, field);

	if (field == FBL_FEEDBACK_TYPE)
		json_str(j, rule->name, fbl_type_text(r->type));
	else if (field == FBL_SOURCE_IP)
		put_ip(j, rule->name, &r->source_ip);
	else if (field == FBL_INCIDENTS)
		json_i64(j, rule->name, (int64_t)r->incidents);
	else if (rule->many == FBL_MANY && l->n > 0)
		put_list(j, rule->name, l);
	else if (l->n > 0)
		json_str(j, rule->name, l->v[0]);
}

/* The part's fields that report.def doesn't know. */
static void
put_others(struct json_out *j, const struct fbl_report *r)
{
	json_open_array(j, "other_fields");
	for (size_t i = 0; i < r->part.n; i++) {
		if (fields_known(r->part.v[i].name))
			continue;
		json_open(j, NULL);
		json_str(j, "name", r->part.v[i].name);
		json_str(j, "value", r->part.v[i].value);
		json_close(j);
	}
	json_close_array(j);
}

void
fbl_explain(struct json_out *j, const struct fbl_report *r)
{
	json_open(j, NULL);
	json_str(j, "format", fbl_format_text(r->format));
	for (int field = 0; field < FBL_FIELDS; field++)
		put_field(j, r, (enum fbl_field)field);
	if (r->arrived_at != TIME_NEVER)
		json_time(j, "arrived_at", r->arrived_at);
	put_others(j, r);
	json_open_array(j, "derived");
	for (int field = 0; field < FBL_FIELDS; field++) {
		if (r->read.v[field].n == 0 && r->derived.v[field].n > 0)
			json_str(
			    j, NULL, fbl_field_text((enum fbl_field)field));
	}
	json_close_array(j);
	if (r->is_cut)
		json_bool(j, "is_cut", true);
}
