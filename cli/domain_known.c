/* domain_known - what outpostd knows of a domain, for who asks the DNS himself
 */
#include "cli/domain_known.h"

#include <unistd.h>

#include "base/json.h"
#include "cli/local.h"
#include "config/settings.h"

enum { TIMES = 240, EACH_US = 250000 }; /* until a test message came back */

/* Its answer, a JSON object; NULL: there is none. */
static struct json *
ask(const struct client_line *l, const struct settings *s, const char *domain)
{
	struct client_line q = {
	    .command = COMMAND_ID_domain, .is_json = true, .n_args = 2};
	struct error err;

	q.args[0] = "site";
	q.args[1] = domain;
	struct json *reply = client_ask(
	    &q, l->socket ? l->socket : s->daemon.control_socket, &err);
	struct json *doc =
	    reply ? json_parse(json_text(json_get(reply, "out")), NULL) : NULL;

	json_free(&reply);
	return doc;
}

static void
read_told(const struct json *doc, struct health_told *out)
{
	struct text t;

	text_init(&t, out->by, sizeof(out->by));
	text_printable(&t, json_text(json_get(doc, "by")));
	out->at = json_number(json_get(doc, "at"), 0);
	out->what = health_signed_parse(json_text(json_get(doc, "told")));
}

void
domain_known(const struct client_line *l, const struct settings *s,
    const char *domain, struct domain_site *site)
{
	struct json *doc = ask(l, s, domain);
	const struct json *selectors = json_get(doc, "selectors");
	struct error err;

	for (size_t i = 0; i < json_count(selectors); i++)
		domain_site_add_selector(site, json_text(json_at(selectors, i)),
		    s->domains.dkim_key_file, domain, &err);
	read_told(doc, &site->site.told);
	json_free(&doc);
}

static enum exit_status
tell(const struct client_line *l, const char *domain,
    const struct health_told *told)
{
	static const char *const words[] = {
	    [HEALTH_SIGNED_UNTOLD] =
		"it has not come back in a minute: does the address lead to where outpostd reads reports (fbl)? Its log says if the message was not taken",
	    [HEALTH_SIGNED_GOOD] =
		"it came back, was signed, and the signature "
		"holds",
	    [HEALTH_SIGNED_BAD] = "it came back and was signed, but the "
				  "signature does not hold",
	    [HEALTH_SIGNED_NOT] = "it came back and was not signed",
	};
	char buf[DNS_NAME + 200];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (l->is_json)
		text_printf(&t, "{\"domain\":\"%s\",\"signed\":\"%s\"}\n",
		    domain, health_signed_word(told->what));
	else
		text_printf(&t, "%s: %s\n", domain, words[told->what]);
	enum exit_status status = local_print(text_view(&t));

	return status == EXIT_OK && told->what != HEALTH_SIGNED_GOOD
		   ? EXIT_WARNED
		   : status;
}

enum exit_status
domain_known_test(
    const struct client_line *l, const struct settings *s, const char *domain)
{
	struct client_line q = {.command = COMMAND_ID_domain, .n_args = 3};
	struct health_told told = {0};

	q.args[0] = "send";
	q.args[1] = domain;
	q.args[2] = client_option(l, "send");
	enum exit_status status =
	    client_run(&q, l->socket ? l->socket : s->daemon.control_socket);

	for (int i = 0; status == EXIT_OK && i < TIMES; i++) {
		struct json *doc = ask(l, s, domain);

		read_told(doc, &told);
		json_free(&doc);
		if (told.what != HEALTH_SIGNED_UNTOLD &&
		    strcmp(told.by, HEALTH_TEST) == 0)
			return tell(l, domain, &told);
		usleep(EACH_US);
	}
	told.what = HEALTH_SIGNED_UNTOLD;
	return status == EXIT_OK ? tell(l, domain, &told) : status;
}
