/* letter - the mail that an account's owner gets */
#include "notify/letter.h"

#include "base/time.h"
#include "notify/letter_data.h"
#include "notify/mime.h"

struct template_set *
letter_forms(const char *own, const char *language, struct error *err)
{
	const struct template_places p = {NULL, own, language};
	struct template_set *s =
	    template_set_load(&p, letter_specs, letter_n_specs, err);

	for (size_t i = 0; s && i < template_set_languages(s); i++) {
		struct str l = template_set_language(s, i);

		for (int k = 0; s && k < LETTER_ALL; k++) {
			size_t spec = letter_spec((enum letter_stage)k, false);

			if (template_begins(
				template_set_get(s, spec, l), STR("Subject: ")))
				continue;
			error_set(err,
			    "templates in \"%.*s\": %s must begin with "
			    "\"Subject: \"",
			    STR_ARG(l), letter_specs[spec].name);
			template_set_free(&s);
		}
	}
	return s;
}

static void
write_header(const struct letter *l, struct str subject, struct text *out)
{
	char buf[512];
	struct text t;
	struct str domain = str_from(l->settings->letter_from), local;
	bool is_desk = l->stage >= LETTER_OWNERS;

	str_cut(&domain, '@', &local);
	mime_write_address(out, "From",
	    is_desk ? STR("") : str_from(l->settings->provider),
	    str_from(l->settings->letter_from));
	mime_write_address(out, "To", STR(""), str_from(l->to));
	mime_write_header(out, "Subject", subject);
	text_add(out, "Date: ");
	time_rfc5322(out, l->now);
	text_add(out, "\r\n");
	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "<%s@%.*s>", l->id, STR_ARG(domain));
	text_printf(out, "Message-ID: %s\r\n", buf);
	text_add(out, "Auto-Submitted: auto-generated\r\n"
		      "X-Auto-Response-Suppress: All\r\n");
	if (*l->settings->letter_reply_to)
		mime_write_address(out, "Reply-To", STR(""),
		    str_from(l->settings->letter_reply_to));
	if (l->language.n > 0 && !is_desk)
		text_printf(out, "Content-Language: %.*s\r\n",
		    STR_ARG(template_set_choose(l->forms, l->language)));
	text_add(out, "MIME-Version: 1.0\r\n");
}

static void
write_part(const char *type, struct str body, struct text *out)
{
	text_printf(out,
	    "Content-Type: %s; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
	    type);
	mime_write_quoted(out, body);
}

/* Both texts: the first line of the plain one is the subject. */
struct texts {
	struct arena arena;
	struct text plain, html;
	struct str subject;
};

static void
fill(const struct letter *l, struct texts *t)
{
	struct template_data *d;
	struct str rest, line;
	struct text raw;

	arena_init(&t->arena);
	text_grow(&raw, LETTER_SIZE / 4);
	text_grow(&t->plain, LETTER_SIZE / 4);
	text_grow(&t->html, LETTER_SIZE / 4);
	d = letter_data(l, STR(""), &t->arena);
	template_write(template_set_get(
			   l->forms, letter_spec(l->stage, false), l->language),
	    d, &raw);
	rest = text_view(&raw);
	line = rest;
	str_cut(&rest, '\n', &line);
	str_take(&line, STR("Subject: "));
	t->subject = arena_str(&t->arena, str_trim(line));
	mime_wrap(&t->plain, rest);
	text_done(&raw);
	if (l->stage >= LETTER_OWNERS)
		return;
	d = letter_data(l, t->subject, &t->arena);
	template_write(template_set_get(
			   l->forms, letter_spec(l->stage, true), l->language),
	    d, &t->html);
}

static void
done(struct texts *t)
{
	text_done(&t->plain);
	text_done(&t->html);
	arena_done(&t->arena);
}

void
letter_write(const struct letter *l, struct text *out)
{
	/* No line of a quoted-printable text has "=_". */
	static const char boundary[] = "=_outpost_letter";
	struct texts t;

	fill(l, &t);
	write_header(l, t.subject, out);
	if (l->stage >= LETTER_OWNERS) {
		write_part("text/plain", text_view(&t.plain), out);
	} else {
		text_printf(out,
		    "Content-Type: multipart/alternative;\r\n"
		    " boundary=\"%s\"\r\n\r\n--%s\r\n",
		    boundary, boundary);
		write_part("text/plain", text_view(&t.plain), out);
		text_printf(out, "\r\n--%s\r\n", boundary);
		write_part("text/html", text_view(&t.html), out);
		text_printf(out, "\r\n--%s--\r\n", boundary);
	}
	done(&t);
}

void
letter_write_text(const struct letter *l, struct text *out)
{
	struct texts t;

	fill(l, &t);
	text_printf(
	    out, "To: %s\nSubject: %.*s\n\n", l->to, STR_ARG(t.subject));
	text_str(out, text_view(&t.plain));
	done(&t);
}
