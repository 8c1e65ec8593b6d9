/* zone_talk - asks a zone's primary server, and changes the zone; signed */
#include "cli/zone_talk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/sock.h"
#include "base/time.h"

enum { KEY_FILE = 4096, PORT = 53 };

static int
read_key_file(const char *path, char file[KEY_FILE], struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = -1;
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		errno = EINVAL;
	else if (fd >= 0 && (st.st_mode & S_IRWXO))
		errno = EPERM;
	else if (fd >= 0)
		n = read(fd, file, KEY_FILE - 1);
	int why = errno;

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return why == EPERM
			   ? error_set(err,
				 "%s: others may read it: chmod o-rwx", path)
			   : error_set(err, "%s: %s", path, strerror(why));
	file[n] = '\0';
	return 0;
}

static int
read_key(struct zone_talk *t, struct error *err)
{
	char file[KEY_FILE] = "";
	int status = read_key_file(t->zone->key_file, file, err);

	if (status == 0 && tsig_read_key(str_from(file), str_from(t->zone->key),
			       str_from(t->zone->algorithm), &t->key, err) < 0)
		status = error_prefix(err, "%s", t->zone->key_file);
	explicit_bzero(file, sizeof(file));
	return status;
}

/* ADDRESS, ADDRESS:PORT, [ADDRESS]:PORT as sock_connect wants it. */
static void
write_address(const char *server, struct text *out)
{
	struct ip ip;
	bool is_bare = ip_parse(str_from(server), &ip);

	text_add(out, "inet:");
	if (is_bare && strchr(server, ':'))
		text_printf(out, "[%s]:%d", server, PORT);
	else if (is_bare)
		text_printf(out, "%s:%d", server, PORT);
	else
		text_add(out, server);
}

int
zone_talk_open(struct zone_talk *t, const struct domains_zone_settings *zone,
    struct error *err)
{
	struct text address;

	*t = (struct zone_talk){.zone = zone, .fd = -1};
	text_grow(&t->answer, UPDATE_BYTES + 1);
	crypto_random(&t->id, sizeof(t->id));
	text_init(&address, t->address, sizeof(t->address));
	write_address(zone->server, &address);
	if (!dns_name(str_from(zone->zone), t->name))
		return error_set(err, "\"%s\" is no zone", zone->zone);
	return read_key(t, err);
}

static void
hang_up(struct zone_talk *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

void
zone_talk_close(struct zone_talk *t)
{
	hang_up(t);
	text_done(&t->answer);
	explicit_bzero(&t->key, sizeof(t->key));
}

uint16_t
zone_talk_next(struct zone_talk *t)
{
	return ++t->id;
}

/* Waits until it can go on; false: too late. */
static bool
wait_for(const struct zone_talk *t, short what, int64_t until_us)
{
	struct pollfd p = {t->fd, what, 0};
	int64_t left = until_us - time_mono_us();

	return left > 0 && poll(&p, 1, (int)(left / 1000 + 1)) > 0;
}

static int
send_all(
    struct zone_talk *t, struct str bytes, int64_t until_us, struct error *err)
{
	while (bytes.n > 0) {
		if (!wait_for(t, POLLOUT, until_us))
			return error_set(err, "no answer in time");
		ssize_t n = sock_send(t->fd, bytes.p, bytes.n);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return error_set(err, "%s", strerror(errno));
		bytes = str_skip(bytes, n > 0 ? (size_t)n : 0);
	}
	return 0;
}

/* n bytes to the answer. */
static int
receive(struct zone_talk *t, size_t n, int64_t until_us, struct error *err)
{
	char buf[4096];

	while (n > 0) {
		if (!wait_for(t, POLLIN, until_us))
			return error_set(err, "no answer in time");
		ssize_t got =
		    sock_recv(t->fd, buf, n < sizeof(buf) ? n : sizeof(buf));

		if (got == 0)
			return error_set(
			    err, "it closed the connection without an answer");
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return error_set(err, "%s", strerror(errno));
		if (got < 0)
			continue;
		text_bytes(&t->answer, buf, (size_t)got);
		n -= (size_t)got;
	}
	return 0;
}

static int
connect_it(struct zone_talk *t, struct error *err)
{
	if (t->fd >= 0)
		return 0;
	t->fd =
	    sock_connect_wait(t->address, (int)(t->zone->timeout * 1000), err);
	return t->fd < 0 ? -1 : 0;
}

/* Sends it signed; the answer, which is checked to be the server's, lies in
 * t->answer. */
static int
exchange(
    struct zone_talk *t, struct text *message, bool *is_open, struct error *err)
{
	int64_t until = time_mono_us() + t->zone->timeout * TIME_US;
	int64_t now = time_now_us() / TIME_US;
	struct tsig_mac mac;
	char length[2];

	*is_open = false;
	if (connect_it(t, err) < 0)
		return -1;
	tsig_sign(message, &t->key, now, NULL, &mac);
	if (message->is_cut)
		return error_set(err, "the message is too long");
	bytes_put(length, 2, message->n);
	text_clear(&t->answer);
	*is_open = true;
	if (send_all(t, str_make(length, 2), until, err) < 0 ||
	    send_all(t, text_view(message), until, err) < 0 ||
	    receive(t, 2, until, err) < 0)
		return error_prefix(err, "%s", t->zone->server);
	size_t n = (size_t)bytes_get(t->answer.p, 2);

	text_clear(&t->answer);
	if (receive(t, n, until, err) < 0 ||
	    tsig_verify(text_view(&t->answer), &t->key, &mac,
		time_now_us() / TIME_US, err) < 0)
		return error_prefix(err, "%s", t->zone->server);
	return 0;
}

int
zone_talk_read(struct zone_talk *t, const char *name, struct arena *a,
    struct update_set *out, struct error *err)
{
	uint16_t id = zone_talk_next(t);
	struct text message;
	bool is_open;

	text_grow(&message, UPDATE_BYTES);
	update_ask(&message, id, name);
	int status = exchange(t, &message, &is_open, err);

	text_done(&message);
	if (status < 0) {
		hang_up(t);
		return -1;
	}
	if (update_read(text_view(&t->answer), id, name, a, out, err) < 0)
		return error_prefix(err, "%s: %s", t->zone->server, name);
	return 0;
}

/* Whoever was asked may have thought for long: the server need not have waited.
 */
enum update_result
zone_talk_update(struct zone_talk *t, struct update *u, uint16_t id,
    bool *is_open, struct error *err)
{
	enum update_result result = UPDATE_REFUSED;

	hang_up(t);
	if (exchange(t, &u->message, is_open, err) == 0) {
		*is_open = false;
		result = update_result(text_view(&t->answer), id, err);
		if (result != UPDATE_DONE)
			error_prefix(err, "%s", t->zone->server);
	} else {
		hang_up(t);
	}
	text_done(&u->message);
	return result;
}
