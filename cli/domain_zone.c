/* domain_zone - makes changes of a zone, and takes them back */
#include "cli/domain_zone.h"

#include <stdio.h>
#include <unistd.h>

#include "base/json.h"
#include "base/time.h"
#include "cli/domain_apply.h"
#include "cli/domain_print.h"
#include "cli/domain_undo.h"
#include "cli/local.h"
#include "config/settings.h"
#include "daemon/users.h"

enum { TXT_MAX = 65535, USER = 65, DONE = 6000 };

int
domain_zone_open(struct domain_zone *z, const struct client_line *l,
    const struct settings *s, const char *domain, struct error *err)
{
	const struct domains_zone_settings *zone =
	    domains_zone_of(s->zones, s->n_zones, domain);
	char user[USER];
	struct text t;

	*z = (struct domain_zone){.line = l, .settings = s, .domain = domain};
	z->talk.fd = -1;
	arena_init(&z->arena);
	z->changes = arena_alloc(&z->arena, sizeof(*z->changes));
	text_init(&t, user, sizeof(user));
	users_name(NULL, getuid(), &t);
	z->changes->domain = str_from(domain);
	z->changes->zone = str_from(zone->zone);
	z->changes->by = arena_str(&z->arena, text_view(&t));
	z->changes->at = time_now_us() / TIME_US;
	return zone_talk_open(&z->talk, zone, err);
}

void
domain_zone_close(struct domain_zone *z)
{
	zone_talk_close(&z->talk);
	arena_done(&z->arena);
}

static const struct update_set *
from_of(const struct domain_zone *z, const struct change *c)
{
	return z->is_undo ? &c->after : &c->before;
}

static const struct update_set *
to_of(const struct domain_zone *z, const struct change *c)
{
	return z->is_undo ? &c->before : &c->after;
}

/* Those of the one that the other hasn't. */
static void
print_lines(struct text *out, char sign, const struct update_set *one,
    const struct update_set *other)
{
	struct text txt;

	for (size_t i = 0; i < one->n; i++) {
		if (update_has(other, one->v[i]))
			continue;
		text_grow(&txt, TXT_MAX);
		update_text(&txt, one->v[i]);
		text_printf(out, "%c%s. ", sign, one->name);
		if (one->ttl > 0)
			text_printf(out, "%u ", one->ttl);
		text_add(out, "IN TXT ");
		domain_print_txt(out, text_view(&txt));
		text_char(out, '\n');
		text_done(&txt);
	}
}

static void
print_changes(const struct domain_zone *z, struct str left, struct text *out)
{
	text_printf(
	    out, "; zone %s at %s\n", z->talk.name, z->talk.zone->server);
	for (size_t i = 0; i < z->changes->n; i++) {
		const struct change *c = &z->changes->v[i];

		print_lines(out, '-', from_of(z, c), to_of(z, c));
		print_lines(out, '+', to_of(z, c), from_of(z, c));
	}
	text_str(out, left);
	if (z->changes->n == 0)
		text_add(out, "; nothing to change\n");
}

static void
json_texts(struct json_out *j, const char *key, const struct update_set *one,
    const struct update_set *other)
{
	struct text txt;

	json_open_array(j, key);
	for (size_t i = 0; i < one->n; i++) {
		if (update_has(other, one->v[i]))
			continue;
		text_grow(&txt, TXT_MAX);
		update_text(&txt, one->v[i]);
		json_str(j, NULL, text_view(&txt));
		text_done(&txt);
	}
	json_close_array(j);
}

static void
json_changes(struct json_out *j, const struct domain_zone *z)
{
	json_open_array(j, "changes");
	for (size_t i = 0; i < z->changes->n; i++) {
		const struct change *c = &z->changes->v[i];

		json_open(j, NULL);
		json_str(j, "name", str_from(c->before.name));
		json_texts(j, "remove", from_of(z, c), to_of(z, c));
		json_texts(j, "add", to_of(z, c), from_of(z, c));
		json_close(j);
	}
	json_close_array(j);
}

static void
print_json(const struct domain_zone *z, struct str left, bool is_done,
    struct text *out)
{
	struct json_out j;
	struct str line;

	json_out_init(&j, out);
	json_open(&j, NULL);
	json_str(&j, "domain", str_from(z->domain));
	json_str(&j, "zone", str_from(z->talk.name));
	json_str(&j, "server", str_from(z->talk.zone->server));
	json_bool(&j, "is_undo", z->is_undo);
	json_bool(&j, "is_done", is_done);
	json_changes(&j, z);
	json_open_array(&j, "left");
	while (str_cut(&left, '\n', &line))
		json_str(&j, NULL, str_skip(line, 2));
	json_close_array(&j);
	json_close(&j);
	text_char(out, '\n');
}

static enum exit_status
show(const struct domain_zone *z, struct str left, bool is_done)
{
	struct text out;

	text_grow(&out, DOMAIN_OUT_MAX);
	if (z->line->is_json)
		print_json(z, left, is_done, &out);
	else
		print_changes(z, left, &out);
	enum exit_status status = local_print(text_view(&out));

	text_done(&out);
	return status;
}

static int
confirm(const struct domain_zone *z, struct error *err)
{
	char answer[16];

	if (client_option(z->line, "yes"))
		return 0;
	if (!isatty(STDIN_FILENO) || z->line->is_json)
		return error_set(err,
		    "--yes is needed where nobody can be asked; nothing was "
		    "changed");
	fprintf(stderr, "Set this in the zone? (yes/no) ");
	if (fgets(answer, sizeof(answer), stdin) &&
	    str_is(str_trim(str_from(answer)), STR("yes")))
		return 0;
	return error_set(err, "nothing was changed");
}

/* What was there must outlive this program, whatever comes. */
static int
keep(struct domain_zone *z, char path[DOMAIN_UNDO_PATH], struct error *err)
{
	const char *dir = z->settings->daemon.state_dir;
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (local_become_owner(dir, err) < 0)
		return -1;
	int status = domain_undo_keep(dir, z->changes, path, err);

	if (seteuid(uid) < 0 || setegid(gid) < 0)
		return error_set(err, "can't become who we were");
	return status;
}

/* Is it there? As the server says. */
static int
verify(struct domain_zone *z, struct error *err)
{
	for (size_t i = 0; i < z->changes->n; i++) {
		const struct update_set *want = to_of(z, &z->changes->v[i]);
		struct update_set got;

		if (zone_talk_read(&z->talk, want->name, &z->arena, &got, err) <
		    0)
			return -1;
		if (!update_is_same(want, &got))
			return error_set(err,
			    "%s took it, but tells something else of %s",
			    z->talk.zone->server, want->name);
	}
	return 0;
}

static int
send_it(struct domain_zone *z, bool *is_open, struct error *err)
{
	uint16_t id = zone_talk_next(&z->talk);
	struct update u;

	*is_open = false;
	if (!changes_message(z->changes, z->is_undo, id, z->talk.name, &u)) {
		text_done(&u.message);
		return error_set(err, "it is too much for one message");
	}
	switch (zone_talk_update(&z->talk, &u, id, is_open, err)) {
	case UPDATE_DONE:
		return 0;
	case UPDATE_CHANGED:
		return error_prefix(err,
		    "nothing was changed: something else stands in the zone "
		    "now");
	default:
		if (!*is_open)
			return error_prefix(err, "nothing was changed");
		return error_prefix(err,
		    "whether it was done could not be told, look with outpost "
		    "domain fix %s",
		    z->domain);
	}
}

/* It stands in the history, if outpostd runs. */
static void
tell(const struct domain_zone *z)
{
	const char *socket = z->line->socket
				 ? z->line->socket
				 : z->settings->daemon.control_socket;
	struct client_line q = {.command = COMMAND_ID_domain,
	    .args = {z->is_undo ? "undo" : "set", z->domain},
	    .n_args = 2,
	    .n_options = 2};
	char names[DONE], records[DONE];
	struct json_out j;
	struct error err;
	struct text t;

	text_init(&t, names, sizeof(names));
	text_add(&t, "TXT of");
	for (size_t i = 0; i < z->changes->n; i++)
		text_printf(&t, "%s %s", i > 0 ? "," : "",
		    z->changes->v[i].before.name);
	text_init(&t, records, sizeof(records));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_str(&j, "zone", str_from(z->talk.name));
	json_changes(&j, z);
	json_close(&j);
	q.options[0].name = "done";
	q.options[0].value = names;
	q.options[1].name = "records";
	q.options[1].value = t.is_cut ? "{}" : records;
	struct json *reply = client_ask(&q, socket, &err);

	if (!reply || json_number(json_get(reply, "exit"), 1) != EXIT_OK)
		fprintf(stderr,
		    "outpost: it stands in no history: outpostd does not take "
		    "it\n");
	json_free(&reply);
}

static enum exit_status
make(struct domain_zone *z, struct str left, struct error *err)
{
	char path[DOMAIN_UNDO_PATH] = "";
	bool is_open;

	if (!z->is_undo && keep(z, path, err) < 0)
		return EXIT_FAILED;
	if (send_it(z, &is_open, err) < 0) {
		if (*path && !is_open)
			domain_undo_forget(path);
		return EXIT_FAILED;
	}
	tell(z);
	if (verify(z, err) < 0)
		return EXIT_FAILED;
	if (z->line->is_json)
		return show(z, left, true);
	return local_print(
	    z->is_undo ? STR("; done: as it was before\n") : STR("; done\n"));
}

enum exit_status
domain_zone_set(struct domain_zone *z, struct str left)
{
	enum exit_status status = EXIT_OK;
	struct error err;

	if (!z->line->is_json || z->changes->n == 0)
		status = show(z, left, false);
	if (status != EXIT_OK || z->changes->n == 0)
		return status;
	if (confirm(z, &err) < 0)
		return local_fail(EXIT_FAILED, "%s", err.text);
	err.text[0] = '\0';
	status = make(z, left, &err);
	return status != EXIT_OK && *err.text
		   ? local_fail(status, "%s", err.text)
		   : status;
}

/* Does everything stand as it did before the change? Then it never took place,
 * or was taken back already. */
static int
is_back(struct domain_zone *z, bool *out, struct error *err)
{
	*out = true;
	for (size_t i = 0; i < z->changes->n && *out; i++) {
		const struct update_set *was = &z->changes->v[i].before;
		struct update_set got;

		if (zone_talk_read(&z->talk, was->name, &z->arena, &got, err) <
		    0)
			return -1;
		*out = update_is_same(was, &got);
	}
	return 0;
}

static enum exit_status
undo(struct domain_zone *z, struct error *err)
{
	const char *dir = z->settings->daemon.state_dir;
	char path[DOMAIN_UNDO_PATH];
	enum exit_status status;
	bool is_done;
	int got =
	    domain_undo_last(dir, z->domain, &z->arena, z->changes, path, err);

	if (got < 0)
		return local_fail(EXIT_FAILED, "%s", err->text);
	if (got == 0)
		return local_fail(EXIT_UNKNOWN,
		    "nothing is kept that was changed for %s", z->domain);
	if (is_back(z, &is_done, err) < 0)
		return local_fail(EXIT_FAILED, "%s", err->text);
	if (is_done) {
		domain_undo_forget(path);
		return local_print(
		    STR("; what was there before stands there already\n"));
	}
	z->is_undo = true;
	status = domain_zone_set(z, STR(""));
	if (status == EXIT_OK)
		domain_undo_forget(path);
	return status;
}

enum exit_status
domain_undo(
    const struct client_line *l, const struct settings *s, const char *domain)
{
	struct domain_zone z;
	struct error err;
	enum exit_status status;

	if (!domains_zone_of(s->zones, s->n_zones, domain))
		return local_fail(
		    EXIT_FAILED, "%s is in none of dns_zones", domain);
	status = domain_zone_open(&z, l, s, domain, &err) < 0
		     ? local_fail(EXIT_FAILED, "%s", err.text)
		     : undo(&z, &err);
	domain_zone_close(&z);
	return status;
}
