/* geo_test - the country of an address */
#include "base/geo.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/geo_bed.h"
#include "base/test.h"

static char path[64];

static void
write_file(struct str bytes)
{
	snprintf(path, sizeof(path), "/tmp/geo_test.%d", (int)getpid());
	FILE *f = fopen(path, "w");

	CHECK(f && fwrite(bytes.p, 1, bytes.n, f) == bytes.n);
	if (f)
		fclose(f);
}

static void
make(struct text *out)
{
	static struct geo_bed b;

	geo_bed_begin(&b);
	CHECK(geo_bed_country(&b, STR("192.0.2.0/24"), "DE", "Germany"));
	CHECK(geo_bed_country(&b, STR("2001:db8::/32"), "FR", "Fran\033ce"));
	CHECK(geo_bed_flat(&b, STR("198.51.100.0/24"), "NL"));
	CHECK(geo_bed_flat(&b, STR("203.0.113.0/24"), "nonsense"));
	text_grow(out, 1 << 20);
	geo_bed_end(&b, out);
}

/* "DE Germany", "" when it is not known. */
static const char *
country(const struct geo *g, const char *address)
{
	static char buf[80];
	struct geo_country c;
	struct ip ip;

	CHECK(ip_parse(str_from(address), &ip));
	if (!geo_country(g, &ip, &c))
		return "";
	snprintf(buf, sizeof(buf), "%s %s", c.code, c.name);
	return buf;
}

static void
test_countries(void)
{
	struct error err = {""};
	struct text file;

	make(&file);
	write_file(text_view(&file));
	struct geo *g = geo_open(path, &err);

	CHECK_STR(str_from(err.text), STR(""));
	CHECK_STR(str_from(country(g, "192.0.2.77")), STR("DE Germany"));
	CHECK_STR(str_from(country(g, "2001:db8::1")), STR("FR Fran?ce"));
	CHECK_STR(str_from(country(g, "198.51.100.1")), STR("NL "));
	CHECK_STR(str_from(country(g, "203.0.113.1")), STR(""));
	CHECK_STR(str_from(country(g, "10.0.0.1")), STR(""));
	geo_free(&g);
	CHECK_STR(str_from(country(NULL, "192.0.2.77")), STR(""));
	text_done(&file);
	unlink(path);
}

static void
test_bad_files(void)
{
	struct error err;

	CHECK(!geo_open("/nowhere/there.mmdb", &err));
	CHECK(strstr(err.text, "/nowhere/there.mmdb") != NULL);
	CHECK(!geo_open("/tmp", &err));
	CHECK(strstr(err.text, "no file") != NULL);
	write_file(STR("hello"));
	CHECK(!geo_open(path, &err));
	CHECK(strstr(err.text, ".mmdb") != NULL);
	write_file(STR(""));
	CHECK(!geo_open(path, &err));
	unlink(path);
}

/* Whatever a file says, nothing breaks. */
static void
test_hostile_files(void)
{
	uint32_t random = 4711;
	struct text file;

	make(&file);
	for (int i = 0; i < 3000; i++) {
		char *copy = str_dup(text_view(&file));
		size_t n = file.n;
		struct error err;

		memcpy(copy, file.p, n);
		for (int k = 0; k < 4; k++) {
			random = random * 1664525 + 1013904223;
			copy[(random >> 8) % n] = (char)(random >> 3);
		}
		if (i % 3 == 0)
			n = (random >> 9) % n;
		write_file(str_make(copy, n));
		struct geo *g = geo_open(path, &err);

		country(g, "192.0.2.77");
		country(g, "2001:db8::1");
		geo_free(&g);
		free(copy);
	}
	text_done(&file);
	unlink(path);
}

static void
a_copy_outlives_its_file(void)
{
	struct error err = {""};
	struct text file;

	make(&file);
	write_file(text_view(&file));
	struct geo *g = geo_open_copy(path, &err);

	CHECK(g != NULL);
	CHECK(truncate(path, 0) == 0);
	CHECK_STR(str_from(country(g, "192.0.2.1")), STR("DE Germany"));
	CHECK(geo_open_copy(path, &err) == NULL);
	CHECK(str_find(str_from(err.text), str_from(path)) == 0);
	unlink(path);
	CHECK(geo_open_copy(path, &err) == NULL);
	geo_free(&g);
	text_done(&file);
}

TESTS(TEST(a_copy_outlives_its_file), TEST(test_countries),
    TEST(test_bad_files), TEST(test_hostile_files))
