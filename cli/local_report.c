/* local_report - `explain report FILE...`: feedback reports as JSON objects
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "cli/local.h"
#include "config/settings.h"
#include "fbl/complaint.h"
#include "fbl/explain.h"
#include "fbl/owner.h"

enum { OUT_MAX = 16 << 20 };

struct explainer {
	const struct fbl_settings *settings;
	struct ref_keys refs;
};

/* Who may not read the secret does without. */
static void
read_refs(struct ref_keys *refs, const struct settings *s)
{
	const struct setting_list *files = &s->daemon.ref_secrets;
	struct crypto_key secret;

	if (files->n == 0 &&
	    crypto_secret_read(s->daemon.secret_file, &secret, NULL) == 0)
		ref_keys_add(refs, &secret);
	for (size_t i = 0; i < files->n; i++) {
		if (crypto_secret_read(files->v[i], &secret, NULL) == 0)
			ref_keys_add(refs, &secret);
	}
}

/* So much of it as is looked at, and a byte more, to know that it is cut. The
 * caller frees. NULL with an error. */
static char *
read_head(const char *path, size_t max, size_t *n, struct error *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "rb");
	char *bytes = f ? xalloc(max + 1, 1) : NULL;

	if (f)
		*n = fread(bytes, 1, max + 1, f);
	if (!f || ferror(f)) {
		error_set(err, "%s: %s", path, strerror(errno));
		free(bytes);
		bytes = NULL;
	}
	if (f && !is_stdin)
		fclose(f);
	return bytes;
}

static void
put_none(struct json_out *j, enum fbl_unread unread, const char *reason)
{
	json_open(j, NULL);
	json_str(j, "format", fbl_format_text(FBL_FORMAT_NONE));
	json_str(
	    j, "is", unread == FBL_LETTER ? STR("letter") : STR("unreadable"));
	json_str(j, "reason", str_from(reason));
}

/* What can be told without a running daemon: by the reference. */
static void
put_owner(
    struct json_out *j, const struct explainer *e, const struct fbl_report *r)
{
	const struct owner_rules rules = {
	    &e->refs, e->settings->own_hosts, e->settings->feedback_id_field};
	struct owner owner;

	owner_find(&rules, r, NULL, NULL, &owner);
	if (owner.n > 0)
		json_str(j, "account", str_make(owner.account, owner.n));
	else
		json_nil(j, "account");
	json_str(j, "how", owner_how_text(owner.clue.how));
	json_i64(j, "confidence", (int64_t)owner.clue.confidence);
	if (owner.clue.at != TIME_NEVER)
		json_time(j, "sent_at", owner.clue.at);
}

/* Is its sender one who may complain, and does our own MTA vouch for that? */
static void
put_belief(
    struct json_out *j, const struct explainer *e, const struct fbl_report *r)
{
	struct complaint c;

	complaint_read(e->settings, r, &c);
	json_bool(j, "is_vouched", c.is_vouched);
	if (c.complainer.n > 0)
		json_str(j, "complainer", c.complainer);
}

static void
put_report(
    struct json_out *j, const struct explainer *e, const struct fbl_report *r)
{
	fbl_explain(j, r);
	put_owner(j, e, r);
	put_belief(j, e, r);
}

static void
explain_bytes(const struct explainer *e, struct str bytes, const char *path,
    struct text *out)
{
	enum fbl_unread unread;
	struct fbl_report r;
	struct arena arena;
	struct json_out j;
	struct error err;

	arena_init(&arena);
	json_out_init(&j, out);
	if (fbl_report_parse(
		bytes, &fbl_limits_default, &arena, &r, &unread, &err) < 0)
		put_none(&j, unread, err.text);
	else
		put_report(&j, e, &r);
	json_str(&j, "file", str_from(path));
	json_close(&j);
	text_char(out, '\n');
	arena_done(&arena);
}

static enum exit_status
explain_file(const struct explainer *e, const char *path)
{
	struct error err;
	struct text out;
	size_t n;
	char *bytes = read_head(path, fbl_limits_default.bytes, &n, &err);

	if (!bytes)
		return local_fail(EXIT_FAILED, "%s", err.text);
	text_grow(&out, OUT_MAX);
	explain_bytes(e, str_make(bytes, n), path, &out);
	enum exit_status status = local_print(text_view(&out));

	text_done(&out);
	free(bytes);
	return status;
}

enum exit_status
local_explain_report(const struct settings *s, const struct client_line *l)
{
	struct explainer e = {.settings = &s->fbl};
	enum exit_status worst = EXIT_OK;

	read_refs(&e.refs, s);
	if (l->n_args < 2)
		return explain_file(&e, "-");
	for (size_t i = 1; i < l->n_args; i++) {
		enum exit_status status = explain_file(&e, l->args[i]);

		worst = status == EXIT_OK ? worst : status;
	}
	return worst;
}
