/* export_blocked - addresses and networks that may not log in, for a packet
 * filter */
#include "cli/export_blocked.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/ip.h"
#include "base/json.h"
#include "base/time.h"
#include "cli/pages.h"

struct blocked {
	struct ip_net net;
	int64_t since, until;
	char *reason;
	bool is_operator;
};

struct export
{
	int64_t now;
	struct blocked *v;
	size_t n, cap;
};

/* network, since, until, operator, reason */
static void
add(void *ctx, const struct page *page, const struct json *row)
{
	struct export *e = ctx;
	struct ip_net net;

	(void)page;
	if (!row || !ip_net_parse(json_text(json_at(row, 0)), &net))
		return;
	if (e->n == e->cap) {
		e->cap = e->cap ? 2 * e->cap : 64;
		e->v = xrealloc(e->v, e->cap, sizeof(*e->v));
	}
	e->v[e->n++] = (struct blocked){net, json_number(json_at(row, 1), 0),
	    json_number(json_at(row, 2), 0),
	    str_dup(json_text(json_at(row, 4))),
	    json_number(json_at(row, 3), 0) != 0};
}

static int
compare(const void *a, const void *b)
{
	const struct blocked *x = a, *y = b;

	return memcmp(&x->net, &y->net, sizeof(x->net));
}

static void
print_plain(const struct export *e, struct text *out)
{
	for (size_t i = 0; i < e->n; i++) {
		ip_net_format(out, &e->v[i].net);
		text_char(out, '\n');
	}
}

static void
print_json(const struct export *e, struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open_array(&j, NULL);
	for (size_t i = 0; i < e->n; i++) {
		const struct blocked *b = &e->v[i];
		char net[64];
		struct text t;

		text_init(&t, net, sizeof(net));
		ip_net_format(&t, &b->net);
		json_open(&j, NULL);
		json_str(&j, "network", text_view(&t));
		json_time(&j, "since", b->since);
		json_time(&j, "until", b->until);
		json_bool(&j, "operator", b->is_operator);
		json_str(&j, "reason", str_from(b->reason));
		json_close(&j);
	}
	json_close_array(&j);
	text_char(out, '\n');
}

static void
print_elements(const struct export *e, bool is_v4, struct text *out)
{
	const char *before = "";

	for (size_t i = 0; i < e->n; i++) {
		const struct blocked *b = &e->v[i];

		if (ip_is_v4(&b->net.ip) != is_v4)
			continue;
		if (!*before)
			text_printf(out,
			    "add element inet outpost blocked%c {\n",
			    is_v4 ? '4' : '6');
		text_printf(out, "%s\t", before);
		ip_net_format(out, &b->net);
		if (b->until != TIME_NEVER)
			text_printf(out, " timeout %llds",
			    (long long)(b->until > e->now ? b->until - e->now
							  : 1));
		before = ",\n";
	}
	if (*before)
		text_add(out, "\n}\n");
}

/* A file for nft -f, all at once: the sets as they are now. The rules that use
 * them are the operator's. */
static void
print_nft(const struct export *e, struct text *out)
{
	static const char *const family[] = {"ipv6", "ipv4"};

	for (int is_v4 = 1; is_v4 >= 0; is_v4--) {
		char digit = is_v4 ? '4' : '6';

		if (is_v4)
			text_add(out, "add table inet outpost\n");
		text_printf(out,
		    "add set inet outpost blocked%c { type %s_addr; flags "
		    "interval, timeout; auto-merge; }\n"
		    "flush set inet outpost blocked%c\n",
		    digit, family[is_v4], digit);
		print_elements(e, is_v4, out);
	}
}

bool
export_blocked_is_asked(const struct client_line *l)
{
	return l->command == COMMAND_ID_export && l->n_args == 1 &&
	       strcmp(l->args[0], "blocked") == 0;
}

enum exit_status
export_blocked_run(const struct client_line *l, const char *socket)
{
	const char *option = client_option(l, "format");
	struct str format = str_from(option ? option : "plain");
	bool is_json = l->is_json || str_is(format, STR("json"));
	bool is_nft = str_is(format, STR("nft"));
	struct export e = {.now = (int64_t)time(NULL)};
	struct text out;
	enum exit_status status = pages_each(l, socket, add, &e);

	if (e.n > 1)
		qsort(e.v, e.n, sizeof(*e.v), compare);
	text_grow(&out, SIZE_MAX / 2);
	if (status == EXIT_OK)
		(is_json     ? print_json
		    : is_nft ? print_nft
			     : print_plain)(&e, &out);
	if (out.n > 0)
		fwrite(out.p, 1, out.n, stdout);
	text_done(&out);
	for (size_t i = 0; i < e.n; i++)
		free(e.v[i].reason);
	free(e.v);
	return status;
}
