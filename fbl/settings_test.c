/* settings_test - what a mailbox may be told to do */
#include "fbl/settings.h"

#include "base/test.h"

static void
nothing_is_moved_to_where_it_lies(void)
{
	static const struct {
		const char *folder, *after, *unread_folder;
		bool is_good;
	} rows[] = {
	    {"INBOX", "seen", "", true},
	    {"INBOX", "move:Done", "Done", true},
	    {"Done", "move:done", "", true},
	    {"Done", "move:Done", "", false},
	    {"INBOX", "move:inbox", "", false},
	    {"Inbox", "delete", "INBOX", false},
	    {"Loop", "seen", "Loop", false},
	    {"INBOX", "move:", "", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct fbl_imap_settings s = {.url = "imaps://x",
		    .user = "u",
		    .password_file = "/p",
		    .ca_file = "",
		    .folder = rows[i].folder,
		    .after = rows[i].after,
		    .unread_folder = rows[i].unread_folder};
		struct error err;
		bool is_good = fbl_imap_check(&s, &err) == 0;

		if (is_good != rows[i].is_good)
			CHECK_STR(str_from(rows[i].after), STR(""));
	}
}

/* So that no two messages have one name in the books. */
static void
names_are_bounded(void)
{
	char long_name[400];
	struct fbl_imap_settings s = {.url = "imaps://x",
	    .user = long_name,
	    .password_file = "/p",
	    .ca_file = "",
	    .folder = "INBOX",
	    .after = "seen",
	    .unread_folder = ""};
	struct error err;

	memset(long_name, 'u', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	CHECK_INT(fbl_imap_check(&s, &err), -1);
	CHECK_STR(str_from(err.text), STR("user: more than 300 bytes"));
	long_name[300] = '\0';
	CHECK_INT(fbl_imap_check(&s, &err), 0);
}

TESTS(TEST(nothing_is_moved_to_where_it_lies), TEST(names_are_bounded))
