/* tables_make - where the tables are, and that they are there */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/tables.h"
#include "mta/postfix_table.h"

enum { DIR_MODE = 0751 };

/* smtpd opens tables as root, before it gives its rights up; sendmail has those
 * of who runs it. */
static const struct {
	const char *name;
	mode_t mode;
} kinds[TABLES] = {
    [TABLE_LOGINS] = {"logins", 0640},
    [TABLE_USERS] = {"users", 0644},
    [TABLE_CLIENTS] = {"clients", 0640},
    [TABLE_BLOCKED] = {"blocked", 0640},
    [TABLE_PROVIDERS] = {"providers", 0640},
    [TABLE_MOVERS] = {"movers", 0640},
    [TABLE_SENDERS] = {"senders", 0640},
    [TABLE_PLACES] = {"places", 0640},
};

mode_t
tables_mode(enum tables_kind which)
{
	return kinds[which].mode;
}

void
tables_path(
    const char *state_dir, enum tables_kind which, char path[TABLES_PATH])
{
	struct text t;

	text_init(&t, path, TABLES_PATH);
	text_printf(&t, "%s/tables/%s.cdb", state_dir, kinds[which].name);
}

bool
tables_are_public(const char *state_dir, char where[TABLES_PATH])
{
	struct stat st;

	tables_path(state_dir, TABLE_USERS, where);
	for (char *slash; (slash = strrchr(where, '/')) && slash != where;) {
		*slash = '\0';
		if (stat(where, &st) < 0 || !(st.st_mode & S_IXOTH))
			return false;
	}
	return true;
}

void
tables_give(const char *state_dir, const char *path)
{
	struct stat st;

	if (geteuid() == 0 && stat(state_dir, &st) == 0)
		(void)!lchown(path, st.st_uid, st.st_gid);
}

/* Others pass through, to the one table that is theirs to read. */
static int
make_directory(const char *dir, struct error *err)
{
	struct stat st;

	if (mkdir(dir, DIR_MODE) < 0 && errno != EEXIST)
		return error_set(err, "%s: %s", dir, strerror(errno));
	if (stat(dir, &st) == 0 && (st.st_mode & 07777) != DIR_MODE)
		(void)!chmod(dir, DIR_MODE);
	return 0;
}

int
tables_make(const char *state_dir, struct error *err)
{
	char path[TABLES_PATH], dir[TABLES_PATH];
	struct text t;

	text_init(&t, dir, sizeof(dir));
	text_printf(&t, "%s/tables", state_dir);
	if (make_directory(dir, err) < 0)
		return -1;
	tables_give(state_dir, dir);
	for (int i = 0; i < TABLES; i++) {
		tables_path(state_dir, i, path);
		if (postfix_table_make(path, kinds[i].mode, err) < 0)
			return -1;
		tables_give(state_dir, path);
	}
	return 0;
}
