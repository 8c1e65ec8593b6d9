/* casepage_fields - the fields of the owner's page, and its words */
#include "notify/casepage_fields.h"

static const struct template_field language[] = {
    {.name = "code", .type = TEMPLATE_WORDS},
    {.name = "name", .type = TEMPLATE_WORDS},
    {.name = "is_current", .type = TEMPLATE_FLAG},
    {0},
};

static const struct template_field step[] = {
    {.name = "name", .type = TEMPLATE_WORDS},
    {.name = "is_done", .type = TEMPLATE_FLAG},
    {.name = "is_current", .type = TEMPLATE_FLAG},
    {.name = "is_open", .type = TEMPLATE_FLAG},
    {0},
};

static const struct template_field line[] = {
    {.name = "text", .type = TEMPLATE_WORDS},
    {0},
};

static const struct template_field bar[] = {
    {.name = "x", .type = TEMPLATE_WORDS},
    {.name = "y", .type = TEMPLATE_WORDS},
    {.name = "height", .type = TEMPLATE_WORDS},
    {0},
};

static const struct template_field row[] = {
    {.name = "time", .type = TEMPLATE_WORDS},
    {.name = "count", .type = TEMPLATE_WORDS},
    {0},
};

static const struct template_field message[] = {
    {.name = "sent", .type = TEMPLATE_WORDS},
    {.name = "subject", .type = TEMPLATE_WORDS},
    {.name = "recipients", .type = TEMPLATE_LIST, .of = line},
    {.name = "more", .type = TEMPLATE_WORDS},
    {.name = "network", .type = TEMPLATE_WORDS},
    {.name = "country", .type = TEMPLATE_WORDS},
    {0},
};

static const struct template_field network[] = {
    {.name = "network", .type = TEMPLATE_WORDS},
    {.name = "country", .type = TEMPLATE_WORDS},
    {.name = "first", .type = TEMPLATE_WORDS},
    {.name = "last", .type = TEMPLATE_WORDS},
    {0},
};

static const struct template_field finding[] = {
    {.name = "text", .type = TEMPLATE_WORDS},
    {.name = "exact", .type = TEMPLATE_WORDS},
    {.name = "colour", .type = TEMPLATE_WORDS},
    {0},
};

static const struct template_field record[] = {
    {.name = "name", .type = TEMPLATE_WORDS},
    {.name = "text", .type = TEMPLATE_WORDS},
    {0},
};

static const struct template_field part[] = {
    {.name = "name", .type = TEMPLATE_WORDS},
    {.name = "colour", .type = TEMPLATE_WORDS},
    {.name = "colour_text", .type = TEMPLATE_WORDS},
    {.name = "findings", .type = TEMPLATE_LIST, .of = finding},
    {.name = "has_found", .type = TEMPLATE_FLAG},
    {.name = "found", .type = TEMPLATE_LIST, .of = record},
    {.name = "has_right", .type = TEMPLATE_FLAG},
    {.name = "right", .type = TEMPLATE_LIST, .of = record},
    {0},
};

const struct template_field casepage_fields[] = {
#define CASEPAGE_WORD(name) {"t_" #name, TEMPLATE_WORDS, false, NULL},
#include "notify/casepage_words.def"
#undef CASEPAGE_WORD
    {.name = "lang", .type = TEMPLATE_WORDS},
    {.name = "provider", .type = TEMPLATE_WORDS},
    {.name = "title", .type = TEMPLATE_WORDS},
    {.name = "lead", .type = TEMPLATE_WORDS},
    {.name = "languages", .type = TEMPLATE_LIST, .of = language},
    {.name = "case_id", .type = TEMPLATE_WORDS},
    {.name = "account", .type = TEMPLATE_WORDS},
    {.name = "domain", .type = TEMPLATE_WORDS},
    {.name = "colour", .type = TEMPLATE_WORDS},
    {.name = "colour_text", .type = TEMPLATE_WORDS},
    {.name = "parts", .type = TEMPLATE_LIST, .of = part},
    {.name = "token", .type = TEMPLATE_WORDS},
    {.name = "form", .type = TEMPLATE_WORDS},
    {.name = "once", .type = TEMPLATE_WORDS},
    {.name = "state", .type = TEMPLATE_WORDS},
    {.name = "state_title", .type = TEMPLATE_WORDS},
    {.name = "state_text", .type = TEMPLATE_WORDS},
    {.name = "steps", .type = TEMPLATE_LIST, .of = step},
    {.name = "until", .type = TEMPLATE_WORDS},
    {.name = "said", .type = TEMPLATE_WORDS},
    {.name = "denied", .type = TEMPLATE_LINES},
    {.name = "is_password", .type = TEMPLATE_FLAG},
    {.name = "password_page", .type = TEMPLATE_URL},
    {.name = "is_early", .type = TEMPLATE_FLAG},
    {.name = "happened", .type = TEMPLATE_WORDS},
    {.name = "has_reasons", .type = TEMPLATE_FLAG},
    {.name = "reasons", .type = TEMPLATE_LIST, .of = line},
    {.name = "has_chart", .type = TEMPLATE_FLAG},
    {.name = "chart_alt", .type = TEMPLATE_WORDS},
    {.name = "chart_most", .type = TEMPLATE_WORDS},
    {.name = "chart_from", .type = TEMPLATE_WORDS},
    {.name = "chart_to", .type = TEMPLATE_WORDS},
    {.name = "bar_width", .type = TEMPLATE_WORDS},
    {.name = "bars", .type = TEMPLATE_LIST, .of = bar},
    {.name = "rows", .type = TEMPLATE_LIST, .of = row},
    {.name = "has_messages", .type = TEMPLATE_FLAG},
    {.name = "messages", .type = TEMPLATE_LIST, .of = message},
    {.name = "has_networks", .type = TEMPLATE_FLAG},
    {.name = "networks", .type = TEMPLATE_LIST, .of = network},
    {.name = "may_answer", .type = TEMPLATE_FLAG},
    {.name = "is_answered", .type = TEMPLATE_FLAG},
    {.name = "fault", .type = TEMPLATE_WORDS},
    {.name = "what", .type = TEMPLATE_WORDS},
    {.name = "to", .type = TEMPLATE_WORDS},
    {.name = "agreed", .type = TEMPLATE_WORDS},
    {.name = "most", .type = TEMPLATE_WORDS},
    {.name = "help", .type = TEMPLATE_LINES},
    {.name = "bulk_service", .type = TEMPLATE_WORDS},
    {0},
};

const char *const casepage_words[] = {
#define CASEPAGE_WORD(name) #name,
#include "notify/casepage_words.def"
#undef CASEPAGE_WORD
    NULL,
};

struct str
casepage_word(const struct words *w, const char *name)
{
	char key[64];
	struct text t;

	text_init(&t, key, sizeof(key));
	text_printf(&t, "page.%s", name);
	return template_set_word(w->set, w->language, key);
}

struct str
casepage_date(const struct words *w, int64_t at, char buf[CASEPAGE_DATE])
{
	struct text t;

	text_init(&t, buf, CASEPAGE_DATE);
	words_date(w, at, &t);
	return text_view(&t);
}
