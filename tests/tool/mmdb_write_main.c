/* mmdb_write - a small .mmdb file on stdout: NETWORK CODE NAME ... */
#include <stdio.h>

#include "base/geo_bed.h"

int
main(int argc, char **argv)
{
	static struct geo_bed bed;
	struct text out;

	geo_bed_begin(&bed);
	for (int i = 1; i + 2 < argc; i += 3) {
		if (!geo_bed_country(
			&bed, str_from(argv[i]), argv[i + 1], argv[i + 2])) {
			fprintf(stderr, "%s is no network\n", argv[i]);
			return 2;
		}
	}
	text_grow(&out, 1 << 20);
	geo_bed_end(&bed, &out);
	fwrite(out.p, 1, out.n, stdout);
	text_done(&out);
	return 0;
}
