/* incident_watch - is one of our addresses, or a domain, refused or slowed now?
 */
#include "reputation/incident_watch.h"

#include "base/map.h"

enum { CALM_FLOOR = 3, CALM_PERCENT = 5 };

static const char *const levels[] = {"none", "slowed", "blocked"};

const char *
incident_level_text(enum incident_level l)
{
	return levels[l];
}

bool
incident_level_parse(struct str s, enum incident_level *out)
{
	for (int i = 0; i <= INCIDENT_BLOCKED; i++) {
		if (!str_is(s, str_from(levels[i])))
			continue;
		*out = (enum incident_level)i;
		return true;
	}
	return false;
}

enum incident_level
incident_level_of(const struct reply *reply)
{
	if (!reply || (reply->scope != REPLY_SCOPE_IP &&
			  reply->scope != REPLY_SCOPE_DOMAIN))
		return INCIDENT_NONE;
	switch (reply->class) {
	case REPLY_BLOCKED:
	case REPLY_DNS_CONFIG:
	case REPLY_AUTH_FAILURE:
	case REPLY_SPAM_CONTENT:
		return INCIDENT_BLOCKED;
	case REPLY_RATE_LIMITED:
		return INCIDENT_SLOWED;
	default:
		return INCIDENT_NONE;
	}
}

static int64_t
part_of(int64_t window, int64_t at)
{
	int64_t seconds = window / INCIDENT_SLOTS;

	return at / (seconds > 0 ? seconds : 1);
}

static void
note_host(struct incident_watch *w, struct str host)
{
	uint64_t hash = map_hash(host);

	for (size_t i = 0; i < INCIDENT_HOSTS; i++) {
		if (w->hosts[i] == hash)
			return;
		if (w->hosts[i] == 0) {
			w->hosts[i] = hash;
			return;
		}
	}
}

void
incident_watch_note(struct incident_watch *w, int64_t window, int64_t at,
    enum incident_level level, bool is_delivered, uint32_t n, struct str host)
{
	int64_t part = part_of(window, at);
	size_t i = (size_t)part % INCIDENT_SLOTS;

	if (at <= 0 || w->slots[i].part > part)
		return;
	if (w->slots[i].part < part)
		memset(&w->slots[i], 0, sizeof(w->slots[i]));
	w->slots[i].part = part;
	struct incident_counts *c = &w->slots[i].n;

	c->all += n;
	if (is_delivered)
		c->delivered += n;
	if (level == INCIDENT_SLOWED)
		c->slowed += n;
	if (level == INCIDENT_BLOCKED)
		c->blocked += n;
	if (level != INCIDENT_NONE)
		note_host(w, host);
}

void
incident_watch_sum(const struct incident_watch *w, int64_t window, int64_t now,
    struct incident_counts *out)
{
	int64_t part = part_of(window, now);

	*out = (struct incident_counts){0};
	for (size_t i = 0; i < INCIDENT_SLOTS; i++) {
		const struct incident_counts *c = &w->slots[i].n;

		if (w->slots[i].part <= part - INCIDENT_SLOTS)
			continue;
		out->all += c->all;
		out->delivered += c->delivered;
		out->slowed += c->slowed;
		out->blocked += c->blocked;
	}
}

static bool
is_beyond(uint64_t n, uint64_t all, int64_t floor, int64_t percent)
{
	return n >= (uint64_t)floor && n * 100 >= all * (uint64_t)percent;
}

enum incident_level
incident_watch_level(const struct incident_watch *w,
    const struct incident_limits *l, int64_t now, bool is_others)
{
	struct incident_counts c;

	if (is_others && w->hosts[INCIDENT_HOSTS - 1] == 0)
		return INCIDENT_NONE;
	incident_watch_sum(w, l->window, now, &c);
	if (is_beyond(c.blocked, c.all, l->floor, l->percent))
		return INCIDENT_BLOCKED;
	if (is_beyond(c.slowed + c.blocked, c.all, l->slow_floor, l->percent))
		return INCIDENT_SLOWED;
	return INCIDENT_NONE;
}

bool
incident_watch_is_calm(const struct incident_watch *w,
    const struct incident_limits *l, int64_t now)
{
	struct incident_counts c;

	incident_watch_sum(w, l->window, now, &c);
	return c.delivered >= CALM_FLOOR &&
	       (c.slowed + c.blocked) * 100 <= c.all * CALM_PERCENT;
}
