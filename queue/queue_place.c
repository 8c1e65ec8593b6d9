/* queue_place - which Postfix instances there are, and whom their files obey */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/queue_work.h"

int
queue_place_init(struct queue_place *p, const char *state_dir,
    const char *commands, const struct setting_list *instances,
    struct error *err)
{
	*p = (struct queue_place){.state_dir = state_dir, .commands = commands};
	for (size_t i = 0; i < instances->n; i++) {
		struct str dir = str_from(instances->v[i]), name;

		if (p->n == QUEUE_INSTANCES || !str_cut(&dir, '=', &name) ||
		    !queue_instance_is_good(str_trim(name)) ||
		    *str_trim(dir).p != '/') {
			queue_place_done(p);
			return error_set(err,
			    "instances: \"%s\" is not "
			    "SYSLOG_NAME=/CONFIG/DIRECTORY (at most %d)",
			    instances->v[i], QUEUE_INSTANCES);
		}
		p->instances[p->n].name = str_trim(name);
		p->instances[p->n++].config_dir = str_dup(str_trim(dir));
	}
	return 0;
}

void
queue_place_done(struct queue_place *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->instances[i].config_dir);
	p->n = 0;
}

static int
check_one(const char *path, struct error *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	/* A sticky directory lets nobody replace what is root's. */
	bool is_open = (st.st_mode & 022) != 0 &&
		       !(S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX));

	if (st.st_uid != 0 || is_open)
		return error_set(err,
		    "%s: others than root may write it: chown root and chmod "
		    "go-w, then",
		    path);
	return 0;
}

int
queue_path_check(const char *path, struct error *err)
{
	char dir[512];
	struct text t;
	ptrdiff_t slash = str_find_last(str_from(path), STR("/"));

	if (check_one(path, err) < 0)
		return -1;
	text_init(&t, dir, sizeof(dir));
	text_str(&t, str_make(path, slash > 0 ? (size_t)slash : 1));
	return *path == '/' ? check_one(dir, err) : 0;
}

int
queue_place_check(const struct queue_place *p, struct error *err)
{
	for (size_t i = 0; i < p->n; i++) {
		if (queue_path_check(p->instances[i].config_dir, err) < 0)
			return -1;
	}
	/* Made when there is something to hold. */
	if (access(p->state_dir, F_OK) == 0 &&
	    queue_path_check(p->state_dir, err) < 0)
		return -1;
	return queue_path_check(p->commands, err);
}

int
queue_place_find(const struct queue_place *p, struct str instance)
{
	for (size_t i = 0; i < p->n; i++) {
		if (str_is(p->instances[i].name, instance))
			return (int)i;
	}
	return -1;
}
