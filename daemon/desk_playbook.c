/* desk_playbook - what to do when a provider refuses us, and whom to write */
#include "base/time.h"
#include "daemon/desk_incident_view.h"

enum { DRAFT_WIDTH = 76 };

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

struct steps {
	const struct incident_view *v;
	struct text *out;
	unsigned n;
};

static void
print_step(struct steps *s, const char *format, ...)
{
	char buf[1024];
	struct text t;
	va_list args;

	text_init(&t, buf, sizeof(buf));
	va_start(args, format);
	text_vprintf(&t, format, args);
	va_end(args);
	if (t.n == 0)
		return;
	text_printf(s->out, "  %u. ", ++s->n);
	desk_wrap(text_view(&t), s->n < 10 ? 5 : 6, s->v->width, s->out);
}

void
desk_playbook_print(const struct incident_view *v, struct text *out)
{
	struct steps s = {v, out, 0};
	char wait[64];
	struct playbook p;
	struct text t;

	read_playbook(v, &p);
	text_add(out, "\nWhat to do:\n");
	print_step(&s, "%s", p.reply.advice ? p.reply.advice : "");
	text_init(&t, wait, sizeof(wait));
	time_duration_words(&t, p.wait);
	if (p.wait > 0)
		print_step(&s,
		    "Send little or nothing there for %s: outpost provider "
		    "%.*s slow --reason ...",
		    wait, STR_ARG(v->i->provider));
	for (size_t i = 0; i < p.of.check.n; i++)
		print_step(&s, "Check %s.",
		    providers_check_text(str_from(p.of.check.v[i])));
	print_step(&s, "%s", p.of.advice);
	if (*p.contact)
		print_step(&s,
		    "Then write to %s; the draft: outpost incident %s --draft",
		    p.contact, v->i->id);
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

static void
write_draft(const struct incident_view *v, struct text *out)
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

/* As a letter's lines are; its headers stay whole. */
void
desk_playbook_draft(const struct incident_view *v, struct text *out)
{
	char buf[8192];
	struct str rest, line;
	struct text t;

	text_init(&t, buf, sizeof(buf));
	write_draft(v, &t);
	rest = text_view(&t);
	for (bool is_header = true; str_cut(&rest, '\n', &line);) {
		size_t indent = 0;

		is_header = is_header && line.n > 0;
		while (indent < line.n && line.p[indent] == ' ')
			indent++;
		text_pad(out, ' ', indent);
		desk_wrap(str_skip(line, indent), indent,
		    is_header ? 0 : DRAFT_WIDTH, out);
	}
}
