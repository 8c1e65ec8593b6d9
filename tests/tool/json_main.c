/* json - is this JSON, and what does it say there? for tests
 *
 * usage: json [-l] [PATH] <TEXT
 *        json -e <TEXT    prints any bytes as a JSON text
 *   -l    each line is a document (else the whole input is one)
 *   PATH  members and indexes, "limits.0.max"; prints what is there, a text
 *         without its quotes
 * Exit status: 0; 1 not JSON; 2 nothing there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"

enum { INPUT_MAX = 64 << 20, PRINT_MAX = 64 << 20 };

static struct json *
find(struct json *v, struct str path)
{
	struct str rest = path, word;

	while (v && rest.n > 0) {
		char name[256];
		struct text t;
		uint64_t i;

		if (!str_cut(&rest, '.', &word)) {
			word = rest;
			rest.n = 0;
		}
		text_init(&t, name, sizeof(name));
		text_str(&t, word);
		if (json_is_array(v) && str_to_u64(word, &i))
			v = json_at(v, (size_t)i);
		else
			v = json_get(v, name);
	}
	return v;
}

static int
look(struct str document, const char *path)
{
	struct error err;
	struct json *doc = json_parse(document, &err), *v;
	struct text t;

	if (!doc) {
		fprintf(stderr, "json: %s: %.*s\n", err.text,
		    (int)(document.n < 200 ? document.n : 200), document.p);
		return 1;
	}
	v = path ? find(doc, str_from(path)) : doc;
	if (path && v) {
		text_grow(&t, PRINT_MAX);
		if (json_is_string(v))
			text_str(&t, json_text(v));
		else
			json_print(&t, v);
		printf("%.*s\n", (int)t.n, t.p);
		text_done(&t);
	}
	json_free(&doc);
	return v ? 0 : 2;
}

static int
look_at_lines(struct str rest, const char *path)
{
	struct str line;
	int status = 0;

	while (status == 0 && str_cut(&rest, '\n', &line))
		status = look(line, path);
	return rest.n > 0 ? 1 : status;
}

static int
encode(struct str bytes)
{
	struct json_out j;
	struct text t;

	text_grow(&t, PRINT_MAX);
	json_out_init(&j, &t);
	json_str(&j, NULL, bytes);
	printf("%.*s\n", (int)t.n, t.p);
	text_done(&t);
	return 0;
}

int
main(int argc, char **argv)
{
	bool by_line = argc > 1 && strcmp(argv[1], "-l") == 0;
	const char *path = argv[by_line ? 2 : 1];
	struct text in;
	char buf[65536];
	ssize_t n;

	text_grow(&in, INPUT_MAX);
	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0)
		text_bytes(&in, buf, (size_t)n);
	int status = argc > 1 && strcmp(argv[1], "-e") == 0
			 ? encode(text_view(&in))
		     : by_line ? look_at_lines(text_view(&in), path)
			       : look(str_trim(text_view(&in)), path);

	text_done(&in);
	return status;
}
