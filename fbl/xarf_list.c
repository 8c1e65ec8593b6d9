/* xarf_list - what is posted: one XARF document, or an array of them */
#include "fbl/xarf_list.h"

#include "base/json.h"
#include "fbl/report.h"
#include "fbl/xarf_rules.h"

static int
check(struct str document, struct error *err)
{
	enum fbl_unread unread;
	struct fbl_report r;
	struct arena a;

	arena_init(&a);
	int status = fbl_report_parse(
	    document, &fbl_limits_default, &a, &r, &unread, err);

	arena_done(&a);
	return status;
}

static int
read_array(const struct json *doc, struct arena *a, struct xarf_list *out,
    struct error *err)
{
	size_t n = json_count(doc);
	struct text t;
	int status = 0;

	if (n == 0 || n > XARF_LIST)
		return error_set(err, "an array of 1 to %d reports, not of %zu",
		    XARF_LIST, n);
	for (size_t i = 0; i < n && status == 0; i++) {
		const struct json *one = json_at(doc, i);

		if (!json_is_object(one)) {
			error_set(err, "[%zu]: not an object", i);
			return -1;
		}
		text_grow(&t, fbl_limits_default.bytes);
		json_print(&t, one);
		if (t.is_cut)
			error_set(err, "longer than any report");
		out->v[i] = arena_str(a, text_view(&t));
		status = t.is_cut ? -1 : check(out->v[i], err);
		text_done(&t);
		if (status < 0)
			error_prefix(err, "[%zu]", i);
	}
	out->n = n;
	return status;
}

int
xarf_list_read(
    struct str body, struct arena *a, struct xarf_list *out, struct error *err)
{
	struct xarf_list list = {0};
	int status;

	body = str_trim(body);
	list.is_array = str_starts(body, STR("["));
	if (body.n > fbl_limits_default.bytes || xarf_is_too_big(body))
		return error_set(err, "JSON that is longer than any report");
	if (list.is_array) {
		struct json *doc = json_parse(body, err);

		if (!doc)
			return error_prefix(err, "unreadable JSON");
		status = read_array(doc, a, &list, err);
		json_free(&doc);
	} else if (!str_starts(body, STR("{"))) {
		status = error_set(err, "neither an object nor an array");
	} else {
		list.v[list.n++] = arena_str(a, body);
		status = check(body, err);
	}
	if (status == 0)
		*out = list;
	return status;
}
