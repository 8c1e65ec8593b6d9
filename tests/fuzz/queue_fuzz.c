/* queue_fuzz - any bytes are a question or an error; what was understood is
 * printed as the same question, and names nothing but queue ids */
#include <stdlib.h>
#include "queue/queue_listing.h"
#include "queue/queue_proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_message(const struct queue_message *m)
{
	if (!queue_id_is_good(m->id) || !queue_instance_is_good(m->instance) ||
	    m->account.n > QUEUE_TEXT_MAX || m->sender.n > QUEUE_TEXT_MAX)
		abort();
	for (size_t i = 0; i < m->id.n; i++) {
		if (memchr("/.-\n ", m->id.p[i], 5))
			abort();
	}
	if (memchr("/-.", *m->instance.p, 3) ||
	    !queue_sender_is(m->sender, m->sender))
		abort();
}

static void
check_again(const struct queue_request *q)
{
	static struct queue_request again;
	struct error err;
	struct text t;

	text_grow(&t, 8 * QUEUE_REQUEST_MAX);
	queue_request_print(q, &t);
	if (!queue_request_is_whole(text_view(&t)) ||
	    !queue_request_parse(text_view(&t), &again, &err) ||
	    again.n != q->n || again.verb != q->verb ||
	    !str_is(again.reason, q->reason))
		abort();
	for (size_t i = 0; i < q->n; i++) {
		if (!str_is(again.messages[i].sender, q->messages[i].sender) ||
		    !str_is(again.messages[i].id, q->messages[i].id))
			abort();
	}
	text_done(&t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct queue_request q;
	struct queue_listed listed;
	struct queue_answer answer;
	struct error err;
	char *copy = malloc(n + 1);
	struct str bytes;

	if (!copy)
		return 0;
	if (n > 0)
		memcpy(copy, data, n);
	copy = realloc(copy, n > 0 ? n : 1);
	bytes = str_make(copy, n);
	if (queue_request_parse(bytes, &q, &err)) {
		for (size_t i = 0; i < q.n; i++)
			check_message(&q.messages[i]);
		check_again(&q);
	}
	if (queue_answer_parse(bytes, &answer) == QUEUE_LINE_MESSAGE)
		check_message(&answer.message);
	if (queue_listing_parse(bytes, &listed) && !queue_id_is_good(listed.id))
		abort();
	free(copy);
	return 0;
}
