/* dmarc_find - the record that holds for a domain, and its organisation: by
 * the walk up the tree (RFC 9989, section 4.10)
 */
#include "domains/dmarc.h"

enum { WALK_MAX = 8, LABELS_MAX = 7 };

static size_t
count_labels(const char *name)
{
	size_t n = *name ? 1 : 0;

	for (; *name; name++)
		n += *name == '.';
	return n;
}

/* The name above; after the first step of a long one, that of 7 labels. */
static const char *
above(const char *name)
{
	size_t labels = count_labels(name);

	do {
		const char *dot = strchr(name, '.');

		if (!dot)
			return NULL;
		name = dot + 1;
	} while (--labels > LABELS_MAX);
	return name;
}

/* The one record at _dmarc.NAME that can be read. */
static enum dmarc_status
read_at(struct answers *a, const char *name, struct dmarc_found *out,
    struct dmarc *record)
{
	char buf[DNS_NAME + 8];
	const struct dns_answer *answer;
	unsigned n = 0;
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "_dmarc.%s", name);
	answer = answers_get(a, text_view(&t), DNS_TXT);
	if (!answer)
		return DMARC_WAITING;
	if (answer->status == DNS_FAILED) {
		out->why = answer->why;
		return DMARC_UNKNOWN;
	}
	for (size_t i = 0; i < answer->n; i++) {
		if (!dmarc_is_record(answer->v[i].text))
			continue;
		out->record = answer->v[i].text;
		n++;
	}
	out->is_secure = answer->is_secure;
	if (n > 1)
		return DMARC_SEVERAL;
	dmarc_read(out->record, record);
	return n == 1 ? DMARC_FOUND : DMARC_NOTHING;
}

static void
copy_name(char out[DNS_NAME], const char *name)
{
	size_t n = strlen(name);

	if (n >= DNS_NAME)
		n = DNS_NAME - 1;
	memcpy(out, name, n);
	out[n] = '\0';
}

/* One walk: what was found on it. */
struct walk {
	struct dmarc_found own, organisation, suffix;
	bool has_own, has_organisation, has_suffix;
	bool is_waiting, is_unknown;
	const char *why;
};

static void
walk_up(struct answers *a, const char *domain, struct walk *w)
{
	const char *below = domain;
	struct dmarc record;

	*w = (struct walk){0};
	copy_name(w->organisation.organisation, domain);
	for (const char *name = domain; name;
	     below = name, name = above(name)) {
		struct dmarc_found one = {0};

		one.status = read_at(a, name, &one, &record);
		copy_name(one.where, name);
		w->is_waiting |= one.status == DMARC_WAITING;
		if (one.status == DMARC_UNKNOWN) {
			w->is_unknown = true;
			w->why = one.why;
		}
		if (name == domain)
			w->own = one;
		if (one.status != DMARC_FOUND)
			continue;
		w->has_own |= name == domain;
		if (record.psd == 'y' && name != domain) {
			w->suffix = one;
			w->has_suffix = true;
			copy_name(w->organisation.organisation, below);
			/* Its own record was met one step before. */
			w->has_organisation =
			    w->has_organisation &&
			    strcmp(w->organisation.where, below) == 0;
			return;
		}
		char before[DNS_NAME];

		copy_name(before, name);
		w->organisation = one;
		copy_name(w->organisation.organisation, before);
		w->has_organisation = true;
		if (record.psd == 'n')
			return;
	}
}

void
dmarc_find(struct answers *a, const char *domain, struct dmarc_found *out)
{
	struct walk w;
	char organisation[DNS_NAME];

	walk_up(a, domain, &w);
	copy_name(organisation, w.organisation.organisation);
	if (w.own.status == DMARC_SEVERAL || w.own.status == DMARC_UNKNOWN ||
	    w.has_own) {
		*out = w.own;
	} else if (w.is_waiting) {
		*out = (struct dmarc_found){.status = DMARC_WAITING};
	} else if (w.is_unknown) {
		*out =
		    (struct dmarc_found){.status = DMARC_UNKNOWN, .why = w.why};
	} else if (w.has_organisation) {
		*out = w.organisation;
	} else if (w.has_suffix) {
		*out = w.suffix;
	} else {
		*out = (struct dmarc_found){.status = DMARC_NOTHING};
	}
	if (w.is_waiting)
		out->status = DMARC_WAITING;
	copy_name(out->organisation, organisation);
}

enum dmarc_status
dmarc_may_report(struct answers *a, const struct dmarc_found *policy,
    struct str uri, char name[DNS_NAME])
{
	char folded[DNS_NAME];
	struct dmarc_found other;
	struct str domain;
	struct text t;

	*name = '\0';
	if (!dmarc_uri_domain(uri, &domain) || !dns_name(domain, folded))
		return DMARC_FOUND; /* nothing that could be asked for */
	dmarc_find(a, folded, &other);
	if (other.status == DMARC_WAITING)
		return DMARC_WAITING;
	if (strcmp(other.organisation, policy->organisation) == 0)
		return DMARC_FOUND;
	text_init(&t, name, DNS_NAME);
	text_printf(&t, "%s._report._dmarc.%s", policy->where, folded);
	const struct dns_answer *answer =
	    answers_get(a, text_view(&t), DNS_TXT);

	if (!answer)
		return DMARC_WAITING;
	if (answer->status == DNS_FAILED)
		return DMARC_UNKNOWN;
	for (size_t i = 0; i < answer->n; i++) {
		if (dmarc_is_record(answer->v[i].text))
			return DMARC_FOUND;
	}
	return DMARC_NOTHING;
}
