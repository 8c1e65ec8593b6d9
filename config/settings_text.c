/* settings_text - what was given, as one file that can be loaded again
 *
 * Comments, order within a line and @includes are gone; what stands there is
 * what counts. Passwords are left out: this is kept, and shown.
 */
#include "base/crypto.h"
#include "config/settings.h"
#include "config/settings_entry.h"

enum { TEXT_MAX = 4 * 1024 * 1024, NAME_BYTES = 6 };

static void
put_quoted(struct text *out, struct str s)
{
	text_char(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			text_char(out, '\\');
		if (c == '\n')
			text_add(out, "\\n");
		else if (c < ' ')
			text_printf(out, "\\x%02x", c);
		else
			text_char(out, (char)c);
	}
	text_char(out, '"');
}

/* redis://user:password@host */
static void
put_text(struct text *out, const struct config_entry *e)
{
	ptrdiff_t slashes = str_find(e->value, STR("://"));
	ptrdiff_t at = str_find_last(e->value, STR("@"));
	char buf[4096];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (str_is(e->name, STR("secret")) ||
	    str_is(e->name, STR("directory_token"))) {
		text_add(&t, "***");
	} else if (slashes >= 0 && at > slashes) {
		text_str(&t, str_head(e->value, (size_t)slashes + 3));
		text_add(&t, "***");
		text_str(&t, str_skip(e->value, (size_t)at));
	} else if (str_is(e->section, STR("classes")) &&
		   str_is(e->name, STR("file")) && e->value.n > 0 &&
		   e->value.p[0] != '/') {
		struct str by = str_from(e->file);
		ptrdiff_t slash = str_find_last(by, STR("/"));

		text_str(&t, str_head(by, (size_t)(slash + 1)));
		text_str(&t, e->value);
	} else {
		put_quoted(out, e->value);
		return;
	}
	put_quoted(out, text_view(&t));
}

static void
put_value(struct text *out, const struct config_entry *e)
{
	struct str rest = e->value, word;
	bool is_first = true;

	switch (e->form) {
	case CONFIG_TEXT:
		put_text(out, e);
		break;
	case CONFIG_NUMBER:
	case CONFIG_BOOL:
		text_str(out, e->value);
		break;
	case CONFIG_TEXTS:
		text_add(out, "( ");
		while (rest.n > 0) {
			if (!str_cut(&rest, ',', &word)) {
				word = rest;
				rest.n = 0;
			}
			text_add(out, is_first ? "" : ", ");
			put_quoted(out, word);
			is_first = false;
		}
		text_add(out, is_first ? ")" : " )");
		break;
	}
}

static bool
is_same_block(const struct config_entry *a, const struct config_entry *b)
{
	return str_is(a->section, b->section) &&
	       (a->item == CONFIG_NO_ITEM) == (b->item == CONFIG_NO_ITEM);
}

/* From v[i], one group, list or plain entry; returns where the next begins. */
static size_t
put_block(struct text *out, const struct config_file *f, size_t i)
{
	const struct config_entry *first = &f->v[i], *e = first;
	bool is_list = first->item != CONFIG_NO_ITEM;

	if (!is_list && first->section.n == 0) {
		text_printf(out, "%.*s = ", STR_ARG(first->name));
		put_value(out, first);
		text_add(out, ";\n");
		return i + 1;
	}
	text_printf(
	    out, is_list ? "%.*s = (\n" : "%.*s: {\n", STR_ARG(first->section));
	for (; i < f->n && is_same_block(first, &f->v[i]); i++) {
		e = &f->v[i];
		if (is_list && (e == first || e->item != f->v[i - 1].item))
			text_add(out, e == first ? "\t{" : " },\n\t{");
		if (e->name.n == 0)
			continue;
		text_printf(
		    out, is_list ? " %.*s = " : "\t%.*s = ", STR_ARG(e->name));
		put_value(out, e);
		text_add(out, is_list ? ";" : ";\n");
	}
	text_add(out, is_list ? " }\n);\n" : "};\n");
	return i;
}

void
settings_note_file(struct settings *s, struct str content)
{
	struct crypto_key key;

	memcpy(key.b, s->files, sizeof(key.b));
	crypto_hmac(&key, content, s->files);
}

void
settings_note_text(struct settings *s, const struct config_file *f)
{
	static const struct crypto_key fixed;
	uint8_t mac[32];
	char name[2 * NAME_BYTES + 1];
	struct text out, t;

	text_grow(&out, TEXT_MAX);
	for (size_t i = 0; i < f->n;)
		i = put_block(&out, f, i);
	if (memcmp(s->files, fixed.b, sizeof(s->files)) != 0) {
		text_add(&out, "# the files of its classes are ");
		text_hex(&out, s->files, NAME_BYTES);
		text_char(&out, '\n');
	}
	crypto_hmac(&fixed, text_view(&out), mac);
	text_init(&t, name, sizeof(name));
	text_hex(&t, mac, NAME_BYTES);
	s->text = arena_dup(&s->arena, text_view(&out));
	s->generation = arena_dup(&s->arena, text_view(&t));
	text_done(&out);
}

void
settings_borrow_rules(struct settings *s, struct settings *from)
{
	struct limits_settings limits = s->limits;
	struct limits_rules *rules = s->rules;
	const char *text = s->text, *generation = s->generation;

	s->limits = from->limits;
	s->rules = from->rules;
	s->text = from->text;
	s->generation = from->generation;
	from->limits = limits;
	from->rules = rules;
	from->text = text;
	from->generation = generation;
	s->lender = from;
}
