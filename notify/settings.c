/* settings - what notify/ can be told */
#include "notify/settings.h"

#include "ledger/event.h"
#include "notify/letter.h"
#include "notify/owner.h"
#include "notify/webhook_text.h"

enum { PAGE_URL_MAX = 120 };

#define SETTING SETTING_ROW

#define SETTING_STRUCT notify_settings
static const struct setting settings[] = {
#include "notify/settings.def"
};
#undef SETTING_STRUCT

#define SETTING_STRUCT owner_settings
static const struct setting owner_fields[] = {
#include "notify/owner_fields.def"
};
#undef SETTING_STRUCT

#define SETTING_STRUCT webhook_settings
static const struct setting webhook_fields[] = {
#include "notify/webhook_fields.def"
};
#undef SETTING_STRUCT

#define SETTING_STRUCT hook_settings
static const struct setting hook_fields[] = {
#include "notify/hook_fields.def"
};
#undef SETTING_STRUCT

const struct setting_table hook_settings_table = {
    "hooks", hook_fields, sizeof(hook_fields) / sizeof(hook_fields[0])};

const struct setting_table notify_settings_table = {
    "notify", settings, sizeof(settings) / sizeof(settings[0])};

const struct setting_table owner_settings_table = {
    "owners", owner_fields, sizeof(owner_fields) / sizeof(owner_fields[0])};

const struct setting_table webhook_settings_table = {"webhooks", webhook_fields,
    sizeof(webhook_fields) / sizeof(webhook_fields[0])};

/* SCHEME://HOST..., and nothing that would end the line of a protocol. */
static bool
is_url(struct str url, struct str scheme)
{
	if (!str_take(&url, scheme) || !str_take(&url, STR("://")))
		return false;
	if (url.n == 0 || strchr("/:?#@", *url.p))
		return false;
	for (size_t i = 0; i < url.n; i++) {
		if (url.p[i] <= ' ' || url.p[i] > '~')
			return false;
	}
	return true;
}

/* Refusals carry it in a line of SMTP. */
static int
check_page(const char *page_url, struct error *err)
{
	struct str url = str_from(page_url);

	if (url.n == 0 ||
	    ((is_url(url, STR("http")) || is_url(url, STR("https"))) &&
		url.n <= PAGE_URL_MAX && str_ends(url, STR("/"))))
		return 0;
	return error_set(err,
	    "page_url must be https://HOST/.../ of at most %d bytes, not \"%s\"",
	    PAGE_URL_MAX, page_url);
}

/* A pattern that gives an address for an account that is one. */
static bool
is_expanded(const char *pattern, struct error *err, const char *name)
{
	char buf[512];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (owner_expand(str_from(pattern), STR("a@b.example"), true, &t))
		return true;
	error_set(err,
	    "%s: after a %% there can be a, u, d or %%, not as in \"%s\"", name,
	    pattern);
	return false;
}

static int
check_directory(const struct notify_settings *s, struct error *err)
{
	int n = (s->directory_command.n > 0) + (*s->directory_url != 0) +
		(*s->directory_key != 0);
	struct str url = str_from(s->directory_url);

	if (n > 1)
		return error_set(err,
		    "%s: only one of directory_command, directory_url and "
		    "directory_key can be given",
		    *s->directory_url ? "directory_url" : "directory_key");
	if (url.n > 0 && !is_url(url, STR("http")) &&
	    !is_url(url, STR("https")))
		return error_set(err,
		    "directory_url must be http://HOST... or https://HOST..., "
		    "not \"%s\"",
		    s->directory_url);
	if (s->directory_command.n > 0 && *s->directory_command.v[0] != '/')
		return error_set(err,
		    "directory_command must begin with a program's absolute "
		    "path, not \"%s\"",
		    s->directory_command.v[0]);
	if (s->directory_command.n > 7)
		return error_set(
		    err, "directory_command has more than 7 words");
	return is_expanded(s->directory_url, err, "directory_url") &&
		       is_expanded(s->directory_key, err, "directory_key")
		   ? 0
		   : -1;
}

int
notify_settings_check(const struct notify_settings *s, struct error *err)
{
	struct str smtp = str_from(s->letter_smtp);
	ptrdiff_t at = str_find(str_from(s->letter_to), STR("%a"));

	if (check_page(s->page_url, err) < 0)
		return -1;
	if (!is_url(smtp, STR("smtp")) && !is_url(smtp, STR("smtps")))
		return error_set(err,
		    "letter_smtp must be smtp://HOST[:PORT] or "
		    "smtps://HOST[:PORT], not \"%s\"",
		    s->letter_smtp);
	if (!letter_is_address(str_from(s->letter_from)))
		return error_set(err,
		    "letter_from must be an address, not \"%s\"",
		    s->letter_from);
	if (at < 0 && !letter_is_address(str_from(s->letter_to)))
		return error_set(err,
		    "letter_to must be an address or have a %%a, not \"%s\"",
		    s->letter_to);
	if (check_directory(s, err) != 0)
		return -1;
	if (*s->letter_reply_to &&
	    !letter_is_address(str_from(s->letter_reply_to)))
		return error_set(err,
		    "letter_reply_to must be an address, not \"%s\"",
		    s->letter_reply_to);
	for (size_t i = 0; i < s->letter_stages.n; i++) {
		enum letter_stage stage;

		if (!letter_stage_parse(
			str_from(s->letter_stages.v[i]), &stage))
			return error_set(err,
			    "letter_stages: there is no letter \"%s\"",
			    s->letter_stages.v[i]);
	}
	if (*s->password_page &&
	    !is_url(str_from(s->password_page), STR("https")) &&
	    !is_url(str_from(s->password_page), STR("http")))
		return error_set(err,
		    "password_page must be https://HOST..., not \"%s\"",
		    s->password_page);
	if (strlen(s->provider) > 200 || strlen(s->help_text) > 4000)
		return error_set(err,
		    "%s is too long: a letter has room for %d bytes of it",
		    strlen(s->provider) > 200 ? "provider" : "help_text",
		    strlen(s->provider) > 200 ? 200 : 4000);
	return 0;
}

int
owner_settings_check(const struct owner_settings *o, struct error *err)
{
	if (o->accounts.n == 0)
		return error_set(err, "accounts: there is no pattern");
	if (o->to.n > OWNER_ADDRESSES)
		return error_set(
		    err, "to has more than %d addresses", OWNER_ADDRESSES);
	for (size_t i = 0; i < o->to.n; i++) {
		char buf[512];
		struct text t;

		if (!is_expanded(o->to.v[i], err, "to"))
			return -1;
		text_init(&t, buf, sizeof(buf));
		owner_expand(
		    str_from(o->to.v[i]), STR("a@b.example"), false, &t);
		if (!letter_is_address(text_view(&t)))
			return error_set(
			    err, "to: no address: \"%s\"", o->to.v[i]);
	}
	if (*o->password_page &&
	    !is_url(str_from(o->password_page), STR("https")) &&
	    !is_url(str_from(o->password_page), STR("http")))
		return error_set(err,
		    "password_page must be https://HOST..., not \"%s\"",
		    o->password_page);
	return 0;
}

/* "case-*": any type that begins so. */
static bool
is_some_type(struct str type)
{
	enum event_type exact;

	if (!str_ends(type, STR("*")))
		return event_type_parse(type, &exact);
	type = str_head(type, type.n - 1);
	for (int i = 0; i < EVENT_TYPES; i++) {
		if (str_starts(
			str_from(event_type_text((enum event_type)i)), type))
			return true;
	}
	return false;
}

static int
check_events(const struct setting_list *events, struct error *err)
{
	for (size_t i = 0; i < events->n; i++) {
		struct str what = str_from(events->v[i]), type;

		if (!str_cut(&what, ':', &type))
			type = what;
		if (!is_some_type(type))
			return error_set(err,
			    "events: there is no event \"%.*s\"",
			    STR_ARG(type));
	}
	return 0;
}

int
webhook_settings_check(const struct webhook_settings *w, struct error *err)
{
	struct str url = str_from(w->url);
	size_t n = strlen(w->name);

	if (n == 0 || n > WEBHOOK_NAME)
		return error_set(err,
		    "a webhook needs a name of at most %d bytes", WEBHOOK_NAME);
	for (size_t i = 0; i < n; i++) {
		if (w->name[i] <= ' ' || w->name[i] > '~')
			return error_set(err,
			    "the name of a webhook is printable ASCII without "
			    "blanks");
	}
	if (!is_url(url, STR("http")) && !is_url(url, STR("https")))
		return error_set(err,
		    "url must be http://HOST... or https://HOST..., not \"%s\"",
		    w->url);
	enum webhook_format format;

	if (!webhook_format_parse(str_from(w->format), &format))
		return error_set(err,
		    "format must be json, slack, mattermost or teams, not "
		    "\"%s\"",
		    w->format);
	return check_events(&w->events, err);
}
