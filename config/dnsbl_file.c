/* dnsbl_file - etc/dnsbl.conf, read into the lists that are asked by DNS */
#include "config/dnsbl_file.h"

#include <string.h>
#include <unistd.h>

#include "config/config_lists.h"

_Static_assert(
    sizeof(struct dnsbl_spec) <= CONFIG_LISTS_SPEC, "an element of dnsbl.conf");

static int
add(void *ctx, const void *spec, struct error *err)
{
	return dnsbls_add(ctx, spec, err);
}

static int
read_file(const char *path, struct arena *a, struct config_file *out,
    struct error *err)
{
	bool is_shipped =
	    strcmp(path, DNSBL_FILE) == 0 && access(path, F_OK) < 0;

	if (!is_shipped)
		return config_file_read(path, a, out, err);
	return config_text_read(
	    "dnsbl.conf (shipped)", (const char *)dnsbl_shipped, a, out, err);
}

struct dnsbls *
dnsbl_file_read(const char *path, struct error *err)
{
	static const struct config_list list = {"dnsbls", &dnsbl_fields, add};
	struct dnsbls *l = dnsbls_new();
	struct config_file f = {0};
	struct arena arena;

	arena_init(&arena);
	if (read_file(path, &arena, &f, err) < 0 ||
	    config_lists_put(&f, &list, 1, &arena, l, NULL, err) < 0)
		dnsbls_free(&l);
	arena_done(&arena);
	return l;
}
