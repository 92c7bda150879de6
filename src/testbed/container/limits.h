/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the programs in a container may take of the host: a cgroup of their own, in each hierarchy (v1 or v2) that
 * has a controller for it, into which a program comes before it does anything else, and in which everything that
 * it forks stays. They end as one, whatever became of who started them.
 */
#ifndef LB_TESTBED_CONTAINER_LIMITS_H
#define LB_TESTBED_CONTAINER_LIMITS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger/ledger.h"
#include "util/error.h"

/* Far above what endpoints need: threads of DPDK's own, and a share of libraries and histograms. */
#define CONTAINER_PROCESSES 128u
#define CONTAINER_MEGABYTES 256u

struct container_limits {
	unsigned processes;        /* and threads; 0 = CONTAINER_PROCESSES */
	uint32_t packet_megabytes; /* memory for packets, beside CONTAINER_MEGABYTES */
	const char *cpuset;        /* list of the processors that they may use ("2-5,8"); NULL = any; stays as long as the group */
};

#define CONTAINER_CONTROLLERS 3

struct container_group {
	int entry;                              /* ledger number; 0 = there is none: no root, or no cgroups */
	/* Of each controller: its cgroup, which they may have in common; "" = there is none. */
	char path[CONTAINER_CONTROLLERS][320];
	bool unified[CONTAINER_CONTROLLERS];
	struct container_limits limits;
};

/*
 * `name`: unique on this machine. Where this user can make no cgroup, or there is no such controller, there is no
 * such limit: container_group_effective says so. 0, or -errno where a limit cannot be set that there is.
 */
int container_group_make(struct container_group *group, const char *name, const struct container_limits *limits,
			 struct ledger *ledger, struct error *err);
/* The calling process goes in: a child between fork and exec. 0 or -errno. */
int container_group_enter(const struct container_group *group);
/*
 * cgroup v2, where a process is in one cgroup alone: the same limits for the cgroup of v2 at `path`, into which its
 * processes are about to be moved. Does nothing where they stay in this one, too. 0 or -errno.
 */
int container_group_follow(const struct container_group *group, const char *path, struct error *err);
/* Kills what is left in it. Safe on a zeroed one. 0, or -errno: then the ledger keeps it for later. */
int container_group_remove(struct container_group *group, struct ledger *ledger, struct error *err);

/* Limits as the kernel has them: {"processes", "megabytes", "cpuset"}, each null where there is none. New reference. */
json_t *container_group_effective(const struct container_group *group);

#endif
