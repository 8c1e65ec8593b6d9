/* manual - the manuals and the sample configuration */
#include "cli/manual.h"

#include "daemon/command.h"
#include "daemon/metrics.h"
#include "config/settings.h"
#include "ledger/event.h"
#include "ledger/ledger.h"

/* Text for roff: backslashes and leading dots are harmless. */
static void
roff(struct text *out, const char *words)
{
	for (const char *p = words; *p; p++) {
		if (*p == '\\')
			text_add(out, "\\e");
		else if (*p == '-')
			text_add(out, "\\-");
		else if ((*p == '.' || *p == '\'') &&
			 (p == words || p[-1] == '\n'))
			text_printf(out, "\\&%c", *p);
		else
			text_char(out, *p);
	}
	text_char(out, '\n');
}

static void
title(struct text *out, const char *name, int section, const char *what)
{
	text_printf(out, ".TH %s %d \"\" \"Outpost " OUTPOST_VERSION "\"\n",
	    name, section);
	text_printf(out, ".SH NAME\n%s \\- %s\n", name, what);
}

static void
heading(struct text *out, const char *words)
{
	text_printf(out, ".SH %s\n", words);
}

static void
term(struct text *out, const char *name, const char *extra)
{
	text_printf(out, ".TP\n\\fB");
	roff(out, name);
	out->n--; /* the tag is one line */
	text_add(out, "\\fR");
	if (*extra)
		text_printf(out, " %s", extra);
	text_char(out, '\n');
}

static void
print_commands(struct text *out)
{
	for (size_t i = 0; i < COMMAND_IDS; i++) {
		term(out, commands[i].name, commands[i].usage);
		roff(out, commands[i].help);
		for (size_t k = 0; k < command_options_n; k++) {
			const struct command_option *o = &command_options[k];

			if (o->command != i)
				continue;
			text_add(out, ".br\n\\fB\\-\\-");
			roff(out, o->name);
			out->n--;
			text_printf(out, "\\fR%s%s \\(en ",
			    *o->value ? " " : "", o->value);
			roff(out, o->help);
		}
	}
}

static void
print_exits(struct text *out)
{
	heading(out, "EXIT STATUS");
	for (size_t i = 0; i < exit_helps_n; i++) {
		text_printf(out, ".TP\n%d\n", exit_helps[i].status);
		roff(out, exit_helps[i].help);
	}
}

static void
print_outpost(struct text *out)
{
	title(out, "outpost", 1, "see, lift and decide what Outpost does");
	heading(out, "SYNOPSIS");
	roff(out, "outpost [--config FILE] [--socket PATH] [--json] COMMAND "
		  "[ARGUMENT...] [OPTION...]");
	heading(out, "DESCRIPTION");
	roff(out,
	    "Asks outpostd through its control socket. Members of the control "
	    "group may look; root and the configured admins may change. Every "
	    "change is an event with the user's name and a reason. A SUBJECT "
	    "is an account; or domain:NAME, client:ADDRESS, network:NET, "
	    "claimed:SHARED/ADDRESS, all. A DURATION is such as 90s, 10m, 2h, "
	    "7d.");
	heading(out, "COMMANDS");
	print_commands(out);
	heading(out, "GLOBAL OPTIONS");
	term(out, "--config", "FILE");
	roff(out, "The configuration, by default " SETTINGS_PATH ".");
	term(out, "--socket", "PATH");
	roff(out, "The control socket, by default the configuration's.");
	term(out, "--json", "");
	roff(out, "Print JSON, for programs.");
	print_exits(out);
	heading(out, "SEE ALSO");
	roff(out, "outpostd(8), outpost.conf(5)");
}

static void
print_metrics(struct text *out)
{
	static const char *const types[] = {
	    [METRIC_COUNTER] = "counter",
	    [METRIC_GAUGE] = "gauge",
	    [METRIC_HISTOGRAM] = "histogram",
	};

	heading(out, "METRICS");
	roff(out, "GET /metrics on http_listen, Prometheus text. /healthz says "
		  "ok while the loop turns.");
	for (size_t i = 0; i < METRICS; i++) {
		const struct metrics_about *m = &metrics_about[i];
		char name[80], extra[80];
		struct text n, x;

		text_init(&n, name, sizeof(name));
		text_printf(&n, "outpost_%s", m->name);
		text_init(&x, extra, sizeof(extra));
		text_printf(&x, "(%s%s%s)", types[m->type],
		    *m->label ? " by " : "", m->label);
		term(out, name, extra);
		roff(out, m->help);
	}
}

static void
print_outpostd(struct text *out)
{
	title(
	    out, "outpostd", 8, "guards the sending reputation of a mail host");
	heading(out, "SYNOPSIS");
	roff(out, "outpostd [-c FILE] [-t] [-v]");
	heading(out, "DESCRIPTION");
	roff(out,
	    "Reads the Postfix log, counts per account what is sent and how the "
	    "world answers, judges it by the configured limits and signals, and "
	    "answers Postfix's policy requests from memory. Whatever fails, "
	    "mail flows: every failure answers DUNNO. In observe mode, the mode "
	    "of a fresh installation, it only tells what it would have done; "
	    "outpost mode enforce switches that.");
	term(out, "-c", "FILE");
	roff(out, "The configuration, by default " SETTINGS_PATH ".");
	term(out, "-t", "");
	roff(out, "Check the configuration and end: 0 good, 1 bad.");
	term(out, "-v", "");
	roff(out, "Log more.");
	heading(out, "SIGNALS");
	term(out, "HUP", "");
	roff(out, "Read the configuration again; a bad one changes nothing.");
	term(out, "TERM, INT", "");
	roff(out, "Commit, post, and end.");
	heading(out, "FILES");
	term(out, "STATE_DIR/books", "");
	roff(out,
	    "The books (LMDB): what this host knows. Exact after a crash.");
	term(out, "STATE_DIR/tables", "");
	roff(out, "The cdb tables that Postfix reads.");
	term(out, "STATE_DIR/redis", "");
	roff(out, "The managed Redis.");
	heading(out, "HELD MAIL");
	roff(out,
	    "Holding and suspending an account puts what it has in the queues "
	    "of this host on hold, by outpost-queue, a small program that runs "
	    "as root, started by its socket. It knows by the kernel who asks: "
	    "outpostd may hold and release, root and the admins also return "
	    "and delete. It touches only what it holds itself (the file held "
	    "in queue_state_dir), and looks at sender and arrival again right "
	    "before. Released mail is tried at once, in order of arrival. "
	    "Hold doesn't stop Postfix's clock: a message older than half of "
	    "maximal_queue_lifetime is requeued instead, under a new queue "
	    "id, so that its first deferral doesn't return it; it leaves when "
	    "pickup wakes next, within a minute. A message that is being "
	    "delivered when it is held may still leave. What outlives its "
	    "time is released by outpost holdguard, under a timer of its "
	    "own.");
	manual_judge(out);
	manual_complaints(out);
	print_metrics(out);
	heading(out, "SEE ALSO");
	roff(out, "outpost(1), outpost.conf(5)");
}

/* "; 1s to 1h", in the setting's own form. */
static void
print_bounds(const struct setting *s, struct text *out)
{
	struct setting one = *s;

	if (!s->min && !s->max)
		return;
	one.offset = 0;
	text_add(out, "; ");
	setting_print(&one, &s->min, out);
	text_add(out, " to ");
	setting_print(&one, &s->max, out);
}

static void
print_table(struct text *out, const struct setting_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		char value[512];
		struct text v;

		text_init(&v, value, sizeof(value));
		text_printf(&v, "(%s%s; default: %s",
		    *t->v[i].section ? "in " : "top level", t->v[i].section,
		    t == &rules_signal_fields ? "each signal's own"
		    : *t->v[i].fallback	      ? t->v[i].fallback
					      : "empty");
		print_bounds(&t->v[i], &v);
		text_char(&v, ')');
		term(out, t->v[i].name, value);
		roff(out, t->v[i].help);
	}
}

static void
print_signals(struct text *out)
{
	roff(out, "signals = ( { name = \"burst\"; floor = 50; } ); what isn't "
		  "given keeps that signal's default:");
#define SIGNAL(id, name, shape, count, window, floor, from, points, max, past, \
    share, younger, prose)                                                     \
	term(out, name,                                                        \
	    "(window " window ", floor " floor ", from_ratio " from            \
	    ", points " points " to " max ", history " past ", share " share   \
	    ", younger_than " younger ")");                                    \
	roff(out, prose ".");
#include "limits/signals.def"
#undef SIGNAL
	text_add(out, ".PP\n");
	print_table(out, &rules_signal_fields);
}

static void
print_names(struct text *out)
{
	heading(out, "COUNTS");
	for (enum count c = 0; c < COUNTS; c++) {
		static const char *const help[] = {
#define COUNT(name, text, words) words,
#include "ledger/counts.def"
#undef COUNT
		};

		term(out, count_text(c), "");
		roff(out, help[c]);
	}
}

static void
print_pools(struct text *out)
{
	text_add(out, ".PP\n");
	roff(out,
	    "own_ips = ( { name = \"out1\"; ipv4 = \"192.0.2.1\"; helo = "
	    "\"out1.example.com\"; pools = (\"default\"); } ); the addresses "
	    "that mail leaves from, each a service of master.cf: outpost "
	    "postfix prints them.");
	print_table(out, &pool_ip_fields);
	text_add(out, ".PP\n");
	roff(out,
	    "pools = ( { name = \"vip\"; domains = (\"example.com\"); "
	    "} ); who shares own IPs, beside the pools that always exist.");
	print_table(out, &pool_fields);
	roff(out,
	    "Postfix is told by which address a sender's mail leaves, and by "
	    "which that of a recipient's domain, which wins; sender times "
	    "provider can't be told. So where a provider refuses one address "
	    "all mail to it, whoever sends, leaves by those of default that it "
	    "takes; and what a warm-up gets is anybody's. A sender is an "
	    "account that is an address; what it sends as another one leaves "
	    "by default_transport, and so does all mail where the tables have "
	    "no entry. Postfix notices a new table within ten seconds, within "
	    "two where qmgr asks a rewrite service of its own (outpost postfix "
	    "prints it). No mail is sent by an own IP that Postfix has no "
	    "service for: master.cf in the directories of instances is looked "
	    "at every second, and what qmgr says that it can't reach is left; "
	    "with outpostd dead nobody looks.");
	text_add(out, ".PP\n");
	roff(out, "dns_zones = ( { zone = \"...\"; server = \"...\"; ... } ); "
		  "zones that outpost domain fix --apply may change.");
	print_table(out, &domains_zone_table);
}

static void
print_conf(struct text *out)
{
	struct error err;
	struct settings *s = settings_load("/dev/null", &err);
	struct settings_room room;

	title(out, "outpost.conf", 5, "configuration of Outpost");
	heading(out, "DESCRIPTION");
	roff(out,
	    "A libconfig file: name = value; groups name: { ... }; lists "
	    "name = ( ... ). Durations are texts such as \"10m\", sizes such as "
	    "\"64M\". Unknown keys are errors. outpostd -t checks a file.");
	heading(out, "SETTINGS");
	for (size_t i = 0; s && settings_room(s, i, &room); i++)
		print_table(out, room.table);
	heading(out, "LISTS");
	roff(out, "limits = ( { name = \"...\"; max = 300; ... }, ... ): with "
		  "one or more, the shipped limits no longer hold.");
	print_table(out, &rules_limit_fields);
	text_add(out, ".PP\n");
	roff(out,
	    "classes = ( { name = \"bulk\"; accounts = (\"news@*\"); } );");
	print_table(out, &rules_class_fields);
	text_add(out, ".PP\n");
	print_signals(out);
	text_add(out, ".PP\n");
	roff(
	    out, "webhooks = ( { name = \"desk\"; url = \"https://...\"; } );");
	print_table(out, &webhook_settings_table);
	text_add(out, ".PP\n");
	roff(out,
	    "hooks = ( { name = \"kick\"; on = \"suspended\"; command = ( "
	    "\"/usr/share/outpost/dovecot/outpost-doveadm\", \"kick\", "
	    "\"%account\" ); } ); programs that are run when an account is "
	    "stopped, or goes on.");
	print_table(out, &hook_settings_table);
	text_add(out, ".PP\n");
	roff(out, "fbl_imap = ( { url = \"imaps://...\"; user = \"...\"; ... } "
		  "); mailboxes that are asked for feedback reports.");
	print_table(out, &fbl_imap_table);
	print_pools(out);
	print_names(out);
	manual_retention(out);
	heading(out, "SEE ALSO");
	roff(out, "outpostd(8), outpost(1)");
	settings_free(&s);
}

static void
print_shipped(struct text *out)
{
	text_add(out,
	    "# The limits that hold without a list `limits`; uncomment all to\n"
	    "# change one. See outpost.conf(5) for every field.\n"
	    "#limits = (\n");
#define SHIPPED(name, of, count, window, max, class, younger)                \
	text_printf(out,                                                     \
	    "#\t{ name = \"%s\"; of = \"%s\"; count = \"%s\"; window = "     \
	    "\"%s\"; max = %s; class = \"%s\"; younger_than = \"%s\"; },\n", \
	    name, of, count, window, max, class, younger);
#include "limits/shipped_limits.def"
#undef SHIPPED
	out->n -= 2; /* libconfig knows no comma behind the last one */
	text_add(out,
	    "\n#);\n\n"
	    "# Each signal with its defaults, less is enough to change one.\n"
	    "#signals = (\n");
#define SIGNAL(id, name, shape, count, window, floor, from, points, max, past, \
    share, younger, prose)                                                     \
	text_add(out,                                                          \
	    "#\t{ name = \"" name "\"; window = \"" window                     \
	    "\"; floor = " floor "; from_ratio = " from "; points = " points   \
	    "; points_max = " max "; history = " past "; share = " share       \
	    "; younger_than = \"" younger "\"; },\n");
#include "limits/signals.def"
#undef SIGNAL
	out->n -= 2;
	text_add(out,
	    "\n#);\n\n"
	    "#classes = (\n"
	    "#\t{ name = \"bulk\"; accounts = (\"newsletter@*\"); }\n"
	    "#);\n\n"
	    "#webhooks = (\n"
	    "#\t{ name = \"desk\"; url = \"https://desk.example.com/outpost\"; "
	    "secret = \"...\"; }\n"
	    "#);\n\n"
	    "#hooks = (\n"
	    "#\t{ name = \"kick\"; on = \"suspended\"; command = ( "
	    "\"/usr/share/outpost/dovecot/outpost-doveadm\", \"kick\", "
	    "\"%account\" ); }\n"
	    "#);\n\n"
	    "#fbl_imap = (\n"
	    "#\t{ url = \"imaps://mail.example.com\"; user = \"fbl\"; "
	    "password_file = \"/etc/outpost/fbl.password\"; }\n"
	    "#);\n\n"
	    "#dns_zones = (\n"
	    "#\t{ zone = \"example.com\"; server = \"192.0.2.53\"; key_file = "
	    "\"/etc/outpost/zone.key\"; }\n"
	    "#);\n");
}

static void
print_sample(struct text *out)
{
	struct error err;
	struct settings *s = settings_load("/dev/null", &err);

	text_add(out,
	    "# Outpost's configuration: every setting with its default.\n"
	    "# A line that is left out keeps its default. See outpost.conf(5);\n"
	    "# `outpostd -t` checks it, `systemctl reload outpostd` loads it.\n\n");
	if (s)
		settings_print(s, out);
	print_shipped(out);
	settings_free(&s);
}

bool
manual_print(struct str name, struct text *out)
{
	static const struct {
		const char *name;
		void (*print)(struct text *out);
	} pages[] = {
	    {"outpost.1", print_outpost},
	    {"outpostd.8", print_outpostd},
	    {"outpost.conf.5", print_conf},
	    {"outpost.conf", print_sample},
	};

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (str_is(name, str_from(pages[i].name))) {
			pages[i].print(out);
			return true;
		}
	}
	return false;
}
