/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's pools of hugepages, for hugepages.c: read, raised, lowered. Failures: 0 or -errno with err. */
#ifndef LB_TESTBED_HOST_HUGEPAGES_POOL_H
#define LB_TESTBED_HOST_HUGEPAGES_POOL_H

#include <stdint.h>

#include "util/error.h"

#define POOLS "/sys/kernel/mm/hugepages"
#define POOL_NAME "hugepages-%" PRIu32 "kB"
#define POOL_SUBJECT_SIZE 160

/*
 * Two numbers of the kernel's need care. nr_hugepages counts surplus pages, too, which exist only until they
 * are free; what is written to it is the number without them. And free_hugepages counts pages that are
 * promised to somebody (resv_hugepages), as all of a mount's are from the start.
 */
struct pool {
	char directory[128];
	uint64_t persistent; /* what nr_hugepages was set to: all pages but the surplus */
	uint64_t surplus, free;
	uint64_t reserved;   /* promised, not yet used; the kernel counts them for all nodes together */
};

/*
 * Lock the pools of this machine against other runs, whoever started them. Returns a descriptor, to be closed
 * soon, or -errno. Anybody on this machine can hold it: so it is waited for no longer than others may need
 * it.
 */
int pool_lock(struct error *err);

int pool_of_machine(struct pool *pool, uint32_t page_kb, struct error *err);
/* The pool to add pages to: the node's, where there is one. */
int pool_of_node(struct pool *pool, uint32_t page_kb, int node, struct error *err);
/* By the path of its nr_hugepages, without `reserved`. -ENOENT: there is no such pool (any more). */
int pool_of_subject(struct pool *pool, const char *subject, struct error *err);
/* And that path. */
void pool_subject(const struct pool *pool, char subject[POOL_SUBJECT_SIZE]);

/* Could it be set? Changes nothing. */
int pool_probe(const struct pool *pool, struct error *err);

/*
 * Pages that nobody has or was promised. In a node's pool as if all promises were to be kept from there: too
 * few rather than too many.
 */
uint64_t pool_available(const struct pool *pool);

/*
 * Set the number of persistent pages, and read the pool again. Fewer may come than are asked for: no
 * failure.
 */
int pool_raise(struct pool *pool, uint64_t target, struct error *err);
/* Pages in use stay as surplus until they are free; waits for that, up to a second. */
int pool_lower(struct pool *pool, uint64_t target, struct error *err);

#endif
