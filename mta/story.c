/* story - lines to flights, flights to stories */
#include "mta/story_parts.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/time.h"

enum {
	LATE_US = 10 * TIME_US,	  /* lines that come after "removed" */
	SWAPPED_US = 2 * TIME_US, /* lines of several processes */
	SESSION_US = 60 * TIME_US,
	KEY_MAX = 400,
	BACK = 64, /* flights of one queue id that a line may be of */
};

struct stories *
stories_new(const struct stories_options *o)
{
	struct stories *s = xalloc(1, sizeof(*s));

	s->o = *o;
	account_rules_init(&s->rules, o->settings);
	arena_init(&s->arena);
	map_init(&s->flights);
	return s;
}

void
stories_free(struct stories **sp)
{
	struct stories *s = *sp;

	if (!s)
		return;
	map_done(&s->flights);
	arena_done(&s->arena);
	free(s->lines);
	free(s->all);
	free(s->told);
	free(s);
	*sp = NULL;
}

/* A view into one buffer becomes the same view into its copy. */
static struct str
moved(struct str view, struct str from, const char *to)
{
	if (view.n == 0)
		return str_make("", 0);
	return str_make(to + (view.p - from.p), view.n);
}

bool
stories_add(struct stories *s, struct str whole, const struct logline *line,
    const struct postfix_line *postfix, uint32_t matched)
{
	if (s->n_lines >= s->o.lines_max || s->bytes + whole.n > s->o.bytes_max)
		return false;
	if (s->n_lines == s->cap_lines) {
		s->cap_lines = s->cap_lines ? 2 * s->cap_lines : 256;
		s->lines = xrealloc(
		    s->lines, s->cap_lines, sizeof(struct story_line *));
	}
	struct story_line *l = arena_alloc(&s->arena, sizeof(*l));
	char *copy = arena_dup(&s->arena, whole);

	l->whole = str_make(copy, whole.n);
	l->line.at_us = line->at_us;
	l->line.host = moved(line->host, whole, copy);
	l->line.tag = moved(line->tag, whole, copy);
	l->line.instance = moved(line->instance, whole, copy);
	l->line.program = moved(line->program, whole, copy);
	l->line.pid = moved(line->pid, whole, copy);
	l->line.text = moved(line->text, whole, copy);
	l->kind = postfix->kind;
	l->order = s->n_lines;
	l->matched = matched;
	s->lines[s->n_lines++] = l;
	s->bytes += whole.n;
	return true;
}

void
story_parse(const struct story_line *line, struct postfix_line *out)
{
	postfix_parse(&line->line, out);
}

bool
story_is_own(const struct stories *s, struct str address)
{
	struct ip ip;

	return ip_parse(address, &ip) &&
	       (ip_nets_has(&s->o.settings->own_addresses, &ip) ||
		   ip_nets_has(&s->o.settings->trusted_clients, &ip));
}

struct story_flight *
story_find(
    struct stories *s, struct str host, struct str queue_id, int64_t at_us)
{
	struct story_flight *f = map_find(&s->flights, queue_id), *other = NULL;

	for (; f; f = f->older) {
		if (f->begin_us > at_us + SWAPPED_US)
			continue;
		if (str_is(f->host, host))
			return f;
		if (!other)
			other = f;
	}
	return other;
}

static int
by_time(const void *a, const void *b)
{
	const struct story_line *x = *(struct story_line *const *)a;
	const struct story_line *y = *(struct story_line *const *)b;

	if (x->line.at_us != y->line.at_us)
		return x->line.at_us < y->line.at_us ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static bool
begins(enum line_kind kind)
{
	return kind == LINE_CLIENT || kind == LINE_PICKUP ||
	       kind == LINE_NOQUEUE_CLIENT;
}

/* May the line be one of f's? */
static bool
is_of(const struct story_flight *f, const struct story_line *l)
{
	int64_t at = l->line.at_us;

	if (!str_is(f->host, l->line.host))
		return false;
	if (begins(l->kind))
		return !f->has_begin && !f->is_ended &&
		       str_is(f->instance, l->line.instance) &&
		       at < f->begin_us + SWAPPED_US;
	if (f->queue_id.n == 0 && at > f->end_us + SESSION_US)
		return false;
	return !f->is_ended || at <= f->end_us + LATE_US;
}

/* Its own instance's before another one's: transports may have names of their
 * own. */
static struct story_flight *
choose(struct story_flight *newest, const struct story_line *l)
{
	struct story_flight *other = NULL, *f = newest;

	for (size_t i = 0; f && i < BACK; f = f->older, i++) {
		if (!is_of(f, l))
			continue;
		if (str_is(f->instance, l->line.instance))
			return f;
		if (!other)
			other = f;
	}
	return other;
}

static struct story_flight *
add_flight(struct stories *s, const struct story_line *l, struct str key)
{
	struct story_flight *f = arena_alloc(&s->arena, sizeof(*f));

	f->host = l->line.host;
	f->instance = l->line.instance;
	f->begin_us = f->end_us = l->line.at_us;
	f->older = map_find(&s->flights, key);
	map_put(&s->flights, arena_str(&s->arena, key), f);
	if (s->n_all == s->cap_all) {
		s->cap_all = s->cap_all ? 2 * s->cap_all : 64;
		s->all =
		    xrealloc(s->all, s->cap_all, sizeof(struct story_flight *));
	}
	s->all[s->n_all++] = f;
	return f;
}

static void
take(struct str *to, const struct postfix_line *p, enum line_field field)
{
	if (to->n == 0 && line_has(p, field))
		*to = line_get(p, field);
}

static void
take_beginning(struct story_flight *f, const struct postfix_line *p)
{
	f->has_begin = true;
	take(&f->client_name, p, FIELD_CLIENT_NAME);
	take(&f->client_address, p, FIELD_CLIENT_ADDRESS);
	take(&f->login, p, FIELD_SASL_USERNAME);
	take(&f->uid, p, FIELD_UID);
	take(&f->orig_queue_id, p, FIELD_ORIG_QUEUE_ID);
	take(&f->orig_queue_id, p, FIELD_ORIG_ID);
}

static void
take_order(struct story_flight *f, struct str action)
{
	if (str_is(action, STR("removed")))
		f->is_deleted = f->is_ended = true;
	else if (str_is(action, STR("placed on hold")))
		f->is_held = true;
	else if (str_is(action, STR("released from hold")))
		f->is_held = false;
}

static void
take_sender(struct story_flight *f, const struct postfix_line *p)
{
	if (f->has_sender || !line_has(p, FIELD_FROM))
		return;
	f->has_sender = true;
	f->sender = line_get(p, FIELD_FROM);
}

static void
take_line(struct story_flight *f, const struct postfix_line *p)
{
	switch (p->kind) {
	case LINE_CLIENT:
	case LINE_NOQUEUE_CLIENT:
	case LINE_PICKUP:
		take_beginning(f, p);
		break;
	case LINE_MESSAGE_ID:
		take(&f->message_id, p, FIELD_MESSAGE_ID);
		break;
	case LINE_QUEUE_ACTIVE:
		take_sender(f, p);
		f->size_bytes = line_number(p, FIELD_SIZE);
		f->nrcpt = line_number(p, FIELD_NRCPT);
		break;
	case LINE_DELIVERY:
		f->is_tried = true;
		break;
	case LINE_EXPIRED:
		f->is_expired = true;
		break;
	case LINE_POSTSUPER:
		take_order(f, line_get(p, FIELD_ACTION));
		break;
	case LINE_REJECT:
		take(&f->client_name, p, FIELD_CLIENT_NAME);
		take(&f->client_address, p, FIELD_CLIENT_ADDRESS);
		take(&f->login, p, FIELD_SASL_USERNAME);
		take_sender(f, p);
		break;
	case LINE_REMOVED:
	case LINE_PROXY_ACCEPT:
		f->is_ended = true;
		break;
	default:
		break;
	}
}

/* By the queue id; else, before the queue, by host and process. */
static void
place(struct stories *s, struct story_line *l)
{
	struct postfix_line p;
	char buf[KEY_MAX];
	struct text key;

	story_parse(l, &p);
	text_init(&key, buf, sizeof(buf));
	if (p.queue_id.n > 0)
		text_str(&key, p.queue_id);
	else
		text_printf(&key, "%.*s#%.*s", STR_ARG(l->line.pid),
		    STR_ARG(l->line.host));
	struct story_flight *f =
	    choose(map_find(&s->flights, text_view(&key)), l);

	if (!f) {
		f = add_flight(s, l, text_view(&key));
		f->queue_id = p.queue_id;
	}
	take_line(f, &p);
	f->end_us = l->line.at_us;
	l->flight = f;
	if (f->last)
		f->last->next = l;
	else
		f->first = l;
	f->last = l;
}

/* A story per flight that continues nothing; parents come before children. */
static void
gather(struct stories *s)
{
	s->told = xalloc(s->n_all + 1, sizeof(struct story *));
	for (size_t i = 0; i < s->n_all; i++) {
		struct story_flight *f = s->all[i], *root = f;

		while (root->parent)
			root = root->parent;
		if (!root->story) {
			root->story =
			    arena_alloc(&s->arena, sizeof(struct story));
			s->told[s->n_told++] = root->story;
		}
		f->story = root->story;
		f->story->n_flights++;
	}
	for (size_t i = 0; i < s->n_lines; i++) {
		struct story *story = s->lines[i]->flight->story;

		story->n_lines++;
		story->matched |= s->lines[i]->matched;
	}
}

static void
fill_lines(struct stories *s)
{
	for (size_t i = 0; i < s->n_lines; i++) {
		struct story_line *l = s->lines[i];
		struct story *story = l->flight->story;

		if (!story->lines) {
			story->lines =
			    arena_alloc(&s->arena, story->n_lines * sizeof(l));
			story->n_lines = 0;
			story->begin_us = l->line.at_us;
		}
		story->lines[story->n_lines++] = l;
		story->end_us = l->line.at_us;
	}
}

/* The root first, then by their first lines. */
static void
fill_flights(struct stories *s)
{
	for (int is_root = 1; is_root >= 0; is_root--) {
		for (size_t i = 0; i < s->n_all; i++) {
			struct story_flight *f = s->all[i];
			struct story *story = f->story;

			if (is_root == (f->parent != NULL))
				continue;
			if (is_root) {
				story->flights = arena_alloc(
				    &s->arena, story->n_flights * sizeof(f));
				story->n_flights = 0;
			}
			story->flights[story->n_flights++] = f;
		}
	}
}

static int
by_begin(const void *a, const void *b)
{
	const struct story *x = *(struct story *const *)a;
	const struct story *y = *(struct story *const *)b;

	return x->begin_us < y->begin_us ? -1 : x->begin_us > y->begin_us;
}

struct story *const *
stories_tell(struct stories *s, uint32_t want, size_t *n)
{
	size_t kept = 0;

	if (s->n_lines > 0)
		qsort(s->lines, s->n_lines, sizeof(*s->lines), by_time);
	for (size_t i = 0; i < s->n_lines; i++)
		place(s, s->lines[i]);
	story_link_all(s);
	gather(s);
	fill_lines(s);
	fill_flights(s);
	for (size_t i = 0; i < s->n_told; i++) {
		if ((s->told[i]->matched & want) != want)
			continue;
		story_tell(s, s->told[i]);
		s->told[kept++] = s->told[i];
	}
	s->n_told = kept;
	qsort(s->told, kept, sizeof(*s->told), by_begin);
	*n = kept;
	return s->told;
}
