/* geo - the country of an address */
#include "base/geo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct geo {
	MMDB_s db;
};

/* Opening a pipe would wait for its writer. */
static int
check_file(const char *path, struct error *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	return S_ISREG(st.st_mode) ? 0 : error_set(err, "%s is no file", path);
}

struct geo *
geo_open(const char *path, struct error *err)
{
	struct geo *g;

	if (check_file(path, err) < 0)
		return NULL;
	g = xalloc(1, sizeof(*g));
	int rc = MMDB_open(path, MMDB_MODE_MMAP, &g->db);

	if (rc == MMDB_SUCCESS)
		return g;
	error_set(err, "%s is no database of addresses (.mmdb): %s", path,
	    MMDB_strerror(rc));
	free(g);
	return NULL;
}

static int
copy(int to, const char *path, struct error *err)
{
	char buf[64 * 1024];
	int from = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = from < 0 ? -1 : 1;

	while (n > 0) {
		n = read(from, buf, sizeof(buf));
		if (n > 0 && write(to, buf, (size_t)n) != n)
			n = -1;
	}
	if (n < 0)
		error_set(err, "%s: %s", path, strerror(errno));
	if (from >= 0)
		close(from);
	return (int)n;
}

struct geo *
geo_open_copy(const char *path, struct error *err)
{
	char own[64];
	struct geo *g = NULL;
	int fd;

	if (check_file(path, err) < 0)
		return NULL;
	fd = memfd_create("geoip_file", MFD_CLOEXEC);
	if (fd < 0) {
		error_set(err, "%s: %s", path, strerror(errno));
		return NULL;
	}
	snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
	if (copy(fd, path, err) == 0) {
		g = geo_open(own, err);
		if (!g)
			error_set(err, "%s is no database of addresses (.mmdb)",
			    path);
	}
	close(fd); /* the mapping stays */
	return g;
}

void
geo_free(struct geo **g)
{
	if (!*g)
		return;
	MMDB_close(&(*g)->db);
	free(*g);
	*g = NULL;
}

static bool
look_up(const struct geo *g, const struct ip *ip, MMDB_entry_s *entry)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	const void *address = &v6;
	int rc;

	memcpy(&v6.sin6_addr, ip->b, sizeof(ip->b));
	memcpy(&v4.sin_addr, ip->b + 12, 4);
	if (ip_is_v4(ip))
		address = &v4;
	MMDB_lookup_result_s found = MMDB_lookup_sockaddr(&g->db, address, &rc);

	*entry = found.entry;
	return rc == MMDB_SUCCESS && found.found_entry;
}

static bool
take_text(MMDB_entry_s *entry, const char *const *path, struct str *out)
{
	MMDB_entry_data_s data;

	if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS ||
	    !data.has_data || data.type != MMDB_DATA_TYPE_UTF8_STRING)
		return false;
	*out = str_make(data.utf8_string, data.data_size);
	return true;
}

/* The first of the paths that leads to a text. */
static struct str
take_first(MMDB_entry_s *entry, const char *const paths[][4], size_t n)
{
	struct str s = {"", 0};

	for (size_t i = 0; i < n && !take_text(entry, paths[i], &s); i++) {
	}
	return s;
}

static bool
is_code(struct str s)
{
	return s.n == 2 && s.p[0] >= 'A' && s.p[0] <= 'Z' && s.p[1] >= 'A' &&
	       s.p[1] <= 'Z';
}

bool
geo_country(const struct geo *g, const struct ip *ip, struct geo_country *out)
{
	static const char *const codes[][4] = {
	    {"country", "iso_code", NULL},
	    {"registered_country", "iso_code", NULL},
	    {"country_code", NULL},
	    {"country", NULL},
	};
	static const char *const names[][4] = {
	    {"country", "names", "en", NULL},
	    {"registered_country", "names", "en", NULL},
	    {"country_name", NULL},
	};
	MMDB_entry_s entry;
	struct text t;

	if (!g || !look_up(g, ip, &entry))
		return false;
	struct str code =
	    take_first(&entry, codes, sizeof(codes) / sizeof(codes[0]));

	if (!is_code(code))
		return false;
	text_init(&t, out->code, sizeof(out->code));
	text_str(&t, code);
	text_init(&t, out->name, sizeof(out->name));
	text_printable(
	    &t, take_first(&entry, names, sizeof(names) / sizeof(names[0])));
	return true;
}

uint16_t
geo_country_number(const struct geo *g, const struct ip *ip)
{
	struct geo_country c;

	if (!geo_country(g, ip, &c))
		return 0;
	return (
	    uint16_t)((unsigned)(uint8_t)c.code[0] << 8 | (uint8_t)c.code[1]);
}
