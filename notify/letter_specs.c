/* letter_specs - which letters there are, and which fields they know */
#include "notify/letter_data.h"

static const struct template_field reason_fields[] = {
    {.name = "text", .type = TEMPLATE_WORDS, .is_needed = true},
    {0},
};

static const struct template_field message_fields[] = {
    {.name = "at", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "subject", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "to", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "more", .type = TEMPLATE_WORDS},
    {.name = "recipients", .type = TEMPLATE_WORDS},
    {.name = "client", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "country", .type = TEMPLATE_WORDS, .is_needed = true},
    {0},
};

static const struct template_field network_fields[] = {
    {.name = "network", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "country", .type = TEMPLATE_WORDS, .is_needed = true},
    {0},
};

#define LISTS(needed)                                      \
	{.name = "reasons",                                \
	    .type = TEMPLATE_LIST,                         \
	    .is_needed = needed,                           \
	    .of = reason_fields},                          \
	    {.name = "messages",                           \
		.type = TEMPLATE_LIST,                     \
		.is_needed = needed,                       \
		.of = message_fields},                     \
	{                                                  \
		.name = "networks", .type = TEMPLATE_LIST, \
		.is_needed = needed, .of = network_fields  \
	}

#define FIELD(f, t, needed) \
	{.name = #f, .type = TEMPLATE_##t, .is_needed = needed},
static const struct template_field stop_fields[] = {
#include "notify/letter_fields.def"
    LISTS(true), {0}};
#undef FIELD

#define FIELD(f, t, needed) {.name = #f, .type = TEMPLATE_##t},
static const struct template_field case_fields[] = {
#include "notify/letter_fields.def"
    LISTS(false), {0}};
#undef FIELD

static const struct template_field rule_fields[] = {
    {.name = "rule", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "n", .type = TEMPLATE_WORDS, .is_needed = true},
    {0},
};

static const struct template_field worst_fields[] = {
    {.name = "subject", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "rung", .type = TEMPLATE_WORDS},
    {.name = "text", .type = TEMPLATE_WORDS},
    {0},
};

static const struct template_field digest_fields[] = {
    {.name = "is_trial", .type = TEMPLATE_FLAG},
    {.name = "date", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "summary", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "provider", .type = TEMPLATE_WORDS},
    {.name = "rules", .type = TEMPLATE_LIST, .of = rule_fields},
    {.name = "worst", .type = TEMPLATE_LIST, .of = worst_fields},
    {0},
};

static const struct template_field open_fields[] = {
    {.name = "case_id", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "age", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "state", .type = TEMPLATE_WORDS},
    {.name = "account", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "rule", .type = TEMPLATE_WORDS},
    {0},
};

static const struct template_field cause_fields[] = {
    {.name = "account", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "share", .type = TEMPLATE_WORDS},
    {.name = "recipients", .type = TEMPLATE_WORDS},
    {.name = "unknown_user", .type = TEMPLATE_WORDS},
    {.name = "refused", .type = TEMPLATE_WORDS},
    {.name = "strangers", .type = TEMPLATE_WORDS},
    {.name = "complaints", .type = TEMPLATE_WORDS},
    {0},
};

/* Of the event, then what stands in its evidence by the same names. */
static const struct template_field incident_fields[] = {
    {.name = "incident_id", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "summary", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "is_over", .type = TEMPLATE_FLAG},
    {.name = "is_again", .type = TEMPLATE_FLAG},
    {.name = "host", .type = TEMPLATE_WORDS},
    {.name = "reply", .type = TEMPLATE_WORDS},
    {.name = "all", .type = TEMPLATE_WORDS},
    {.name = "delivered", .type = TEMPLATE_WORDS},
    {.name = "slowed", .type = TEMPLATE_WORDS},
    {.name = "blocked", .type = TEMPLATE_WORDS},
    {.name = "provider", .type = TEMPLATE_WORDS},
    {.name = "causes", .type = TEMPLATE_LIST, .of = cause_fields},
    {0},
};

/* The words in the evidence of its event, by the same names; then the lists. */
static const struct template_field report_fields[] = {
    {.name = "date", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "suspended", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "held", .type = TEMPLATE_WORDS},
    {.name = "complaints", .type = TEMPLATE_WORDS},
    {.name = "overturned", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "approved", .type = TEMPLATE_WORDS},
    {.name = "denied", .type = TEMPLATE_WORDS},
    {.name = "detected", .type = TEMPLATE_WORDS},
    {.name = "leaked", .type = TEMPLATE_WORDS},
    {.name = "decided", .type = TEMPLATE_WORDS},
    {.name = "waiting", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "more", .type = TEMPLATE_WORDS},
    {.name = "host", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "links", .type = TEMPLATE_WORDS},
    {.name = "head", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "provider", .type = TEMPLATE_WORDS},
    {.name = "open", .type = TEMPLATE_LIST, .of = open_fields},
    {0},
};

static const struct template_field listed_fields[] = {
    {.name = "who", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "is_gone", .type = TEMPLATE_FLAG},
    {.name = "why", .type = TEMPLATE_WORDS},
    {.name = "own_ip", .type = TEMPLATE_WORDS},
    {.name = "list", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "means", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "says", .type = TEMPLATE_WORDS},
    {.name = "removal", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "expires", .type = TEMPLATE_WORDS},
    {.name = "provider", .type = TEMPLATE_WORDS},
    {0},
};

static const struct template_field forward_fields[] = {
    {.name = "title", .type = TEMPLATE_WORDS},
    {.name = "account", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "owner_name", .type = TEMPLATE_WORDS},
    {.name = "provider", .type = TEMPLATE_WORDS},
    {.name = "help_text", .type = TEMPLATE_LINES},
    {.name = "has_reasons", .type = TEMPLATE_FLAG},
    {.name = "reasons",
	.type = TEMPLATE_LIST,
	.is_needed = true,
	.of = reason_fields},
    {0},
};

static const struct template_field sender_fields[] = {
    {.name = "title", .type = TEMPLATE_WORDS},
    {.name = "account", .type = TEMPLATE_WORDS, .is_needed = true},
    {.name = "owner_name", .type = TEMPLATE_WORDS},
    {.name = "provider", .type = TEMPLATE_WORDS},
    {.name = "help_text", .type = TEMPLATE_LINES},
    {.name = "domain", .type = TEMPLATE_WORDS},
    {.name = "sender", .type = TEMPLATE_WORDS},
    {.name = "terms", .type = TEMPLATE_WORDS},
    {.name = "is_refused", .type = TEMPLATE_FLAG},
    {.name = "link", .type = TEMPLATE_URL},
    {.name = "link_until", .type = TEMPLATE_WORDS},
    {.name = "password_page", .type = TEMPLATE_URL},
    {0},
};

#define BOTH(name, fields)                     \
	{"letter." name ".txt", fields},       \
	{                                      \
		"letter." name ".html", fields \
	}

const struct template_spec letter_specs[] = {
    BOTH("suspended", stop_fields),
    BOTH("held", stop_fields),
    BOTH("answered", case_fields),
    BOTH("password", case_fields),
    BOTH("reminder", stop_fields),
    BOTH("closed", case_fields),
    BOTH("lifted", case_fields),
    BOTH("ended", case_fields),
    BOTH("denied", case_fields),
    BOTH("mistake", case_fields),
    BOTH("spf", sender_fields),
    BOTH("sender", sender_fields),
    BOTH("forward", forward_fields),
    {"letter.desk-unknown.txt", case_fields},
    {"letter.desk-digest.txt", digest_fields},
    {"letter.desk-report.txt", report_fields},
    {"letter.desk-listed.txt", listed_fields},
    {"letter.desk-incident.txt", incident_fields},
};
const size_t letter_n_specs = sizeof(letter_specs) / sizeof(letter_specs[0]);

_Static_assert(sizeof(letter_specs) / sizeof(letter_specs[0]) ==
		   LETTER_OWNERS * 2 + LETTER_ALL - LETTER_OWNERS,
    "a stage without its letter");

size_t
letter_spec(enum letter_stage s, bool is_html)
{
	if (s < LETTER_OWNERS)
		return (size_t)s * 2 + is_html;
	return LETTER_OWNERS * 2 + (size_t)s - LETTER_OWNERS;
}

static const char *const names[] = {
#define STAGE(ID, name, help) name,
#include "notify/letter_stages.def"
#undef STAGE
    "spf", "sender", "forward", "desk-unknown", "desk-digest", "desk-report",
    "desk-listed", "desk-incident"};

const char *
letter_stage_text(enum letter_stage s)
{
	return names[s];
}

bool
letter_stage_parse(struct str s, enum letter_stage *out)
{
	for (int i = 0; i < LETTER_OWNERS; i++) {
		if (str_is(s, str_from(names[i]))) {
			*out = (enum letter_stage)i;
			return true;
		}
	}
	return false;
}
