/* http_fuzz - any bytes as a request's head, its hops, cookies and form */
#include <stdlib.h>

#include "base/error.h"
#include "web/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_within(struct str all, struct str part)
{
	if (part.n > 0 && (part.p < all.p || part.p + part.n > all.p + all.n))
		abort();
}

static void
check_head(struct str all, const struct http_head *h)
{
	struct ip_net net = {0};
	const struct ip_nets everybody = {&net, 1};
	struct ip peer = {{0}};

	check_within(all, h->path);
	check_within(all, h->query);
	if (h->n > HTTP_FIELDS || h->path.n == 0)
		abort();
	for (size_t i = 0; i < h->n; i++) {
		check_within(all, h->v[i].name);
		check_within(all, h->v[i].value);
		if (h->v[i].name.n == 0)
			abort();
	}
	check_within(all, http_cookie(h, STR("a")));
	http_client(h, &peer, &everybody);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str all = str_make((const char *)data, n);
	struct http_head *h = xalloc(1, sizeof(*h));
	size_t head_n = http_head_length(all);
	struct text t;

	if (head_n > n)
		abort();
	if (head_n > 0 && http_head_parse(str_head(all, head_n), h) == 0)
		check_head(all, h);
	text_grow(&t, n + 1);
	http_form(all, STR("a"), &t);
	if (t.is_cut)
		abort();
	text_done(&t);
	free(h);
	return 0;
}
