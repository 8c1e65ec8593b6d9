/* unpack - what is in a gzip or zip archive, bounded */
#include "base/unpack.h"

#include <limits.h>
#include <zip.h>
#include <zlib.h>

enum { PIECE = 65536 };

struct out {
	unpack_fn *each;
	void *ctx;
	size_t left;
	bool is_over; /* no more are wanted */
};

static int
give(struct out *o, const void *p, size_t n, struct error *err)
{
	if (n > o->left)
		return error_set(err, "there is too much in it");
	o->left -= n;
	if (n > 0 && !o->is_over)
		o->is_over = !o->each(o->ctx, str_make(p, n));
	return 0;
}

static int
inflate_all(z_stream *z, struct out *o, struct error *err)
{
	unsigned char buf[PIECE];
	int status = Z_OK;

	while (status == Z_OK && !o->is_over) {
		z->next_out = buf;
		z->avail_out = sizeof(buf);
		status = inflate(z, Z_NO_FLUSH);
		if (status != Z_OK && status != Z_STREAM_END)
			return error_set(err, "broken gzip data: %s",
			    z->msg ? z->msg : "it ends early");
		if (give(o, buf, sizeof(buf) - z->avail_out, err) < 0)
			return -1;
		/* Several of them, one behind the other, are one. */
		if (status == Z_STREAM_END && z->avail_in > 2 &&
		    z->next_in[0] == 0x1f && z->next_in[1] == 0x8b)
			status = inflateReset(z);
	}
	return 0;
}

static int
unpack_gzip(struct str bytes, struct out *o, struct error *err)
{
	union {
		const char *in;
		unsigned char *out;
	} u = {bytes.p};
	z_stream z = {.next_in = u.out};

	if (bytes.n > UINT_MAX)
		return error_set(err, "it is too large");
	z.avail_in = (unsigned)bytes.n;
	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		fatal("no memory to unpack");
	int status = inflate_all(&z, o, err);

	inflateEnd(&z);
	return status;
}

static int
read_file(zip_t *z, zip_uint64_t i, struct out *o, struct error *err)
{
	zip_file_t *f = zip_fopen_index(z, i, 0);
	char buf[PIECE];
	zip_int64_t n = -1;
	int status = 0;

	if (!f)
		return error_set(
		    err, "broken zip archive: %s", zip_strerror(z));
	while (status == 0 && !o->is_over &&
	       (n = zip_fread(f, buf, sizeof(buf))) > 0)
		status = give(o, buf, (size_t)n, err);
	if (n < 0)
		status = error_set(
		    err, "broken zip archive: %s", zip_file_strerror(f));
	zip_fclose(f);
	return status;
}

static int
read_first(zip_t *z, struct out *o, struct error *err)
{
	zip_int64_t n = zip_get_num_entries(z, 0);
	const char *name;

	if (n > UNPACK_FILES)
		return error_set(
		    err, "a zip archive with %lld files", (long long)n);
	for (zip_int64_t i = 0; i < n; i++) {
		name = zip_get_name(z, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
		if (name && *name && !str_ends(str_from(name), STR("/")))
			return read_file(z, (zip_uint64_t)i, o, err);
	}
	return error_set(err, "a zip archive without a file");
}

static int
unpack_zip(struct str bytes, struct out *o, struct error *err)
{
	zip_error_t why;

	zip_error_init(&why);
	zip_source_t *source =
	    zip_source_buffer_create(bytes.p, bytes.n, 0, &why);
	zip_t *z =
	    source ? zip_open_from_source(source, ZIP_RDONLY, &why) : NULL;

	if (!z) {
		error_set(
		    err, "broken zip archive: %s", zip_error_strerror(&why));
		if (source)
			zip_source_free(source);
		zip_error_fini(&why);
		return -1;
	}
	int status = read_first(z, o, err);

	zip_discard(z);
	zip_error_fini(&why);
	return status;
}

int
unpack(
    struct str bytes, size_t max, unpack_fn *each, void *ctx, struct error *err)
{
	struct out o = {each, ctx, max, false};

	if (str_starts(bytes, STR("\x1f\x8b")))
		return unpack_gzip(bytes, &o, err);
	if (str_starts(bytes, STR("PK\3\4")) ||
	    str_starts(bytes, STR("PK\5\6")))
		return unpack_zip(bytes, &o, err);
	return give(&o, bytes.p, bytes.n, err);
}
