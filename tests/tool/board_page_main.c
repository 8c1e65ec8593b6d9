/* board_page - where pages of subjects stand in Redis
 *
 * usage: board_page LETTER:KEY...
 *
 * Prints "BUCKET FIELD LETTER:KEY" for each, the first two in hex.
 */
#include <stdio.h>

#include "ledger/board_page.h"

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct board_page_place place;
		enum subject_kind kind;
		struct str key = str_from(argv[i]);
		struct str field = board_page_record(&place);

		if (key.n < 2 || !subject_kind_from_letter(key.p[0], &kind))
			return 1;
		board_page_find(
		    kind, str_skip(key, 2), BOARD_PAGE_BITS, &place);
		printf("%04x ", place.bucket);
		for (size_t k = 0; k < field.n; k++)
			printf("%02x", (unsigned char)field.p[k]);
		printf(" %s\n", argv[i]);
	}
	return 0;
}
