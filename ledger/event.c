/* event - any change of a standing, in one stream; events are the truth */
#include "ledger/event.h"

#include <assert.h>
#include <stdio.h>

#include "base/json.h"
#include "base/time.h"

static const char *const types[] = {
#define EVENT(name, text, help) text,
#include "ledger/events.def"
#undef EVENT
};

/* The members that are texts. */
static const struct {
	const char *name;
	size_t offset, size;
} members[] = {
#define MEMBER(name)                                  \
	{                                             \
#name, offsetof(struct event, name),  \
		    sizeof(((struct event *)0)->name) \
	}
    MEMBER(node),
    MEMBER(kind),
    MEMBER(subject),
    MEMBER(rung),
    MEMBER(rule),
    MEMBER(class),
    MEMBER(how),
    MEMBER(config),
    MEMBER(cause),
    MEMBER(after),
    MEMBER(file),
    MEMBER(by),
    MEMBER(reason),
#undef MEMBER
};

enum { N_MEMBERS = sizeof(members) / sizeof(members[0]) };

const char *
event_type_text(enum event_type t)
{
	assert((unsigned)t < EVENT_TYPES);
	return types[t];
}

bool
event_type_parse(struct str s, enum event_type *t)
{
	for (int i = 0; i < EVENT_TYPES; i++) {
		if (str_is(s, str_from(types[i]))) {
			*t = (enum event_type)i;
			return true;
		}
	}
	return false;
}

void
event_id(const struct event *e, char id[EVENT_ID])
{
	snprintf(id, EVENT_ID, "%lld-%s-%llu", (long long)e->at_us, e->node,
	    (unsigned long long)e->seq);
}

int
event_compare(const struct event *a, const struct event *b)
{
	if (a->at_us != b->at_us)
		return a->at_us < b->at_us ? -1 : 1;
	int by_node = strcmp(a->node, b->node);

	if (by_node != 0)
		return by_node;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static bool
is_object(const char *evidence)
{
	struct json *doc =
	    *evidence ? json_parse(str_from(evidence), NULL) : NULL;
	bool is = json_is_object(doc);

	json_free(&doc);
	return is;
}

/* Evidence comes from many hands: what is no object is left out. */
static void
print_evidence(struct json_out *j, const struct event *e)
{
	json_raw(j, "evidence",
	    e->is_sane || is_object(e->evidence) ? str_from(e->evidence)
						 : STR("{}"));
}

void
event_print(const struct event *e, struct text *out)
{
	struct json_out j;
	char id[EVENT_ID], time[40];
	struct text t;

	event_id(e, id);
	text_init(&t, time, sizeof(time));
	time_rfc3339_us(&t, e->at_us);
	json_out_init(&j, out);
	json_open(&j, NULL);
	json_str(&j, "id", str_from(id));
	json_str(&j, "type", str_from(types[e->type]));
	json_str(&j, "time", text_view(&t));
	json_i64(&j, "seq", (int64_t)e->seq);
	for (int i = 0; i < N_MEMBERS; i++) {
		const char *v = (const char *)e + members[i].offset;

		if (*v)
			json_str(&j, members[i].name, str_from(v));
	}
	if (e->until != 0)
		json_time(&j, "until", e->until);
	if (e->mark != 0)
		json_time(&j, "mark", e->mark);
	json_bool(&j, "is_operator", e->is_operator);
	json_bool(&j, "is_observed", e->is_observed);
	if (e->is_innocent)
		json_bool(&j, "is_innocent", true);
	if (e->is_again)
		json_bool(&j, "is_again", true);
	print_evidence(&j, e);
	json_close(&j);
}

static int
take_texts(const struct json *doc, struct event *e, struct error *err)
{
	for (int i = 0; i < N_MEMBERS; i++) {
		struct str v = json_text(json_get(doc, members[i].name));

		if (v.n >= members[i].size)
			return error_set(err, "event: %s is longer than %zu",
			    members[i].name, members[i].size - 1);
		if (v.n > 0 && memchr(v.p, 0, v.n))
			return error_set(
			    err, "event: a zero byte in %s", members[i].name);
		if (v.n > 0)
			memcpy((char *)e + members[i].offset, v.p, v.n);
	}
	return e->node[0] ? 0 : error_set(err, "event without node");
}

/* Absent is 0, null is never. */
static int
take_time(
    const struct json *doc, const char *name, int64_t *out, struct error *err)
{
	const struct json *v = json_get(doc, name);
	int64_t us;

	if (!v)
		return 0;
	if (!json_is_string(v)) {
		*out = TIME_NEVER;
		return 0;
	}
	if (!time_parse_rfc3339(json_text(v), &us))
		return error_set(err, "event: %s is no time", name);
	*out = us / TIME_US;
	return 0;
}

static int
take_evidence(const struct json *doc, struct event *e, struct error *err)
{
	const struct json *v = json_get(doc, "evidence");
	struct text t;

	if (!json_is_object(v))
		return 0;
	text_init(&t, e->evidence, sizeof(e->evidence));
	json_print(&t, v);
	return t.is_cut ? error_set(err, "event: too much evidence") : 0;
}

static int
take_all(const struct json *doc, struct event *e, struct error *err)
{
	if (!event_type_parse(json_text(json_get(doc, "type")), &e->type))
		return error_set(err, "event of an unknown type");
	if (!time_parse_rfc3339(json_text(json_get(doc, "time")), &e->at_us))
		return error_set(err, "event without its time");
	int64_t seq = json_number(json_get(doc, "seq"), 0);

	e->seq = seq < 0 ? 0 : (uint64_t)seq;
	e->is_operator = json_is_true(json_get(doc, "is_operator"));
	e->is_observed = json_is_true(json_get(doc, "is_observed"));
	e->is_innocent = json_is_true(json_get(doc, "is_innocent"));
	e->is_again = json_is_true(json_get(doc, "is_again"));
	if (take_texts(doc, e, err) < 0 ||
	    take_time(doc, "until", &e->until, err) < 0 ||
	    take_time(doc, "mark", &e->mark, err) < 0)
		return -1;
	return take_evidence(doc, e, err);
}

bool
event_parse(struct str json, struct event *out, struct error *err)
{
	struct json *doc = json_parse(json, err);
	struct event e = {0};

	if (!doc)
		return false;
	bool ok = take_all(doc, &e, err) == 0;

	json_free(&doc);
	if (ok)
		*out = e;
	return ok;
}
