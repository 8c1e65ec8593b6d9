/* msgids - commands that index Message-IDs, for `redis-cli --pipe`
 *
 * usage: msgids MESSAGES ACCOUNTS [DAYS [queue]]
 *
 * Prints what nodes tell a Redis of so many messages that so many accounts sent
 * in so many days (30), as fast as it can; of their queue ids with "queue". The
 * memory that Redis then uses more than before, divided by MESSAGES, is what a
 * message costs.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fbl/msgids.h"
#include "ledger/keys.h"

enum { TODAY = 20780, DAYS_MAX = 366 };

static bool is_queue, is_told[DAYS_MAX][MSGIDS_BUCKETS];

static void
put(struct str s)
{
	printf("$%zu\r\n", s.n);
	fwrite(s.p, 1, s.n, stdout);
	fputs("\r\n", stdout);
}

static void
command(size_t n, const struct str *words)
{
	printf("*%zu\r\n", n);
	for (size_t i = 0; i < n; i++)
		put(words[i]);
}

static struct str
print(struct text *t, const char *prefix)
{
	text_clear(t);
	text_add(t, prefix);
	return text_view(t);
}

static void
name_account(const struct msgids *m, uint64_t number, int64_t day)
{
	uint8_t account[MSGIDS_ACCOUNT];
	char key[MSGIDS_KEY], name[64];
	struct text k, v;

	text_init(&k, key, sizeof(key));
	text_init(&v, name, sizeof(name));
	text_printf(
	    &v, "account%llu@customer.example", (unsigned long long)number);
	msgids_account(m, text_view(&v), account);
	print(&k, KEYS_MSGIDS_NAMES);
	msgids_names_key(&k, day, account);
	command(
	    4, (struct str[]){STR("HSET"), text_view(&k),
		   str_make((char *)account, sizeof(account)), text_view(&v)});
	command(
	    3, (struct str[]){STR("EXPIRE"), text_view(&k), STR("3456000")});
}

static void
index_message(
    const struct msgids *m, uint64_t i, uint64_t accounts, int64_t day)
{
	uint8_t account[MSGIDS_ACCOUNT], entry[MSGIDS_ENTRY];
	struct msgids_place place;
	char key[MSGIDS_KEY], name[64];
	struct text k, v;

	text_init(&k, key, sizeof(key));
	text_init(&v, name, sizeof(name));
	text_printf(&v, "account%llu@customer.example",
	    (unsigned long long)(i * 7919 % accounts));
	msgids_account(m, text_view(&v), account);
	text_clear(&v);
	text_printf(&v, "%llx.mail@customer.example", (unsigned long long)i);
	if (is_queue)
		msgids_place_queue(m, STR("mx1"), str_head(text_view(&v), 12),
		    day * MSGIDS_DAY + (int64_t)(i % MSGIDS_DAY), &place);
	else
		msgids_place(m, text_view(&v), &place);
	msgids_entry(&place, account, entry);
	print(&k, is_queue ? KEYS_QUEUE_IDS : KEYS_MSGIDS);
	msgids_key(&k, day, place.bucket);
	command(3, (struct str[]){STR("APPEND"), text_view(&k),
		       str_make((const char *)entry, sizeof(entry))});
	if (is_told[TODAY - day][place.bucket])
		return;
	is_told[TODAY - day][place.bucket] = true;
	/* Far away, so that the figure is of all of them. */
	command(
	    3, (struct str[]){STR("EXPIRE"), text_view(&k), STR("9999999")});
}

int
main(int argc, char **argv)
{
	uint64_t messages = argc > 2 ? strtoull(argv[1], NULL, 10) : 0;
	uint64_t accounts = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	uint64_t days = argc > 3 ? strtoull(argv[3], NULL, 10) : 30;
	const struct crypto_key secret = {{7}};
	struct msgids m;

	if (messages == 0 || accounts == 0 || days == 0 || days > DAYS_MAX) {
		fputs("usage: msgids MESSAGES ACCOUNTS [DAYS]\n", stderr);
		return 2;
	}
	is_queue = argc > 4;
	msgids_init(&m, &secret);
	/* Each in every era. */
	for (uint64_t i = 0; i < accounts; i++) {
		for (int64_t day = TODAY - (int64_t)days + 1;
		     day < TODAY + MSGIDS_ERA; day += MSGIDS_ERA)
			name_account(&m, i, day < TODAY ? day : TODAY);
	}
	for (uint64_t i = 0; i < messages; i++)
		index_message(
		    &m, i, accounts, TODAY - (int64_t)(i * days / messages));
	return 0;
}
