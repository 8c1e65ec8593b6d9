/* mime - the parts of a mail (GMime) */
#include "fbl/mime.h"

#include <gmime/gmime.h>
#include <pthread.h>

enum {
	LINES_MAX = 40000,
	DASHES_MAX = 1000, /* lines that may be a boundary */
	LOOK_BACK = 300,
	SUBTYPE = 7, /* bytes of "/rfc822" */
};

struct walk {
	const struct mime_limits *limits;
	struct arena *arena;
	struct mime *out;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* As much of it as GMime may see: it keeps about 1 KB for each part and 200
 * bytes for each field, and every part needs a line with "--". */
static struct str
bound(struct str bytes)
{
	size_t lines = 0, dashes = 0;
	const char *p = bytes.p, *end = bytes.p + bytes.n, *next;

	while (p < end && lines < LINES_MAX && dashes < DASHES_MAX) {
		lines++;
		dashes += end - p > 1 && p[0] == '-' && p[1] == '-';
		next = memchr(p, '\n', (size_t)(end - p));
		p = next ? next + 1 : end;
	}
	return str_head(bytes, (size_t)(p - bytes.p));
}

/* Line feeds for bare carriage returns, when there are no other line ends. */
static void
mend_lines(char *p, size_t n)
{
	if (memchr(p, '\n', n))
		return;
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\r')
			p[i] = '\n';
	}
}

/* Does the line of this byte, or the one that it continues, begin with
 * Content-Type? Looks back so far only, as there may be many such bytes. */
static bool
is_content_type(const char *begin, const char *at)
{
	static const char name[] = "Content-Type:";

	if (at - begin > LOOK_BACK)
		begin = at - LOOK_BACK;
	while (at > begin && at[-1] != '\n')
		at--;
	if (at > begin && (*at == ' ' || *at == '\t')) {
		for (at--; at > begin && at[-1] != '\n';)
			at--;
	}
	return g_ascii_strncasecmp(at, name, sizeof(name) - 1) == 0;
}

static const struct {
	const char *subtype, *opaque;
} messages[] = {{"/rfc822", "/rfc_22"}, {"/global", "/glo_al"}};

/* A message in the mail shall be a part like others: its bytes are wanted as
 * they are (GMime forgets what it can't read, as the last line of one that was
 * cut off), and its own parts are nothing to us. So it gets another type of the
 * same length; dup_type undoes it. The bytes end with a NUL. */
static void
make_opaque(char *p, size_t n)
{
	char *end = p + n;

	for (char *at = p; (at = memchr(at, '/', (size_t)(end - at))); at++) {
		for (size_t i = 0; end - at > SUBTYPE && i < 2; i++) {
			if (at[SUBTYPE] != '-' &&
			    g_ascii_strncasecmp(
				at, messages[i].subtype, SUBTYPE) == 0 &&
			    is_content_type(p, at))
				memcpy(at, messages[i].opaque, SUBTYPE);
		}
	}
}

static struct str
dup_type(GMimeObject *o, struct arena *a)
{
	GMimeContentType *type = g_mime_object_get_content_type(o);
	char *z = type ? g_mime_content_type_get_mime_type(type) : NULL;
	struct str s = arena_str(a, str_from(z ? z : "text/plain"));
	char *p = arena_dup(a, s);

	for (size_t i = 0; i < s.n; i++) {
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] | 0x20);
	}
	g_free(z);
	for (size_t i = 0; i < 2; i++) {
		if (str_ends(s, str_from(messages[i].opaque)))
			memcpy(p + s.n - SUBTYPE, messages[i].subtype, SUBTYPE);
	}
	return str_make(p, s.n);
}

static struct mime_part *
add_part(struct walk *w, GMimeObject *o)
{
	struct mime_part *part;

	if (w->out->n == w->limits->parts) {
		w->out->is_cut = true;
		return NULL;
	}
	part = &w->out->v[w->out->n++];
	part->type = dup_type(o, w->arena);
	return part;
}

/* The decoded bodies are never more than the bytes that were read: no encoding
 * makes fewer of them, and parts don't overlap. */
static void
add_leaf(struct walk *w, GMimePart *leaf)
{
	GMimeDataWrapper *content = g_mime_part_get_content(leaf);
	struct mime_part *part = add_part(w, GMIME_OBJECT(leaf));
	GMimeStream *memory;
	GByteArray *got;

	if (!part)
		return;
	part->name =
	    arena_str(w->arena, str_from(g_mime_part_get_filename(leaf)));
	if (!content)
		return;
	memory = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(content, memory);
	got = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory));
	part->body =
	    arena_str(w->arena, str_make((const char *)got->data, got->len));
	g_object_unref(memory);
}

static void
walk_object(struct walk *w, GMimeObject *o, size_t depth)
{
	if (depth > w->limits->depth) {
		w->out->is_cut = true;
	} else if (GMIME_IS_MULTIPART(o)) {
		int n = g_mime_multipart_get_count(GMIME_MULTIPART(o));

		for (int i = 0; i < n; i++)
			walk_object(w,
			    g_mime_multipart_get_part(GMIME_MULTIPART(o), i),
			    depth + 1);
	} else if (GMIME_IS_PART(o)) {
		add_leaf(w, GMIME_PART(o));
	}
}

static void
read_message(struct walk *w, GMimeMessage *message)
{
	GMimeObject *top = g_mime_message_get_mime_part(message);
	const char *report;

	if (!top)
		return;
	w->out->type = dup_type(top, w->arena);
	report = g_mime_object_get_content_type_parameter(top, "report-type");
	w->out->report_type = arena_str(w->arena, str_from(report));
	walk_object(w, top, 0);
}

static void
start(void)
{
	g_mime_init();
}

void
mime_read(struct str bytes, const struct mime_limits *limits, struct arena *a,
    struct mime *out)
{
	struct str seen = bound(bytes);
	struct walk w = {limits, a, out};

	pthread_once(&once, start);
	*out = (struct mime){.type = STR("text/plain"),
	    .v = arena_alloc(a, limits->parts * sizeof(*out->v)),
	    .is_cut = seen.n < bytes.n};
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(seen.p, seen.n);
	GByteArray *copy =
	    g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	char *p =
	    (char *)g_byte_array_append(copy, (const guint8 *)"", 1)->data;

	mend_lines(p, seen.n);
	make_opaque(p, seen.n);
	g_byte_array_set_size(copy, (guint)seen.n);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	if (message) {
		read_message(&w, message);
		g_object_unref(message);
	}
	g_object_unref(parser);
	g_object_unref(stream);
}
