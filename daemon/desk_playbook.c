/* desk_playbook - what to do when a provider refuses us, and whom to write */
#include "base/time.h"
#include "daemon/desk_incident_view.h"

/* What its reply means, and how it is with this provider. */
struct playbook {
	struct reply reply;
	struct provider_playbook of;
	int64_t wait; /* 0: not known */
	const char *contact;
};

static void
read_playbook(const struct incident_view *v, struct playbook *out)
{
	const struct settings *s = pipeline_settings(v->desk->pipeline);

	memset(out, 0, sizeof(*out));
	out->of.advice = out->of.contact = "";
	replies_read(s->replies, s->providers,
	    json_text(json_get(v->told, "host")), STR(""),
	    json_text(json_get(v->told, "reply")), &out->reply);
	providers_playbook(s->providers, v->i->provider, &out->of);
	out->wait =
	    out->reply.retry_after ? out->reply.retry_after : out->of.wait;
	out->contact = out->reply.contact && *out->reply.contact
			   ? out->reply.contact
			   : out->of.contact;
}

static void
print_step(struct text *out, unsigned *n, const char *text)
{
	if (*text)
		text_printf(out, "  %u. %s\n", ++*n, text);
}

void
desk_playbook_print(const struct incident_view *v, struct text *out)
{
	struct playbook p;
	unsigned n = 0;

	read_playbook(v, &p);
	text_add(out, "\nWhat to do:\n");
	print_step(out, &n, p.reply.advice ? p.reply.advice : "");
	if (p.wait > 0) {
		text_printf(
		    out, "  %u. Send little or nothing there for ", ++n);
		time_duration_words(out, p.wait);
		text_printf(out, ": outpost provider %.*s slow --reason ...\n",
		    STR_ARG(v->i->provider));
	}
	for (size_t i = 0; i < p.of.check.n; i++)
		text_printf(out, "  %u. Check %s.\n", ++n,
		    providers_check_text(str_from(p.of.check.v[i])));
	print_step(out, &n, p.of.advice);
	if (*p.contact)
		text_printf(out,
		    "  %u. Then write to %s; the draft: outpost incident %s "
		    "--draft\n",
		    ++n, p.contact, v->i->id);
	text_add(out, "Another address instead of the cause's end gets it "
		      "blocked next.\n");
}

void
desk_playbook_json(const struct incident_view *v, struct json_out *j)
{
	struct playbook p;

	read_playbook(v, &p);
	json_open(j, "playbook");
	json_str(j, "advice", str_from(p.reply.advice ? p.reply.advice : ""));
	json_i64(j, "wait", p.wait);
	json_open_array(j, "check");
	for (size_t i = 0; i < p.of.check.n; i++)
		json_str(j, NULL, str_from(p.of.check.v[i]));
	json_close_array(j);
	json_str(j, "provider", str_from(p.of.advice));
	json_str(j, "contact", str_from(p.contact));
	json_close(j);
}

/* --- the draft --- */

/* The address that the world sees; the name, where it isn't known. */
static void
print_address(const struct incident_view *v, struct text *out)
{
	const struct pool_ip *ip = pools_ip_find(
	    pipeline_settings(v->desk->pipeline)->pools, v->i->what);

	if (v->i->is_domain)
		text_str(out, str_skip(v->i->what, 1));
	else if (ip)
		pool_ip_print(ip, out);
	else
		text_add(out, "[our address]");
}

/* No names: whose it is is nobody's business there. */
static void
print_done(const struct incident_view *v, struct text *out)
{
	size_t stopped = 0, named = 0;

	for (size_t i = 0; i < v->n_causes; i++) {
		const struct cause *c = &v->causes[i];
		struct standing_state state;
		struct sanction_about about;

		if (c->share < 20)
			continue;
		named++;
		pipeline_about(v->desk->pipeline, SUBJECT_ACCOUNT,
		    str_from(c->account), &state, &about);
		stopped += state.rung == STANDING_HELD ||
			   state.rung == STANDING_SUSPENDED ||
			   state.rung == STANDING_THROTTLED;
	}
	if (named == 0)
		text_add(out,
		    "We found no single sender behind it; all traffic "
		    "of the hours before was looked at.\n");
	else if (stopped == named)
		text_printf(out,
		    "We found the cause: %zu of our accounts. "
		    "%s stopped, and stays so until the cause is "
		    "gone.\n",
		    named, named == 1 ? "It was" : "They were");
	else
		text_printf(out,
		    "We found the likely cause, %zu of our "
		    "accounts; %zu of them [WHAT WAS DONE ABOUT "
		    "THE OTHERS].\n",
		    named, stopped);
}

static void
print_figures(const struct incident_view *v, struct text *out)
{
	struct series_sum sum;
	struct str ip = v->i->is_domain ? STR("") : v->i->what;

	series_sum(
	    v->desk->series, ip, v->i->provider, v->now - 86400, v->now, &sum);
	text_printf(out,
	    "In the last day %llu recipients at your hosts were "
	    "tried from there: %llu taken, %llu put off, %llu "
	    "refused.\n",
	    (unsigned long long)sum.count[SERIES_ATTEMPTED],
	    (unsigned long long)sum.count[SERIES_DELIVERED],
	    (unsigned long long)sum.count[SERIES_DEFERRED],
	    (unsigned long long)sum.count[SERIES_REFUSED]);
}

void
desk_playbook_draft(const struct incident_view *v, struct text *out)
{
	struct playbook p;

	read_playbook(v, &p);
	text_printf(out, "To: %s\nSubject: Mail from ",
	    *p.contact ? p.contact : "[postmaster]");
	print_address(v, out);
	text_add(out,
	    v->i->worst == INCIDENT_BLOCKED ? " is refused" : " is slowed");
	text_add(out, "\n\nHello,\n\nsince ");
	time_rfc3339(out, v->i->opened);
	text_add(out, " your hosts answer mail from ");
	print_address(v, out);
	text_add(out, " with:\n\n  ");
	text_printable(out, json_text(json_get(v->told, "reply")));
	text_printf(out, "\n  (%.*s)\n\n",
	    STR_ARG(json_text(json_get(v->told, "host"))));
	print_figures(v, out);
	text_char(out, '\n');
	print_done(v, out);
	text_add(out,
	    "\nPlease look at it again and let mail from there in. If "
	    "something else is wrong on our side, tell us what, and "
	    "we mend it.\n\n[NAME, COMPANY, HOW TO REACH YOU]\n");
}
