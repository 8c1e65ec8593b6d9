/* mask_fuzz - an address is masked, whatever stands around it
 *
 * The bytes before the first line feed go before it, the others after it.
 */
#include <stdlib.h>

#include "mta/mask.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { INPUT_MAX = 4096 };

static void
check(const struct mask *m, struct str before, const char *address,
    struct str after)
{
	struct text line, out;

	text_grow(&line, 3 * INPUT_MAX);
	text_grow(&out, 1 << 20);
	text_str(&line, before);
	text_add(&line, address);
	text_str(&line, after);
	mask_text(m, text_view(&line), &out);
	if (str_find_nocase(text_view(&out), STR("zqzqzq")) >= 0)
		abort();
	text_done(&line);
	text_done(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct account_rules rules;
	static struct crypto_key key;
	struct str after = str_make((const char *)data, n), before = {"", 0};
	struct mask m;

	if (n > INPUT_MAX)
		return 0;
	/* What would be there without the address is of no interest. */
	if (str_find_nocase(after, STR("zq")) >= 0)
		return 0;
	str_cut(&after, '\n', &before);
	mask_init(&m, &key, &rules, STR("anna@x.example"));
	check(&m, before, " zqzqzq@example.net ", after);
	check(&m, before, " to=<zqzqzq@example.net>, ", after);
	check(&m, before, "zqzqzq@example.net", after);
	check(&m, before, "\"zqzqzq\"@example.net", after);
	return 0;
}
