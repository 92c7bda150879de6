/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is done to a testbed on purpose, to see what it then still forwards: less processor time for its
 * switch or its endpoints than they would take, and other work on their processors.
 *
 * Each process that a quota is for is moved into a cgroup of its own, whichever runtime made it: so a quota
 * means the same everywhere. Ports are opened without it, since opening them is not what is measured.
 */
#ifndef LB_TESTBED_INTERFERENCE_H
#define LB_TESTBED_INTERFERENCE_H

#include <jansson.h>
#include <stdbool.h>

#include "testbed/host/cache_group.h"
#include "testbed/host/cpu_group.h"
#include "testbed/host/processors.h"
#include "ledger/ledger.h"
#include "system/log_file.h"
#include "testbed/neighbour.h"
#include "util/error.h"

struct testbed;

struct interference_spec {
	double switch_quota;           /* share of one processor for each of its threads, 0 = no quota */
	double endpoint_quota;         /* share of one processor, of each endpoint */
	bool switch_free;              /* its threads may run wherever lanebench may, not each on its processor */
	unsigned cache_ways;           /* of the last-level cache for the switch (the endpoints, if it has no threads) alone */
	const char *neighbour;         /* "none", or see neighbour.h; NULL = none */
	bool neighbour_free;           /* runs wherever lanebench may; else on the switch's processors */
	char *const *neighbour_command;/* of the user's, NULL = none */
};

struct interference {
	struct interference_spec spec;
	struct cpu_group switch_group;
	struct cpu_group *endpoint_groups; /* of each endpoint, NULL = no quota */
	struct cache_group cache;
	unsigned endpoints, threads;
	int *usable;                       /* processors that lanebench may use */
	unsigned usable_count;
	struct neighbour *neighbour;       /* NULL = none */
	struct log_file log;               /* the neighbour's */
};

/* Can this user do that on this machine? 0, or -errno with cause and remedy. Creates nothing. */
int interference_probe(const struct interference_spec *spec, struct error *err);

/*
 * For a testbed whose switch and endpoints run: make the cgroups, without limits yet, and start the
 * neighbour. The spec's texts must stay. On failure, interference_remove.
 */
int interference_make(struct testbed *testbed, const struct interference_spec *spec, struct ledger *ledger,
		      const struct processors *processors, int log_directory, struct error *err);
/* Is anything done to it? */
bool interference_is_wanted(const struct interference *interference);
/* Safe on a zeroed one. 0, or the first failure. */
int interference_remove(struct interference *interference, struct ledger *ledger, struct error *err);

/* Quotas into effect, or out of it. And threads of a switch that is free: wherever it has put them. */
int interference_limit(struct testbed *testbed, bool limit, struct error *err);

/*
 * Throttling so far: list[0] of the switch, list[1 + i] of endpoint i; all 0 where there is no quota. 0, or
 * -errno.
 */
int interference_read(const struct interference *interference, struct cpu_throttling *list);
/* {"switch", "endpoints": [...]} between two readings, null where there is no quota. New reference. */
json_t *interference_between(const struct interference *interference, const struct cpu_throttling *begin,
			     const struct cpu_throttling *end);

/* {"of", "ways", "total"} of the cache; null where none is set apart. New reference. */
json_t *interference_cache(const struct interference *interference);
/* {"occupancy_bytes", "traffic_bytes"} between two readings, each null where it is not known. New reference. */
json_t *interference_cache_between(const struct cache_reading *begin, const struct cache_reading *end);

/* The limits that the kernel has: {"switch", "endpoints": [...]}; null where there is none. New reference. */
json_t *interference_quota(const struct interference *interference);

#endif
