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

TESTS(TEST(nothing_is_moved_to_where_it_lies))
