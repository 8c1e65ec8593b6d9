/* hook - which program is run when an account is stopped or goes on */
#include "notify/hook.h"

#include "base/time.h"
#include "ledger/case_id.h"
#include "notify/owner.h"

static bool
is_rung(const struct event *e, const char *rung)
{
	return strcmp(e->rung, rung) == 0;
}

bool
hook_is_end(const struct event *e)
{
	return e->type == EVENT_LIFT || e->type == EVENT_EXPIRE ||
	       e->type == EVENT_UNDONE;
}

/* suspended, held, lifted; NULL: nothing of that. */
static const char *
what_of(const struct event *e)
{
	bool is_stop = is_rung(e, "suspended") || is_rung(e, "held");

	if (strcmp(e->kind, "account") != 0 || !*e->subject || e->is_observed ||
	    strcmp(e->how, "trial") == 0 || !is_stop)
		return NULL;
	if (e->type == EVENT_SANCTION)
		return is_rung(e, "held") ? "held" : "suspended";
	return hook_is_end(e) ? "lifted" : NULL;
}

static bool
is_login(struct str account)
{
	return !str_starts(account, STR("uid:")) &&
	       !str_starts(account, STR("ip:")) &&
	       !str_starts(account, STR("fwd:"));
}

static bool
is_for(const struct hook_settings *h, struct str account)
{
	if (h->accounts.n == 0)
		return is_login(account);
	for (size_t i = 0; i < h->accounts.n; i++) {
		if (owner_is_like(str_from(h->accounts.v[i]), account))
			return true;
	}
	return false;
}

bool
hook_wants(const struct hook_settings *h, const struct event *e)
{
	const char *what = what_of(e);

	if (!what || !is_for(h, str_from(e->subject)))
		return false;
	for (size_t i = 0; i < h->on.n; i++) {
		if (strcmp(h->on.v[i], what) == 0)
			return true;
	}
	return false;
}

enum place { ACCOUNT, USER, DOMAIN, CASE, RULE, WHAT, UNTIL, PLACES };

static const char *const places[PLACES] = {[ACCOUNT] = "%account",
    [USER] = "%user",
    [DOMAIN] = "%domain",
    [CASE] = "%case",
    [RULE] = "%rule",
    [WHAT] = "%what",
    [UNTIL] = "%until"};

static enum place
place_of(const char *word)
{
	enum place p = ACCOUNT;

	while (p < PLACES && strcmp(word, places[p]) != 0)
		p++;
	return p;
}

static void
print_until(const struct event *e, struct text *out)
{
	if (e->until == TIME_NEVER)
		text_add(out, "never");
	else if (e->until > 0)
		time_rfc3339(out, e->until);
}

static void
print_place(const struct event *e, enum place p, struct text *out)
{
	struct str domain = str_from(e->subject), user = domain;
	char id[CASE_ID];

	if (!str_cut(&domain, '@', &user))
		domain = STR("");
	switch (p) {
	case ACCOUNT:
		text_add(out, e->subject);
		break;
	case USER:
		text_str(out, user);
		break;
	case DOMAIN:
		text_str(out, domain);
		break;
	case CASE:
		case_id(e->file, id);
		text_add(out, id);
		break;
	case RULE:
		text_add(out, e->rule);
		break;
	case WHAT:
		text_add(out, what_of(e));
		break;
	case UNTIL:
		print_until(e, out);
		break;
	case PLACES:
		break;
	}
}

/* doveadm takes patterns for users, all programs what begins with a dash for
 * an option. */
static bool
is_harmless(struct str v)
{
	if (v.n > 0 && *v.p == '-')
		return false;
	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if (c < ' ' || c == 127 || c == '*' || c == '?')
			return false;
	}
	return true;
}

static const char *
fill_word(const struct event *e, const char *word, struct arena *arena)
{
	enum place p = place_of(word);
	char buf[512];
	struct text t;

	if (p == PLACES)
		return str_starts(str_from(word), STR("%%")) ? word + 1 : word;
	text_init(&t, buf, sizeof(buf));
	print_place(e, p, &t);
	return is_harmless(text_view(&t)) ? arena_dup(arena, text_view(&t))
					  : NULL;
}

int
hook_fill(const struct hook_settings *h, const struct event *e,
    struct arena *arena, const char *argv[HOOK_ARGS + 2], struct error *err)
{
	if (!what_of(e) || !is_harmless(str_from(e->subject)))
		return error_set(err, "the account can't be an argument");
	for (size_t i = 0; i < h->command.n; i++) {
		argv[i] = i == 0 ? h->command.v[i]
				 : fill_word(e, h->command.v[i], arena);
		if (!argv[i])
			return error_set(err,
			    "what %s stands for can't be an "
			    "argument",
			    h->command.v[i]);
	}
	argv[h->command.n] = NULL;
	return 0;
}

static int
check_command(const struct setting_list *c, struct error *err)
{
	if (c->n == 0 || *c->v[0] != '/')
		return error_set(err,
		    "command must begin with a program's absolute path%s%s",
		    c->n > 0 ? ", not " : "", c->n > 0 ? c->v[0] : "");
	if (c->n > HOOK_ARGS + 1)
		return error_set(
		    err, "command has more than %d arguments", HOOK_ARGS);
	for (size_t i = 1; i < c->n; i++) {
		if (*c->v[i] == '%' && c->v[i][1] != '%' &&
		    place_of(c->v[i]) == PLACES)
			return error_set(err,
			    "command: \"%s\" stands for nothing (what begins "
			    "with a %% sign is written with two)",
			    c->v[i]);
		for (enum place p = ACCOUNT; p < PLACES; p++) {
			if (place_of(c->v[i]) == PLACES &&
			    str_find(str_from(c->v[i]), str_from(places[p])) >=
				0)
				return error_set(err,
				    "command: %s must be an argument of its "
				    "own, not in \"%s\"",
				    places[p], c->v[i]);
		}
	}
	return 0;
}

static int
check_on(const struct setting_list *on, struct error *err)
{
	if (on->n == 0)
		return error_set(err, "on is empty");
	for (size_t i = 0; i < on->n; i++) {
		if (strcmp(on->v[i], "suspended") != 0 &&
		    strcmp(on->v[i], "held") != 0 &&
		    strcmp(on->v[i], "lifted") != 0)
			return error_set(err,
			    "on must be of suspended, held, lifted, not \"%s\"",
			    on->v[i]);
	}
	return 0;
}

int
hook_settings_check(const struct hook_settings *h, struct error *err)
{
	size_t n = strlen(h->name);

	if (n == 0 || n > WEBHOOK_NAME)
		return error_set(err, "a hook needs a name of at most %d bytes",
		    WEBHOOK_NAME);
	for (size_t i = 0; i < n; i++) {
		if (h->name[i] <= ' ' || h->name[i] > '~')
			return error_set(err,
			    "the name of a hook is printable ASCII without "
			    "blanks");
	}
	if (strcmp(h->where, "every") != 0 && strcmp(h->where, "one") != 0)
		return error_set(
		    err, "where must be every or one, not \"%s\"", h->where);
	if (check_command(&h->command, err) < 0)
		return -1;
	return check_on(&h->on, err);
}
