/* mapped - the bytes of a file where the system has them, without a copy */
#include "base/mapped.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"

/* The pages of a part are asked for at once. */
enum { PART = 1 << 20 };

struct mapped {
	char *start;
	size_t size, at;
	struct sigaction before;
};

/* What the handler may know. Set before it can be called. */
static uintptr_t from, to, page;
static volatile sig_atomic_t is_cut;

/* As journald does: mmap is a system call, and nothing else is done here. A
 * fault elsewhere happens again, and then ends the process. */
static void
put_zeros(int signal_number, siginfo_t *info, void *context)
{
	uintptr_t at = (uintptr_t)info->si_addr & ~(page - 1);
	int saved = errno;

	(void)context;
	if (at < from || at >= to ||
	    mmap((void *)at, page, PROT_READ,
		MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		signal(signal_number, SIG_DFL);
	is_cut = 1;
	errno = saved;
}

struct mapped *
mapped_new(int fd, uint64_t size)
{
	struct sigaction act = {.sa_flags = SA_SIGINFO};
	struct mapped *m;

	if (from || size == 0 || size > SIZE_MAX / 2)
		return NULL;
	void *start = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);

	if (start == MAP_FAILED)
		return NULL;
	m = xalloc(1, sizeof(*m));
	m->start = start;
	m->size = (size_t)size;
	page = (uintptr_t)sysconf(_SC_PAGESIZE);
	from = (uintptr_t)start;
	to = from + m->size;
	is_cut = 0;
	act.sa_sigaction = put_zeros;
	sigemptyset(&act.sa_mask);
	sigaction(SIGBUS, &act, &m->before);
	return m;
}

/* What was passed long ago needn't be at hand any more; it is still there. */
static void
let_go(struct mapped *m)
{
	if (m->at >= 2 * (size_t)PART)
		(void)madvise(
		    m->start + m->at - 2 * (size_t)PART, PART, MADV_DONTNEED);
}

size_t
mapped_next(struct mapped *m, const char **p)
{
	size_t n = m->size - m->at;

	n = n < PART ? n : PART;
	if (n == 0)
		return 0;
	let_go(m);
	*p = m->start + m->at;
#ifdef MADV_POPULATE_READ
	/* Should this fail they come one by one. */
	(void)madvise(m->start + m->at, n, MADV_POPULATE_READ);
#endif
	m->at += n;
	return n;
}

bool
mapped_is_cut(const struct mapped *m)
{
	(void)m;
	return is_cut != 0;
}

void
mapped_free(struct mapped **m)
{
	if (!*m)
		return;
	sigaction(SIGBUS, &(*m)->before, NULL);
	munmap((*m)->start, (*m)->size);
	from = to = 0;
	free(*m);
	*m = NULL;
}
