/* test_redis - a private redis-server for unit tests that need a real one */
#ifndef BASE_TEST_REDIS_H
#define BASE_TEST_REDIS_H

#include <stdbool.h>

/* Starts one without persistence in a folder of its own; it dies with the
 * test. false: there is no redis-server. */
bool test_redis_start(void);
/* SIGKILL; the folder is removed by test_redis_end. */
void test_redis_kill(void);
/* SIGSTOP, SIGCONT: it hangs, and goes on. */
void test_redis_freeze(bool is_frozen);
void test_redis_end(void);
/* "unix:/..." */
const char *test_redis_uri(void);

#endif
