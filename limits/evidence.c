/* evidence - since when, and from where: what parts an account's own mail from
 * a thief's */
#include "limits/evidence.h"

#include "base/time.h"

static int64_t
longest_window(const struct verdict *v)
{
	int64_t longest = 0;

	for (size_t i = 0; i < v->n_reasons; i++) {
		/* Complaints say nothing of when a thief came. */
		if (!v->reasons[i].is_warning && !v->reasons[i].is_share &&
		    v->reasons[i].window > longest)
			longest = v->reasons[i].window;
	}
	return longest;
}

/* The first message from a network that is new since; `since` when none is. */
static int64_t
first_new(const struct subject_network *nets, size_t n, int64_t since)
{
	int64_t first = TIME_NEVER;

	for (size_t i = 0; i < n; i++) {
		if (nets[i].first_seen >= since && nets[i].first_seen < first)
			first = nets[i].first_seen;
	}
	return first == TIME_NEVER ? since : first;
}

void
evidence_find(const struct judge_input *in, const struct verdict *v,
    int64_t known_after, const struct evidence *earlier, struct evidence *out)
{
	struct subject_network nets[SUBJECT_NETWORKS];
	size_t n = subject_networks(in->subject, nets);

	if (earlier && earlier->began > 0) {
		*out = *earlier;
		return;
	}
	out->began = first_new(nets, n, in->now - longest_window(v));
	out->n = 0;
	for (size_t i = 0; i < n; i++) {
		if (nets[i].first_seen + known_after <= out->began)
			out->known[out->n++] = nets[i].net;
	}
}

void
evidence_add_reads(uint64_t counts[SUBJECT_KINDS])
{
	counts[SUBJECT_ACCOUNT] |= 1ull << LEDGER_DISTINCT_NETWORKS;
	counts[SUBJECT_CLAIMED] |= 1ull << LEDGER_DISTINCT_NETWORKS;
}

void
evidence_print(const struct evidence *e, struct json_out *j)
{
	char buf[64];
	struct text t;

	if (e->began == 0)
		return;
	json_time(j, "began", e->began);
	json_open_array(j, "known");
	for (size_t i = 0; i < e->n; i++) {
		text_init(&t, buf, sizeof(buf));
		ip_net_format(&t, &e->known[i]);
		json_str(j, NULL, text_view(&t));
	}
	json_close_array(j);
}

bool
evidence_read(const struct json *object, struct evidence *out)
{
	const struct json *known = json_get(object, "known");
	int64_t began_us;

	out->began = 0;
	out->n = 0;
	if (!time_parse_rfc3339(
		json_text(json_get(object, "began")), &began_us))
		return false;
	out->began = began_us / TIME_US;
	for (size_t i = 0; i < json_count(known) && i < SUBJECT_NETWORKS; i++) {
		if (ip_net_parse(
			json_text(json_at(known, i)), &out->known[out->n]))
			out->n++;
	}
	return true;
}

bool
evidence_parse(struct str event, struct evidence *out)
{
	struct json *doc = event.n ? json_parse(event, NULL) : NULL;
	bool is_told = evidence_read(json_get(doc, "evidence"), out);

	json_free(&doc);
	return is_told;
}

bool
evidence_knows(const struct evidence *e, const struct ip *client)
{
	for (size_t i = 0; i < e->n; i++) {
		if (ip_net_has(&e->known[i], client))
			return true;
	}
	return false;
}
