/* app_dmarc - DMARC aggregate reports: kept when they come, summed when asked
 *
 * Summing reads the disk, and much of it, so a thread does it; the answer to
 * the last question is remembered until the next.
 */
#include "daemon/app_dmarc.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "base/worker.h"
#include "daemon/app_dmarc_spread.h"
#include "daemon/app_state.h"
#include "fbl/authres.h"

enum { DAY = 86400, DAYS = 30, LABELS = 8, KEY = DNS_NAME + 32 };

struct ask {
	struct app_dmarc *owner;
	struct dmarc_book *book;
	char domain[DNS_NAME], key[KEY];
	int64_t since, now;
	atomic_bool is_stopped, is_begun, is_over;
	struct dmarc_sum *sum;
	struct error err;
	loop_fn *done;
	void *done_ctx;
	struct worker *worker;
};

struct app_dmarc {
	struct app *app;
	struct dmarc_book *book;
	struct app_dmarc_spread *spread; /* NULL: there is one node */
	struct ask *ask;		 /* under way */
	struct ask *last;		 /* answered */
};

struct app_dmarc *
app_dmarc_new(struct app *a)
{
	struct app_dmarc *d = xalloc(1, sizeof(*d));
	const struct domains_settings *s = &a->settings->domains;
	struct error err;

	d->app = a;
	d->book = dmarc_book_open(
	    a->settings->daemon.state_dir, (size_t)s->dmarc_map_size, &err);
	if (d->book)
		dmarc_book_start(d->book, a->loop);
	else
		log_error("%s; DMARC reports are not taken, and come again",
		    err.text);
	if (d->book && strcmp(a->settings->daemon.redis_uri, "managed") != 0)
		d->spread = app_dmarc_spread_new(d->book);
	return d;
}

static void
free_ask(struct ask **k)
{
	if (!*k)
		return;
	dmarc_sum_free(&(*k)->sum);
	free(*k);
	*k = NULL;
}

static void
unneeded(void *job)
{
	struct ask *k = job;

	free_ask(&k);
}

void
app_dmarc_free(struct app_dmarc **dp)
{
	struct app_dmarc *d = *dp;

	if (!d)
		return;
	*dp = NULL;
	/* The store goes next: the thread must have left it. One that begins
	 * later sees that it is stopped. */
	if (d->ask) {
		d->ask->is_stopped = true;
		while (d->ask->is_begun && !d->ask->is_over)
			usleep(1000);
		worker_abandon(&d->ask->worker, unneeded);
	}
	free_ask(&d->last);
	app_dmarc_spread_free(&d->spread);
	dmarc_book_close(&d->book);
	free(d);
}

struct dmarc_book *
app_dmarc_book(struct app_dmarc *d)
{
	return d->book;
}

bool
app_dmarc_is_own(const struct app *a, const struct ip *ip)
{
	const struct setting_list *own =
	    &a->settings->domains.sending_addresses;
	char buf[64];
	struct text t;

	for (size_t i = 0; i < own->n; i++) {
		struct str helo;
		struct ip one;

		if (domains_address(str_from(own->v[i]), &one, &helo) &&
		    memcmp(one.b, ip->b, sizeof(one.b)) == 0)
			return true;
	}
	text_init(&t, buf, sizeof(buf));
	ip_format(&t, ip);
	return pools_ip_find(a->settings->pools, text_view(&t)) != NULL;
}

/* Who our own MTA says has sent the mail: the From's domain, when that is who
 * is vouched for. */
static bool
find_reporter(const struct fbl_settings *s, struct str mail, bool is_vouched,
    struct text *out)
{
	struct arena arena;
	struct headers h;
	struct authres found;
	const char *name = NULL;

	arena_init(&arena);
	header_read_message(&mail, &arena, &h);
	authres_read(&h, &s->authserv_ids, s->fbl_hops, &found);
	struct str from =
	    header_domain(header_address(header_get(&h, STR("From"))));

	if (from.n > 0 && from.n < DNS_NAME) {
		name = arena_dup(&arena, from);
		is_vouched |=
		    authres_vouches(&found, &(struct setting_list){&name, 1});
		text_printable(out, from);
	}
	arena_done(&arena);
	return is_vouched;
}

enum dmarc_added
app_dmarc_add(struct app_dmarc *d, const struct fbl_job *j, bool is_vouched,
    disk_done_fn *on_done, void *ctx)
{
	const struct settings *s = d->app->settings;
	char buf[DMARC_TEXT + 1];
	struct text name;

	text_init(&name, buf, sizeof(buf));
	is_vouched = find_reporter(&s->fbl, j->mail, is_vouched, &name);
	if (!is_vouched) {
		text_clear(&name);
		text_add(&name, j->dmarc.organisation);
	}
	enum dmarc_added added = dmarc_book_add(d->book, &j->dmarc,
	    text_view(&name), is_vouched, loop_now_us(d->app->loop) / TIME_US,
	    s->domains.dmarc_keep / DAY, on_done, ctx);

	if (added == DMARC_ADDED && d->spread)
		app_dmarc_spread_tell(
		    d->spread, &j->dmarc, text_view(&name), is_vouched);
	return added;
}

void
app_dmarc_tick(struct app_dmarc *d)
{
	int64_t now = loop_now_us(d->app->loop) / TIME_US;
	int64_t days = d->app->settings->domains.dmarc_keep / DAY;

	if (d->book)
		dmarc_book_tick(d->book, now, days);
	if (d->spread)
		app_dmarc_spread_tick(
		    d->spread, app_board_redis(d->app->board), now, days);
}

/* The name's reports, or else those of the domain that it is below. */
static void
sum(void *job)
{
	struct ask *k = job;
	const char *name = k->domain;

	k->is_begun = true;
	for (int i = 0; i < LABELS && name && strchr(name, '.'); i++) {
		struct dmarc_sum *s = dmarc_book_sum(
		    k->book, name, k->since, k->now, &k->is_stopped, &k->err);

		if (!s || s->reports > 0 || !k->sum) {
			dmarc_sum_free(&k->sum);
			k->sum = s;
		} else {
			dmarc_sum_free(&s);
		}
		if (!k->sum || k->sum->reports > 0)
			break;
		name = strchr(name, '.') + 1;
	}
	k->is_over = true;
}

static void
on_summed(void *job)
{
	struct ask *k = job;
	struct app_dmarc *d = k->owner;

	k->worker = NULL;
	if (!k->is_over)
		error_set(&k->err, "no thread to read them");
	free_ask(&d->last);
	d->last = k;
	d->ask = NULL;
	k->done(k->done_ctx);
}

static int
make_ask(const struct control_request *q, struct ask *k, struct error *err)
{
	struct str since = control_option(q, "since");
	int64_t age = (int64_t)DAYS * DAY;
	struct text t;

	if (q->n_args != 1 || !domains_is_domain(q->args[0], k->domain))
		return error_set(err, "a full domain name is wanted");
	if (since.n > 0 && (!time_parse_duration(since, &age) || age <= 0))
		return error_set(
		    err, "--since is a duration: 30d, so long ago");
	text_init(&t, k->key, sizeof(k->key));
	text_printf(&t, "%s %lld", k->domain, (long long)age);
	k->since = k->now - age;
	return 0;
}

bool
app_dmarc_prepare(struct app_dmarc *d, const struct control_request *q,
    loop_fn *done, void *done_ctx)
{
	struct error err;
	struct ask *k;

	if (q->command != COMMAND_ID_dmarc || !d->book || d->ask)
		return false;
	k = xalloc(1, sizeof(*k));
	k->owner = d;
	k->book = d->book;
	k->now = loop_now_us(d->app->loop) / TIME_US;
	k->done = done;
	k->done_ctx = done_ctx;
	if (make_ask(q, k, &err) < 0) {
		free(k);
		return false;
	}
	d->ask = k;
	k->worker = worker_start(d->app->loop, sum, on_summed, k);
	return true;
}

const struct dmarc_sum *
app_dmarc_get(
    struct app_dmarc *d, const struct control_request *q, struct error *err)
{
	struct ask k = {0};

	if (make_ask(q, &k, err) < 0)
		return NULL;
	if (!d->book)
		error_set(err, "the store of DMARC reports can't be used");
	else if (!d->last || strcmp(d->last->key, k.key) != 0)
		error_set(err, "somebody else asks just now; ask again");
	else if (!d->last->sum)
		error_set(err, "%s", d->last->err.text);
	else
		return d->last->sum;
	return NULL;
}
