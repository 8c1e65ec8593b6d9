/* reason - a reason of a verdict in words that a customer can read */
#include "limits/rules.h"

static const char *const words[REASON_COUNTS] = {
    [COUNT_MESSAGES] = "messages",
    [COUNT_RECIPIENTS] = "recipients",
    [COUNT_INSIDE] = "recipients in our own domains",
    [COUNT_DELIVERED] = "recipients delivered",
    [COUNT_INSIDE_DELIVERED] = "recipients delivered in our own domains",
    [COUNT_DEFERRED] = "recipients deferred",
    [COUNT_DEFERRALS] = "deferrals",
    [COUNT_UNKNOWN_USER] = "recipients that don't exist",
    [COUNT_REFUSED] = "recipients refused as spam",
    [COUNT_BOUNCED] = "recipients bounced",
    [COUNT_INSIDE_FAILED] = "recipients failed in our own domains",
    [COUNT_KIB] = "KiB of mail",
    [COUNT_LOGIN_FAILED] = "failed logins",
    [COUNT_ATTEMPTS] = "recipients stopped here",
    [COUNT_LOGINS] = "mailbox logins",
    [COUNT_COMPLAINTS] = "complaints",
    [COUNT_TRAPS] = "messages to spam traps",
    [COUNT_STRANGERS] = "recipients for the first time",
    [COUNT_FOREIGN] = "recipients from new networks",
    [COUNT_FOREIGN_STRANGERS] =
	"recipients for the first time, from new networks",
    [COUNT_WIDE] = "recipients of messages to unusually many at once",
    [COUNT_DISGUISED] = "recipients of messages under a new sender's domain",
    [COUNT_ALIKE] = "messages that are alike",
    [COUNT_SPF_FAILED] = "recipients of mail that its domain (SPF) forbids",
    [COUNT_CLIENT_LISTED] = "recipients of mail from listed addresses",
    [COUNT_SPRAYED] =
	"recipients from a network, or of a text, new to several accounts",
    [COUNT_FILTERED] = "messages that our filter calls spam",
    [COUNT_RETURNED] = "returned messages",
    [COUNT_INSIDE_FOREIGN] = "recipients in our own domains, from new networks",
    [REASON_NEW_COUNTRIES] = "countries for the first time",
    [REASON_COUNTRIES] = "countries",
    [LIMIT_DISTINCT_RECIPIENTS] = "different recipients",
    [LIMIT_DISTINCT_NETWORKS] = "different networks",
    [REASON_NEW_NETWORKS] = "networks never seen before",
    [REASON_ODD_STRANGERS] =
	"recipients for the first time, at hours of the day without mail",
    [REASON_FORWARDED_SPAM] =
	"forwarded messages that our filter or who gets them calls spam",
    [REASON_KNOWN] = "recipients it wrote to before",
};

const char *
reason_count_text(int count)
{
	static const char *const names[] = {"new_networks", "odd_strangers",
	    "known", "incident", "new_countries", "countries",
	    "forwarded_spam"};

	return count < LIMIT_COUNTS ? limit_count_text(count)
				    : names[count - LIMIT_COUNTS];
}

/* The largest unit that is exact: "1 hour", "10 minutes", "7 days". */
static void
print_window(struct text *out, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {
	    {86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
	size_t i = 0;

	while (seconds % units[i].seconds != 0)
		i++;
	int64_t n = seconds / units[i].seconds;

	text_i64(out, n);
	text_char(out, ' ');
	text_add(out, units[i].name);
	if (n != 1)
		text_char(out, 's');
}

void
reason_print(const struct reason *r, struct text *out)
{
	const char *word = words[r->count];

	if (r->is_blamed) {
		text_u64(out, r->value);
		text_add(out, " percent of what made a provider refuse or slow "
			      "mail from here");
		return;
	}
	text_u64(out, r->value);
	text_char(out, ' ');
	text_add(out, word ? word : reason_count_text(r->count));
	text_add(out, " in ");
	print_window(out, r->window);
	if (r->is_share) {
		text_printf(out,
		    r->count == COUNT_COMPLAINTS
			? ", with %llu recipients delivered"
			: ", of %llu recipients",
		    (unsigned long long)r->bound);
		if (r->count == REASON_FORWARDED_SPAM)
			text_add(out, "; stop forwarding what our filter calls "
				      "spam");
		return;
	}
	if (r->is_limit)
		text_add(out, ", the limit is ");
	else if (r->is_warning)
		text_add(out, ", near the limit of ");
	else if (r->is_own && r->bound == 0)
		text_add(out, ", usually none");
	else if (r->is_own)
		text_add(out, ", usually at most ");
	else
		text_add(out, ", usual for such accounts is at most ");
	if (r->bound > 0 || !r->is_own)
		text_u64(out, r->bound);
}
