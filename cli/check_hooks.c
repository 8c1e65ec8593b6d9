/* check_hooks - the programs that outpostd runs as its user */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/check_parts.h"

/* Of a folder: where who may write in it can put another one in its place. */
static bool
others_write(const struct stat *st)
{
	return (st->st_mode & S_IWOTH) && !(st->st_mode & S_ISVTX);
}

/* NULL: nothing is wrong with it. Links are followed, as they will be. */
static const char *
fault_of(const char *path)
{
	struct stat st, folder;
	char *real = realpath(path, NULL);

	if (!real || stat(real, &st) < 0) {
		const char *why = strerror(errno);

		free(real);
		return why;
	}
	*(strrchr(real, '/') + 1) = '\0';
	bool is_open = (st.st_mode & S_IWOTH) ||
		       (stat(real, &folder) == 0 && others_write(&folder));

	free(real);
	if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111))
		return "it is no program";
	return is_open ? "anybody may put another program there: chmod o-w"
		       : NULL;
}

void
check_hooks(struct check *c)
{
	const struct settings *s = c->settings;
	size_t good = 0;

	for (size_t i = 0; i < s->n_hooks; i++) {
		const struct hook_settings *h = &s->hooks[i];
		const char *program = h->command.v[0];
		const char *fault = fault_of(program);

		if (fault)
			check_say(c, CHECK_FAIL, "hooks", "outpost hooks",
			    "hook %s: %s: %s", h->name, program, fault);
		else
			good++;
	}
	if (good > 0 && good == s->n_hooks)
		check_say(c, CHECK_OK, "hooks", NULL,
		    "%zu programs are there, and are not others' to change",
		    good);
}
