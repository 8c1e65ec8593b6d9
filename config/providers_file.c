/* providers_file - etc/providers.conf, read into providers and replies */
#include "config/providers_file.h"

#include <string.h>
#include <unistd.h>

#include "config/config_lists.h"

struct reading {
	struct arena arena;
	struct config_file file;
	struct providers *providers;
	struct replies *replies;
	bool given[2]; /* of lists */
};

static int
add_provider(void *ctx, const void *spec, struct error *err)
{
	struct reading *r = ctx;

	return providers_add(r->providers, spec, err);
}

static int
add_reply(void *ctx, const void *spec, struct error *err)
{
	struct reading *r = ctx;

	return replies_add(r->replies, spec, err);
}

_Static_assert(sizeof(struct provider_spec) <= CONFIG_LISTS_SPEC &&
		   sizeof(struct reply_spec) <= CONFIG_LISTS_SPEC,
    "an element of providers.conf");

enum { PROVIDERS, REPLIES, LISTS };
static const struct config_list lists[LISTS] = {
    [PROVIDERS] = {"providers", &providers_fields, add_provider},
    [REPLIES] = {"replies", &replies_fields, add_reply},
};

static int
put_file(struct reading *r, struct error *err)
{
	return config_lists_put(
	    &r->file, lists, LISTS, &r->arena, r, r->given, err);
}

/* Only its replies: who is known is the file's matter. */
static void
put_shipped(struct reading *r)
{
	struct providers *theirs = r->providers;
	struct error err;

	r->providers = providers_new();
	if (config_text_read("providers.conf (shipped)",
		(const char *)providers_shipped, &r->arena, &r->file,
		&err) < 0 ||
	    put_file(r, &err) < 0)
		fatal("%s", err.text);
	providers_free(&r->providers);
	r->providers = theirs;
}

static bool
is_missing(const char *path)
{
	return strcmp(path, PROVIDERS_FILE) == 0 && access(path, F_OK) < 0;
}

int
providers_file_read(const char *path, struct providers **providers,
    struct replies **replies, struct error *err)
{
	struct reading r = {.providers = providers_new()};
	int status = 0;

	r.replies = replies_new();
	arena_init(&r.arena);
	if (!is_missing(path) &&
	    (config_file_read(path, &r.arena, &r.file, err) < 0 ||
		put_file(&r, err) < 0))
		status = -1;
	if (status == 0 && !r.given[REPLIES])
		put_shipped(&r);
	arena_done(&r.arena);
	if (status < 0) {
		providers_free(&r.providers);
		replies_free(&r.replies);
		return -1;
	}
	*providers = r.providers;
	*replies = r.replies;
	return 0;
}
