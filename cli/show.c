/* show - `outpost show SUBJECT`: all about one on one screen */
#include "cli/show.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/geo.h"
#include "base/json.h"
#include "base/time.h"
#include "cli/local.h"
#include "cli/show_draw.h"
#include "cli/show_log.h"
#include "cli/show_queue.h"

enum { OUT_MAX = 8 * 1024 * 1024, WIDTH_MIN = 20, WIDTH_MAX = 240 };

struct show {
	struct settings *settings;
	const struct json *told;
	struct geo *geo;
	struct error geo_trouble;
	struct show_queue queue;
	struct json_out j;
};

/* What is written about one network, and where it is. */
static void
add_network(struct show *s, const struct json *network)
{
	struct geo_country c;
	struct ip_net net;
	struct json_out *j = &s->j;

	json_open(j, NULL);
	json_str(j, "network", json_text(json_get(network, "network")));
	json_str(j, "first_seen", json_text(json_get(network, "first_seen")));
	json_str(j, "last_seen", json_text(json_get(network, "last_seen")));
	if (ip_net_parse(json_text(json_get(network, "network")), &net) &&
	    geo_country(s->geo, &net.ip, &c)) {
		json_str(j, "country", str_from(c.code));
		json_str(j, "country_name", str_from(c.name));
	}
	json_close(j);
}

static void
add_sample(struct show *s, struct json *sample)
{
	char subject[SHOW_SUBJECT];
	struct text t, raw;

	text_init(&t, subject, sizeof(subject));
	bool is_held = show_queue_subject(&s->queue,
	    json_text(json_get(sample, "instance")),
	    json_text(json_get(sample, "queue_id")), &t);

	text_grow(&raw, OUT_MAX);
	json_print(&raw, sample);
	if (raw.n > 2 && raw.p[raw.n - 1] == '}') {
		raw.p[--raw.n] = '\0';
		struct json_out j;

		json_out_init(&j, &raw);
		j.depth = 1;
		j.has_value[1] = true;
		json_bool(&j, "is_held", is_held);
		if (t.n > 0)
			json_str(&j, "subject", text_view(&t));
		json_close(&j);
	}
	json_raw(&s->j, NULL, text_view(&raw));
	text_done(&raw);
}

static void
on_logged(void *ctx, struct json *sample)
{
	add_sample(ctx, sample);
}

/* Of an account that is stopped: outpostd may have forgotten them. */
static void
add_logged(struct show *s)
{
	struct str standing = json_text(json_get(s->told, "standing"));
	int64_t since_us;

	if (s->settings && !str_is(standing, STR("good")) &&
	    str_is(json_text(json_get(s->told, "kind")), STR("account")) &&
	    time_parse_rfc3339(
		json_text(json_get(s->told, "since")), &since_us))
		show_log(s->settings, json_text(json_get(s->told, "subject")),
		    since_us / TIME_US, on_logged, s);
}

static void
add_member(void *ctx, struct str key, struct json *value)
{
	struct show *s = ctx;
	char name[64];
	struct text t, raw;

	text_init(&t, name, sizeof(name));
	text_str(&t, key);
	if (str_is(key, STR("networks")) || str_is(key, STR("samples"))) {
		bool is_net = str_is(key, STR("networks"));

		json_open_array(&s->j, name);
		for (size_t i = 0; i < json_count(value); i++) {
			if (is_net)
				add_network(s, json_at(value, i));
			else
				add_sample(s, json_at(value, i));
		}
		if (!is_net && json_count(value) == 0)
			add_logged(s);
		json_close_array(&s->j);
		return;
	}
	text_grow(&raw, OUT_MAX);
	json_print(&raw, value);
	json_raw(&s->j, name, text_view(&raw));
	text_done(&raw);
}

/* Of an address or a network: where it is. */
static void
add_country(struct show *s, const struct json *told)
{
	struct geo_country c;
	struct ip_net net;

	if (!ip_net_parse(json_text(json_get(told, "subject")), &net) ||
	    !geo_country(s->geo, &net.ip, &c))
		return;
	json_str(&s->j, "country", str_from(c.code));
	json_str(&s->j, "country_name", str_from(*c.name ? c.name : c.code));
}

static void
add_notes(struct show *s)
{
	struct json_out *j = &s->j;

	json_open_array(j, "notes");
	if (*s->geo_trouble.text) {
		char buf[sizeof(s->geo_trouble.text) + 64];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		text_printf(
		    &t, "no countries: geoip_file %s", s->geo_trouble.text);
		json_str(j, NULL, text_view(&t));
	}
	json_close_array(j);
}

/* What outpostd told, and what is found here. */
static void
compose(struct show *s, struct json *told, struct text *out)
{
	const char *file = s->settings ? s->settings->daemon.geoip_file : "";

	if (*file)
		s->geo = geo_open(file, &s->geo_trouble);
	if (s->settings)
		show_queue_ask(&s->queue, s->settings->daemon.queue_socket,
		    json_text(json_get(told, "subject")));
	s->told = told;
	json_out_init(&s->j, out);
	json_open(&s->j, NULL);
	json_each(told, add_member, s);
	json_bool(&s->j, "has_countries", s->geo != NULL);
	add_country(s, told);
	if (!json_get(told, "held") && s->queue.is_known)
		show_queue_json(&s->queue, &s->j);
	add_notes(s);
	json_close(&s->j);
	text_char(out, '\n');
	geo_free(&s->geo);
}

static size_t
from_environment(const char *name)
{
	const char *value = getenv(name);
	uint64_t n;

	return value && str_to_u64(str_from(value), &n) && n >= 5 && n < 10000
		   ? (size_t)n
		   : 0;
}

/* Of the terminal; COLUMNS and LINES also where there is none. */
static void
measure(struct page_shape *s, bool is_full)
{
	const char *no_color = getenv("NO_COLOR");
	bool is_terminal = isatty(STDOUT_FILENO);
	struct winsize w = {0};

	if (is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0)
		w = (struct winsize){0};
	s->width = w.ws_col ? w.ws_col : from_environment("COLUMNS");
	s->height = w.ws_row ? w.ws_row : from_environment("LINES");
	if (s->width > 0 && s->width < WIDTH_MIN)
		s->width = WIDTH_MIN;
	if (s->width > WIDTH_MAX)
		s->width = WIDTH_MAX;
	if (is_full)
		s->height = 0;
	setlocale(LC_CTYPE, "");
	s->is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	s->is_colored = is_terminal && !(no_color && *no_color);
}

static enum exit_status
print(const struct client_line *l, struct str json, show_draw_fn *draw)
{
	struct page_shape shape;
	struct error err;
	struct text out;

	if (l->is_json)
		return local_print(json);
	struct json *doc = json_parse(json, &err);

	if (!doc)
		return local_fail(EXIT_FAILED, "%s", err.text);
	measure(&shape, client_option(l, "full") != NULL);
	text_grow(&out, OUT_MAX);
	draw(doc, &shape, &out);
	enum exit_status status = local_print(text_view(&out));

	text_done(&out);
	json_free(&doc);
	return status;
}

static enum exit_status
show(const struct client_line *l, struct settings *settings,
    const struct json *answer)
{
	struct str text = json_text(json_get(answer, "err"));
	int64_t exit = json_number(json_get(answer, "exit"), EXIT_FAILED);
	struct show s = {.settings = settings};
	struct error err;
	struct text out;

	if (exit != EXIT_OK) {
		fprintf(stderr, "outpost: %.*s", STR_ARG(text));
		return (enum exit_status)exit;
	}
	struct json *told =
	    json_parse(str_trim(json_text(json_get(answer, "out"))), &err);

	if (!told)
		return local_fail(
		    EXIT_FAILED, "outpostd's answer: %s", err.text);
	show_queue_init(&s.queue);
	text_grow(&out, OUT_MAX);
	compose(&s, told, &out);
	enum exit_status status = print(l, text_view(&out), show_draw);

	text_done(&out);
	show_queue_done(&s.queue);
	json_free(&told);
	return status;
}

enum exit_status
show_run(
    const struct client_line *l, const char *socket, struct settings *settings)
{
	struct client_line question = *l;
	struct error err;

	question.is_json = true;
	struct json *answer = client_ask(&question, socket, &err);

	if (!answer)
		return local_fail(
		    EXIT_UNREACHABLE, "outpostd does not answer: %s", err.text);
	enum exit_status status = show(l, settings, answer);

	json_free(&answer);
	return status;
}

enum exit_status
show_answer(const struct client_line *l, const char *socket, show_draw_fn *draw)
{
	struct client_line question = *l;
	struct error err;

	question.is_json = true;
	struct json *answer = client_ask(&question, socket, &err);

	if (!answer)
		return local_fail(
		    EXIT_UNREACHABLE, "outpostd does not answer: %s", err.text);
	struct str text = json_text(json_get(answer, "err"));
	int64_t status = json_number(json_get(answer, "exit"), EXIT_FAILED);

	if (status == EXIT_OK)
		status = print(
		    l, str_trim(json_text(json_get(answer, "out"))), draw);
	else
		fprintf(stderr, "outpost: %.*s", STR_ARG(text));
	json_free(&answer);
	return (enum exit_status)status;
}
