/* desk_held - what a lift says about held mail */
#include "daemon/desk_held.h"

#include "base/time.h"

bool
desk_held_scope(enum subject_kind kind, struct str key, struct held_scope *out)
{
	*out = (struct held_scope){0};
	if (kind == SUBJECT_ACCOUNT)
		out->account = key;
	else if (kind == SUBJECT_DOMAIN)
		out->domain = key;
	else if (kind == SUBJECT_CLIENT || kind == SUBJECT_NETWORK)
		return ip_net_parse(key, &out->net);
	else
		return false;
	return key.n > 0;
}

bool
desk_held_take(const struct control_request *q, int64_t now,
    struct holder_order *o, struct control_reply *r)
{
	struct error err;

	*o = (struct holder_order){.is_rest_return = control_has(q, "return")};
	if (control_has(q, "release") &&
	    held_select_parse(
		control_option(q, "release"), now, &o->release, &err) < 0)
		return control_fail(r, EXIT_USAGE, "--release: %s", err.text);
	return true;
}

void
desk_held_print(const struct holder_order *o, struct text *out)
{
	char words[HELD_SELECT_TEXT];
	struct json_out j;
	struct text t;

	if (!o->release.is_given && !o->is_rest_return)
		return;
	json_out_init(&j, out);
	json_open(&j, NULL);
	text_init(&t, words, sizeof(words));
	held_select_print(&o->release, &t);
	if (o->release.is_given)
		json_str(&j, "release", text_view(&t));
	if (o->is_clean_only)
		json_bool(&j, "clean", true);
	if (o->is_rest_return)
		json_str(&j, "rest", STR("return"));
	json_close(&j);
}

bool
desk_held_read(const struct event *e, struct holder_order *o)
{
	struct json *doc = json_parse(str_from(e->evidence), NULL);
	const struct json *held = json_get(doc, "held");
	struct str release = json_text(json_get(held, "release"));
	enum subject_kind kind;
	struct error err;

	*o = (struct holder_order){.at = e->at_us / TIME_US,
	    .is_clean_only = json_is_true(json_get(held, "clean")),
	    .is_rest_return =
		str_is(json_text(json_get(held, "rest")), STR("return"))};
	bool is_good = held != NULL;

	if (release.n > 0 &&
	    held_select_parse(release, o->at, &o->release, &err) < 0)
		is_good = false;
	json_free(&doc);
	return is_good && subject_kind_parse(str_from(e->kind), &kind) &&
	       desk_held_scope(kind, str_from(e->subject), &o->scope);
}

static void
tell_some(struct text *out, const struct held_tally *t, const char *one,
    const char *many)
{
	text_printf(out, "%zu held message%s %s", t->n, t->n == 1 ? "" : "s",
	    t->n == 1 ? one : many);
}

void
desk_held_tell(const struct holder_order *o, const struct holder_sum *sum,
    struct control_reply *r)
{
	struct text *out = &r->out;

	if (!o->release.is_given && !o->is_rest_return && sum->kept.n == 0)
		return;
	if (o->release.is_given) {
		tell_some(out, &sum->released, "leaves now", "leave now");
		text_char(out, '\n');
	}
	if (o->is_rest_return) {
		tell_some(out, &sum->returned, "goes back to its sender",
		    "go back to their sender");
		text_char(out, '\n');
	}
	if (sum->kept.n == 0)
		return;
	tell_some(out, &sum->kept, "stays: ", "stay: ");
	held_tally_print(&sum->kept, out);
	text_char(out, '\n');
	if (sum->n_forged > 0)
		text_printf(out,
		    "(%zu of these would go back, but name another sender than "
		    "the account, who sent nothing: delete them, or let them "
		    "be.)\n",
		    sum->n_forged);
}

static void
print_place(struct json_out *j, const struct held_place *p)
{
	char net[64];
	struct text t;

	json_open(j, NULL);
	text_init(&t, net, sizeof(net));
	ip_net_format(&t, &p->net);
	if (!ip_is_none(&p->net.ip))
		json_str(j, "network", text_view(&t));
	json_str(j, "origin", str_from(queue_origin_text(p->origin)));
	if (p->origin != QUEUE_ORIGIN_UNTOLD)
		json_bool(j, "known", p->origin != QUEUE_ORIGIN_NEW);
	json_i64(j, "messages", (int64_t)p->n);
	json_i64(j, "bytes", p->bytes);
	json_close(j);
}

void
desk_held_json(struct desk *d, enum subject_kind kind, struct str key,
    const char *name, struct json_out *j)
{
	struct holder_order o = {0};
	struct holder_sum sum;

	if (!desk_held_scope(kind, key, &o.scope))
		return;
	d->foresee(d->ctx, &o, &sum);
	if (sum.kept.n == 0)
		return;
	json_open(j, name);
	json_i64(j, "messages", (int64_t)sum.kept.n);
	json_i64(j, "bytes", sum.kept.bytes);
	json_time(j, "oldest", sum.kept.oldest);
	json_open_array(j, "networks");
	for (size_t i = 0; i < sum.kept.n_places; i++)
		print_place(j, &sum.kept.v[i]);
	json_close_array(j);
	json_close(j);
}
