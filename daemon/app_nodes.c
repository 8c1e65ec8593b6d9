/* app_nodes - the other nodes: what `outpost status` says, and their clocks */
#include "base/time.h"
#include "daemon/app_state.h"
#include "ledger/board.h"

/* "node_0350cbcfaa5b5f84  mx2, alive, heard 3 s ago, 0.1.0, 0 bytes behind" */
static void
status_node(struct app *a, const struct nodes_one *one, const char *what,
    const char *state, struct json_out *j)
{
	int64_t age = loop_now_us(a->loop) / TIME_US - one->at;
	char key[32], value[256];
	struct text k, v;

	text_init(&k, key, sizeof(key));
	text_printf(&k, "%s_%s", what, one->id);
	text_init(&v, value, sizeof(value));
	text_printf(&v, "%s, %s, heard %lld s ago, %s, %lld bytes behind",
	    one->label, state, (long long)(age > 0 ? age : 0), one->version,
	    (long long)one->behind);
	json_str(j, key, text_view(&v));
}

void
app_nodes_status(struct app *a, struct json_out *j)
{
	const struct board *b = app_board_of(a->board);
	const struct nodes *nodes = board_nodes(b);
	struct board_status board;

	board_status(b, &board);
	json_i64(j, "nodes", (int64_t)board_alive(b));
	if (board.is_duplicate)
		json_str(j, "duplicate",
		    STR("another outpostd posts as this node: a copied state "
			"directory?"));
	for (size_t i = 0; i < nodes->n; i++)
		status_node(a, &nodes->v[i], "node",
		    nodes->v[i].is_alive ? "alive" : "gone", j);
	for (size_t i = 0; i < nodes->n_copies; i++)
		status_node(
		    a, &nodes->copies[i], "copy", "a copy: posts nothing", j);
}

int64_t
app_clock_ahead(void *app)
{
	struct app *a = app;
	const struct board *b = app_board_of(a->board);

	return b ? nodes_ahead(board_nodes(b)) : 0;
}
