/* settings - what fbl/ can be told */
#include "fbl/settings.h"

#include "fbl/imap.h"

enum { NAME_MAX_BYTES = 300 };

#define SETTING SETTING_ROW
#define SETTING_STRUCT fbl_settings
static const struct setting settings[] = {
#include "fbl/settings.def"
};
#undef SETTING_STRUCT

#define SETTING_STRUCT fbl_imap_settings
static const struct setting imap_fields[] = {
#include "fbl/imap_fields.def"
};
#undef SETTING_STRUCT

const struct setting_table fbl_settings_table = {
    "fbl", settings, sizeof(settings) / sizeof(settings[0])};

const struct setting_table fbl_imap_table = {
    "fbl_imap", imap_fields, sizeof(imap_fields) / sizeof(imap_fields[0])};

static int
check_folder(
    const char *name, const char *folder, bool is_needed, struct error *err)
{
	size_t n = strlen(folder);

	if (n > 200 || !imap_can_quote(str_from(folder)))
		return error_set(err,
		    "%s: a folder is at most 200 bytes of printable ASCII",
		    name);
	return n > 0 || !is_needed ? 0
				   : error_set(err, "%s: which folder?", name);
}

/* What is moved there would be there again, as another message. */
static int
check_target(const struct fbl_imap_settings *s, const char *name,
    struct str target, struct error *err)
{
	struct str folder = str_from(s->folder);
	bool is_same =
	    str_is(target, folder) || (str_is_nocase(target, STR("INBOX")) &&
					  str_is_nocase(folder, STR("INBOX")));

	return is_same ? error_set(err, "%s: that is where it lies", name) : 0;
}

int
fbl_imap_check(const struct fbl_imap_settings *s, struct error *err)
{
	struct str after = str_from(s->after);

	if (!*s->url || !*s->user || !*s->password_file)
		return error_set(err,
		    "%s: a mailbox has url, user and "
		    "password_file",
		    !*s->url	? "url"
		    : !*s->user ? "user"
				: "password_file");
	/* What a message is called in the books has them in front of its UID.
	 */
	if (strlen(s->url) > NAME_MAX_BYTES || strlen(s->user) > NAME_MAX_BYTES)
		return error_set(err, "%s: more than %d bytes",
		    strlen(s->url) > NAME_MAX_BYTES ? "url" : "user",
		    NAME_MAX_BYTES);
	if (check_folder("folder", s->folder, true, err) < 0 ||
	    check_folder("unread_folder", s->unread_folder, false, err) < 0 ||
	    check_target(s, "unread_folder", str_from(s->unread_folder), err) <
		0)
		return -1;
	if (str_take(&after, STR("move:")))
		return check_folder("after", after.p, true, err) < 0
			   ? -1
			   : check_target(s, "after", after, err);
	return str_is(after, STR("seen")) || str_is(after, STR("delete"))
		   ? 0
		   : error_set(err,
			 "after must be seen, move:FOLDER or delete, not "
			 "\"%s\"",
			 s->after);
}

int
fbl_settings_check(const struct fbl_settings *s, struct error *err)
{
	for (size_t i = 0; i < s->xarf_tokens.n; i++) {
		struct str file = str_from(s->xarf_tokens.v[i]), name;

		if (!str_cut(&file, '=', &name) || name.n == 0 ||
		    name.n > 100 || !str_starts(file, STR("/")))
			return error_set(err,
			    "xarf_tokens: NAME=/FILE, not \"%s\"",
			    s->xarf_tokens.v[i]);
	}
	return 0;
}
