/* domain_dmarc - `outpost domain dmarc NAME`: an assistant for its record */
#include "cli/domain_dmarc.h"

#include <stdio.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/domain.h"
#include "cli/domain_print.h"
#include "cli/local.h"
#include "config/settings.h"
#include "domains/dmarc_advice.h"

enum { ANSWER = 330, OUT_MAX = 64 * 1024 };

struct wish {
	struct dmarc_wish wish;
	char reports_to[ANSWER];
};

/* On the terminal; an empty answer is the default. */
static void
ask(const char *question, const char *otherwise, char answer[ANSWER])
{
	char line[ANSWER];
	struct text t;

	fprintf(stderr, "%s [%s] ", question, otherwise);
	fflush(stderr);
	bool is_read = fgets(line, sizeof(line), stdin) != NULL;
	struct str s = is_read ? str_trim(str_from(line)) : STR("");

	text_init(&t, answer, ANSWER);
	text_str(&t, s.n > 0 ? s : str_from(otherwise));
}

/* The option's value; else what is answered; else the default. */
static void
take(const struct client_line *l, const char *option, const char *question,
    const char *otherwise, char answer[ANSWER])
{
	const char *given = client_option(l, option);
	struct text t;

	if (!given && isatty(STDIN_FILENO) && !l->is_json) {
		ask(question, otherwise, answer);
		return;
	}
	text_init(&t, answer, ANSWER);
	text_add(&t, given ? given : otherwise);
}

static bool
is_address(const char *s)
{
	return str_find_char(str_from(s), '@') > 0 && !strpbrk(s, " ,;!\"<>\\");
}

static const char *
read_policy(const char *s, enum dmarc_policy *out)
{
	*out = DMARC_ABSENT;
	if (strcmp(s, "auto") == 0)
		return NULL;
	for (enum dmarc_policy p = DMARC_NONE; p <= DMARC_REJECT; p++) {
		if (strcmp(s, dmarc_policy_word(p)) == 0)
			*out = p;
	}
	return *out == DMARC_ABSENT
		   ? "the policy is auto, none, quarantine or reject"
		   : NULL;
}

static const char *
take_wish(const struct client_line *l, const struct settings *s,
    const char *domain, struct wish *w)
{
	char otherwise[ANSWER], others[ANSWER], policy[ANSWER];
	struct text t;

	text_init(&t, otherwise, sizeof(otherwise));
	if (*s->domains.dmarc_reports_to)
		text_add(&t, s->domains.dmarc_reports_to);
	else
		text_printf(&t, "postmaster@%s", domain);
	take(l, "reports", "Who gets the receivers' reports?", otherwise,
	    w->reports_to);
	take(l, "others",
	    "Does anybody else send in its name (a newsletter service, a shop, "
	    "a form)? yes or no",
	    "yes", others);
	take(l, "policy",
	    "How strict: auto (the next stage that is safe), none, quarantine "
	    "or reject?",
	    "auto", policy);
	if (!is_address(w->reports_to))
		return "reports go to an address: NAME@DOMAIN";
	if (strcmp(others, "yes") != 0 && strcmp(others, "no") != 0)
		return "others: yes or no";
	w->wish.reports_to = w->reports_to;
	w->wish.has_others = strcmp(others, "yes") == 0;
	return read_policy(policy, &w->wish.policy);
}

/* What aggregate reports say, of reporters that are vouched for; outpostd has
 * them. Without it, nothing is known of them. */
static void
take_reports(const struct client_line *l, const struct settings *s,
    const char *domain, struct dmarc_wish *w)
{
	struct client_line q = {
	    .command = COMMAND_ID_dmarc, .is_json = true, .n_args = 1};
	struct error err;

	q.args[0] = domain;
	struct json *reply = client_ask(
	    &q, l->socket ? l->socket : s->daemon.control_socket, &err);
	struct json *doc =
	    reply ? json_parse(json_text(json_get(reply, "out")), NULL) : NULL;
	const struct json *all = json_get(doc, "of_vouched");
	int64_t seen = json_number(json_get(all, "messages"), 0);
	int64_t passed = json_number(json_get(all, "passed"), -1);

	/* What is put into quarantine already would be lost next. */
	if (seen > 0 && passed >= 0 && passed <= seen) {
		w->seen = (uint64_t)seen;
		w->failed = (uint64_t)(seen - passed);
		w->days = (int64_t)json_count(json_get(doc, "days"));
	}
	json_free(&doc);
	json_free(&reply);
}

static void
print_changes(const struct health *h, const char *record, struct text *out)
{
	char name[DNS_NAME + 8];
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printf(&t, "_dmarc.%s", h->domain);
	for (size_t i = 0; i < h->n_records; i++) {
		const struct health_record *r = &h->records[i];

		if (r->part != HEALTH_DMARC || r->is_right ||
		    strcmp(r->name, name) != 0)
			continue;
		if (str_is(r->text, str_from(record))) {
			text_add(out, "; it is there already\n");
			return;
		}
		text_printf(out, "-%s. IN TXT ", name);
		domain_print_txt(out, r->text);
		text_char(out, '\n');
	}
	text_printf(out, "+%s. IN TXT ", name);
	domain_print_txt(out, str_from(record));
	text_char(out, '\n');
}

static void
print_advice(const struct client_line *l, const struct health *h,
    const struct dmarc_advice *a, struct text *out)
{
	if (!l->is_json) {
		text_printf(out, "; policy now: %s, proposed: %s\n; %s\n",
		    dmarc_policy_word(a->now), dmarc_policy_word(a->next),
		    a->why);
		if (a->is_early)
			text_add(out, "; This is more than is safe: mail of "
				      "its own may be lost.\n");
		print_changes(h, a->record, out);
		return;
	}
	struct json_out j;

	json_out_init(&j, out);
	json_open(&j, NULL);
	json_str(&j, "domain", str_from(h->domain));
	json_str(&j, "now", str_from(dmarc_policy_word(a->now)));
	json_str(&j, "proposed", str_from(dmarc_policy_word(a->next)));
	json_bool(&j, "is_early", a->is_early);
	json_str(&j, "why", str_from(a->why));
	json_str(&j, "record", str_from(a->record));
	json_close(&j);
	text_char(out, '\n');
}

static enum exit_status
expert(const struct client_line *l, const struct health *h, const char *record)
{
	const char *why = dmarc_check(str_from(record));
	struct text out;

	if (why)
		return local_fail(EXIT_USAGE, "\"%s\": %s", record, why);
	struct dmarc_advice a = {.why = "the record is good"};
	struct dmarc d;

	dmarc_read(str_from(record), &d);
	const struct dmarc_wish wish = {.reports_to = "", .policy = d.p};

	dmarc_advise(h, &wish, &a);
	text_init(&out, a.record, sizeof(a.record));
	text_add(&out, record);
	text_done(&out);
	text_grow(&out, OUT_MAX);
	print_advice(l, h, &a, &out);
	enum exit_status status = local_print(text_view(&out));

	text_done(&out);
	return status == EXIT_OK && a.is_early ? EXIT_WARNED : status;
}

static enum exit_status
simple(const struct client_line *l, const struct settings *s,
    const struct health *h)
{
	struct wish w = {0};
	struct dmarc_advice a;
	const char *why = take_wish(l, s, h->domain, &w);
	struct text out;

	if (why)
		return local_fail(EXIT_USAGE, "%s", why);
	take_reports(l, s, h->domain, &w.wish);
	dmarc_advise(h, &w.wish, &a);
	text_grow(&out, OUT_MAX);
	print_advice(l, h, &a, &out);
	enum exit_status status = local_print(text_view(&out));

	text_done(&out);
	return status == EXIT_OK && a.is_early ? EXIT_WARNED : status;
}

enum exit_status
domain_dmarc(
    const struct client_line *l, const struct settings *s, const char *domain)
{
	const char *record = client_option(l, "record");
	struct error err;
	struct domain_effort effort;
	struct health *h = domain_health(l, s, domain, NULL, 0, &effort, &err);
	enum exit_status status;

	if (!h)
		return local_fail(EXIT_FAILED, "%s", err.text);
	if (h->colours[HEALTH_DMARC] == HEALTH_UNKNOWN)
		status = local_fail(EXIT_FAILED,
		    "the DNS could not be asked for its DMARC record");
	else
		status = record ? expert(l, h, record) : simple(l, s, h);
	health_free(&h);
	return status;
}
