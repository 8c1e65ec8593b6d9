/* trace_print - a message's story for a person */
#include "cli/trace_print.h"

#include "base/table.h"
#include "base/time.h"

enum { REASON_MAX = 200, TEXT_WIDTH_MIN = 30 };

static void
print_size(uint64_t bytes, struct text *out)
{
	if (bytes < 10000)
		text_printf(out, "%llu bytes", (unsigned long long)bytes);
	else if (bytes < 10000000)
		text_printf(out, "%llu kB", (unsigned long long)(bytes / 1000));
	else
		text_printf(
		    out, "%llu MB", (unsigned long long)(bytes / 1000000));
}

static void
print_address(struct str address, struct text *out)
{
	if (address.n == 0)
		text_add(out, "<>");
	else
		text_printable(out, address);
}

static void
print_client(const struct story_flight *root, struct text *out)
{
	if (root->client_address.n == 0)
		return;
	text_add(out, " from ");
	text_printable(out, root->client_address);
	if (root->client_name.n > 0 &&
	    !str_is(root->client_name, STR("unknown"))) {
		text_add(out, " (");
		text_printable(out, root->client_name);
		text_char(out, ')');
	}
}

static const char *
verb_of(const struct story *s)
{
	return s->n_recipients > 0 &&
		       s->outcomes[STORY_TURNED_AWAY] == s->n_recipients
		   ? " tried to send it"
		   : " sent it";
}

static void
print_who(const struct story *s, struct text *out)
{
	switch (s->who) {
	case STORY_WHO_ACCOUNT:
		if (s->is_hashed)
			text_add(out, "an account with a long name");
		text_printable(out, s->account);
		if (s->is_shared && s->claimed.n > 0) {
			text_add(out, " (shared; as ");
			text_printable(out, s->claimed);
			text_char(out, ')');
		}
		text_add(out, s->is_referred || s->is_hashed
				  ? " (by its reference)"
				  : "");
		text_add(out, verb_of(s));
		break;
	case STORY_WHO_INBOUND:
		text_add(out, "from outside: ");
		print_address(s->sender, out);
		text_add(out, verb_of(s));
		break;
	case STORY_WHO_NOTICE:
		text_add(out, "a notice of our own");
		return;
	default:
		print_address(s->sender, out);
		text_add(out, s->has_sender
				  ? ", whose beginning isn't in the log"
				  : "?: its beginning isn't in the log");
	}
	print_client(s->flights[0], out);
}

/* "550 5.1.1 ..." of "host H[A] said: 550 5.1.1 ... (in reply to ...)". */
static struct str
words_of(struct str reply)
{
	ptrdiff_t said = str_find(reply, STR("] said: "));
	ptrdiff_t end = str_find_last(reply, STR(" (in reply to "));

	if (end >= 0)
		reply = str_head(reply, (size_t)end);
	if (said >= 0 && str_starts(reply, STR("host ")))
		reply = str_skip(reply, (size_t)said + 8);
	return reply;
}

static void
print_reply(const struct story_recipient *r, struct str words, struct text *out)
{
	if (r->code.n > 0) {
		text_printable(out, r->code);
		text_char(out, ' ');
		text_printable(out, r->dsn);
		text_char(out, ' ');
	}
	text_printable(out, str_head(words, REASON_MAX));
	text_add(out, words.n > REASON_MAX ? "..." : "");
}

/* What the last recipient of that outcome was told. */
static void
print_reason(const struct story *s, enum story_outcome o, struct text *out)
{
	const struct story_recipient *last = NULL;

	for (struct story_recipient *r = s->recipients; r; r = r->next)
		last = r->outcome == o ? r : last;
	if (!last || last->reply.n == 0)
		return;
	text_add(out, ": ");
	print_reply(last, words_of(last->reply), out);
}

static void
print_outcomes(const struct story *s, struct text *out)
{
	const char *before = ": ";

	for (enum story_outcome o = 0; o < STORY_OUTCOMES; o++) {
		if (s->outcomes[o] == 0)
			continue;
		text_add(out, before);
		if (s->n_recipients + s->not_tried > 1)
			text_printf(
			    out, "%llu ", (unsigned long long)s->outcomes[o]);
		text_add(out, story_outcome_text(o));
		before = ", ";
		if (o >= STORY_DEFERRED && o != STORY_DELETED)
			print_reason(s, o, out);
	}
	if (s->not_tried > 0)
		text_printf(out, "%s%llu not tried yet", before,
		    (unsigned long long)s->not_tried);
}

void
trace_print_summary(const struct story *s, struct text *out)
{
	uint64_t n = s->n_recipients + s->not_tried;

	print_who(s, out);
	text_add(out, " at ");
	time_local_text(out, s->begin_us / TIME_US);
	if (s->account.n > 0 && s->who == STORY_WHO_INBOUND) {
		text_add(out, ", forwarded as ");
		text_printable(out, s->account);
	}
	if (n == 0) {
		text_add(out, ", no recipient is logged");
		return;
	}
	text_printf(out, ", %llu recipient%s", (unsigned long long)n,
	    n == 1 ? "" : "s");
	print_outcomes(s, out);
}

/* Words of a line folded at width, the rest indented. */
static void
fold(struct str s, size_t indent, size_t width, struct text *out)
{
	if (width < indent + TEXT_WIDTH_MIN) {
		text_printable(out, s);
		return;
	}
	for (size_t room = width - indent; s.n > room;) {
		size_t n = room;

		while (n > room / 2 && s.p[n] != ' ')
			n--;
		if (s.p[n] != ' ')
			n = room;
		text_printable(out, str_head(s, n));
		text_char(out, '\n');
		text_pad(out, ' ', indent);
		s = str_skip(s, n < s.n && s.p[n] == ' ' ? n + 1 : n);
	}
	text_printable(out, s);
}

static void
print_facts(
    const struct story *s, const struct trace_shape *shape, struct text *out)
{
	const struct story_flight *root = s->flights[0];
	uint64_t size = 0;

	for (size_t i = 0; i < s->n_flights && size == 0; i++)
		size = s->flights[i]->size_bytes;
	if (s->has_sender) {
		text_add(out, "  sender      ");
		print_address(s->sender, out);
		text_char(out, '\n');
	}
	if (root->login.n > 0 && !str_is(root->login, s->account)) {
		text_add(out, "  login       ");
		text_printable(out, root->login);
		text_char(out, '\n');
	}
	if (s->message_id.n > 0) {
		text_add(out, "  message-id  <");
		fold(s->message_id, 14, shape->width, out);
		text_add(out, ">\n");
	}
	if (size > 0) {
		text_add(out, "  size        ");
		print_size(size, out);
		text_char(out, '\n');
	}
}

static const char *
state_of(const struct story_flight *f)
{
	if (f->is_deleted)
		return "deleted";
	if (f->is_ended)
		return f->is_requeued ? "requeued" : "done";
	if (f->is_requeued)
		return "requeued";
	return f->is_held ? "on hold" : "no end in the log";
}

/* To whom a notice went, and what became of it. */
static void
print_addressee(const struct story_flight *f, struct text *out)
{
	struct postfix_line p;

	for (const struct story_line *l = f->first; l; l = l->next) {
		if (l->kind != LINE_DELIVERY)
			continue;
		postfix_parse(&l->line, &p);
		text_add(out, " to ");
		print_address(line_get(&p, FIELD_TO), out);
		if (line_has(&p, FIELD_STATUS)) {
			text_char(out, ' ');
			text_printable(out, p.field[FIELD_STATUS]);
		}
		return;
	}
}

/* The chain, each link below what it continues. */
static void
print_flight(const struct story_flight *f, size_t i, struct text *out)
{
	size_t depth = 0;

	for (const struct story_flight *up = f->parent; up; up = up->parent)
		depth++;
	text_add(out, i == 0 ? "  queue ids   " : "              ");
	text_pad(out, ' ', 2 * depth);
	if (f->link != STORY_FIRST)
		text_printf(out, "%s ", story_link_text(f->link));
	if (f->queue_id.n > 0)
		text_printable(out, f->queue_id);
	else
		text_add(out, "(no queue file)");
	text_add(out, "  on ");
	text_printable(out, f->host);
	if (!str_is(f->instance, STR("postfix"))) {
		text_char(out, '/');
		text_printable(out, f->instance);
	}
	if (f->link == STORY_NOTICE)
		print_addressee(f, out);
	if (f->queue_id.n > 0)
		text_printf(out, ", %s", state_of(f));
	if (!f->parent && f->orig_queue_id.n > 0) {
		text_add(out, ", continues ");
		text_printable(out, f->orig_queue_id);
		text_add(out, ", which isn't in the log");
	}
	text_char(out, '\n');
}

static void
print_recipient(const struct story *s, const struct story_recipient *r,
    const struct trace_shape *shape, struct text *out)
{
	text_add(out, "  ");
	print_address(r->to, out);
	if (r->orig_to.n > 0) {
		text_add(out, " (for ");
		text_printable(out, r->orig_to);
		text_char(out, ')');
	}
	text_printf(out, "%s\n    %s", r->is_copy ? " (our copy)" : "",
	    story_outcome_text(r->outcome));
	if (r->at_us - s->begin_us >= TIME_US) {
		text_add(out, " after ");
		time_duration_words(out, (r->at_us - s->begin_us) / TIME_US);
	}
	if (r->attempts > 1)
		text_printf(out, " in %u attempts", (unsigned)r->attempts);
	if (r->relay_name.n > 0 && !str_is(r->relay_name, STR("none"))) {
		text_printf(out, " by ");
		text_printable(out, r->relay_name);
		if (r->relay_address.n > 0) {
			text_char(out, '[');
			text_printable(out, r->relay_address);
			text_char(out, ']');
		}
	}
	text_add(out, "\n      ");
	if (r->code.n > 0)
		print_reply(r, r->reply, out);
	else
		fold(r->reply, 6, shape->width, out);
	text_char(out, '\n');
}

static void
print_recipients(
    const struct story *s, const struct trace_shape *shape, struct text *out)
{
	size_t n = 0;

	if (s->n_recipients > 0)
		text_add(out, "\n");
	for (struct story_recipient *r = s->recipients; r; r = r->next) {
		if (n++ == shape->lines_max) {
			text_printf(out,
			    "  ... and %zu more recipients (--full)\n",
			    s->n_recipients - shape->lines_max);
			return;
		}
		print_recipient(s, r, shape, out);
	}
}

/* The times of old syslog have no fraction. */
static bool
has_fraction(const struct story *s)
{
	for (size_t i = 0; i < s->n_lines; i++) {
		if (s->lines[i]->line.at_us % TIME_US != 0)
			return true;
	}
	return false;
}

/* "10:00:03.123"; the day when it is another one than the line's before. */
static void
print_time(int64_t at_us, bool is_exact, int64_t *day, struct text *out)
{
	struct civil c = time_to_local(at_us / TIME_US);
	int64_t today = (int64_t)c.year * 10000 + c.month * 100 + c.day;

	if (today != *day)
		text_printf(out, "  %04d-%02d-%02d\n", c.year, c.month, c.day);
	*day = today;
	text_printf(out, "  %02d:%02d:%02d", c.hour, c.minute, c.second);
	if (is_exact)
		text_printf(out, ".%03d", (int)(at_us % TIME_US / 1000));
	text_char(out, ' ');
}

static size_t
id_width(const struct story *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_flights; i++)
		n = s->flights[i]->queue_id.n > n ? s->flights[i]->queue_id.n
						  : n;
	return n;
}

static size_t
tag_width(const struct story *s, size_t n_lines)
{
	size_t n = 0;

	for (size_t i = 0; i < n_lines; i++) {
		size_t tag = s->lines[i]->line.program.n;

		n = tag > n && tag <= 12 ? tag : n;
	}
	return n;
}

static void
cell(struct str s, size_t width, struct text *out)
{
	size_t start = out->n;

	text_printable(out, s);
	if (out->n - start < width)
		text_pad(out, ' ', width - (out->n - start));
	text_char(out, ' ');
}

static void
print_lines(
    const struct story *s, const struct trace_shape *shape, struct text *out)
{
	size_t shown =
	    s->n_lines < shape->lines_max ? s->n_lines : shape->lines_max;
	size_t ids = id_width(s), tags = tag_width(s, shown);
	bool is_exact = has_fraction(s);
	int64_t day = 0;

	text_char(out, '\n');
	for (size_t i = 0; i < shown; i++) {
		const struct story_line *l = s->lines[i];
		struct str text = l->line.text, id = l->flight->queue_id;

		print_time(l->line.at_us, is_exact, &day, out);
		if (ids > 0)
			cell(id, ids, out);
		cell(l->line.program, tags, out);
		if (id.n > 0 && str_starts(text, id))
			text = str_trim(str_skip(text, id.n + 1));
		fold(
		    text, (is_exact ? 17 : 13) + ids + tags, shape->width, out);
		text_char(out, '\n');
	}
	if (shown < s->n_lines)
		text_printf(out, "  ... and %zu more lines (--full)\n",
		    s->n_lines - shown);
}

void
trace_print(
    const struct story *s, const struct trace_shape *shape, struct text *out)
{
	char buf[4096];
	struct text summary;

	text_init(&summary, buf, sizeof(buf));
	trace_print_summary(s, &summary);
	fold(text_view(&summary), 2, shape->width, out);
	text_add(out, "\n\n");
	print_facts(s, shape, out);
	bool is_queued = s->n_flights > 1 || s->flights[0]->queue_id.n > 0;

	for (size_t i = 0;
	     is_queued && i < s->n_flights && i < shape->lines_max; i++)
		print_flight(s->flights[i], i, out);
	if (s->n_flights > shape->lines_max)
		text_printf(out, "  ... and %zu more queue ids (--full)\n",
		    s->n_flights - shape->lines_max);
	print_recipients(s, shape, out);
	print_lines(s, shape, out);
}
