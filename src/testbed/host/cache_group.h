/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways of the last-level cache for some processes alone, by the kernel's resctrl (its documentation:
 * filesystems/resctrl.rst; Intel's CAT and CMT, AMD's QoS): a group of tasks with a mask of ways in each domain, and the
 * complement of it for all others. What the group's tasks hold of the cache, and what they move to and from memory, is
 * read from its monitoring files. Needs root, and that file system mounted.
 */
#ifndef LB_TESTBED_HOST_CACHE_GROUP_H
#define LB_TESTBED_HOST_CACHE_GROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ledger/ledger.h"
#include "util/error.h"

#define CACHE_GROUP_ROOT "/sys/fs/resctrl"
#define CACHE_GROUP_PATH 256

struct cache_group {
	char root[128];     /* CACHE_GROUP_ROOT, or a tree of files */
	char path[CACHE_GROUP_PATH];
	unsigned ways, total;
	int entry, others;  /* ledger numbers, of the group and of what all others had; 0 = none */
};

/* Subject: path of a group. Undo: its tasks go back to all others. */
extern const struct ledger_kind cache_group_kind;
/* Subject: path of the file with the masks of all others; detail: what it had. Undo: so again. */
extern const struct ledger_kind cache_masks_kind;

/* Can `ways` ways be set apart? 0, or -errno with cause and remedy. Changes nothing. */
int cache_group_probe(const char *root, unsigned ways, struct error *err);

/* An empty group; `name`: unique on this machine. One at a time on a machine: -EBUSY. 0 or -errno. */
int cache_group_make(struct cache_group *group, const char *root, const char *name, struct ledger *ledger,
		     struct error *err);
/* Set the ways apart. 0 or -errno; cache_group_remove then, too. */
int cache_group_divide(struct cache_group *group, unsigned ways, struct ledger *ledger, struct error *err);
/* The process with all its threads. */
int cache_group_enter(const struct cache_group *group, pid_t pid, struct error *err);
/* Safe on a zeroed one. 0, or the first failure. */
int cache_group_remove(struct cache_group *group, struct ledger *ledger, struct error *err);

struct cache_reading {
	bool occupancy_known, traffic_known; /* does the processor monitor it? */
	uint64_t occupancy_bytes;            /* now, of all domains */
	uint64_t traffic_bytes;              /* to and from memory since the group was made */
};
void cache_group_read(const struct cache_group *group, struct cache_reading *reading);

#endif
