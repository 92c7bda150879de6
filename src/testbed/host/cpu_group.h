/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cgroup of lanebench's own for processes whose processor time is to be limited or told apart: where
 * cgroup_find_base says, or in a scope of its own where systemd has the cgroups. It has the same weight as if each of
 * its threads were alone: a group takes nothing from, and gives nothing to, others on the same processor.
 * Needs root.
 */
#ifndef LB_TESTBED_HOST_CPU_GROUP_H
#define LB_TESTBED_HOST_CPU_GROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ledger/ledger.h"
#include "testbed/host/scope.h"
#include "util/error.h"

#define CPU_GROUP_PERIOD_US 100000 /* the kernel's default, and that of container runtimes */

struct cpu_group {
	char path[256];
	bool unified;     /* cgroup v2 */
	int entry;        /* ledger number; 0 = there is no group */
	struct scope scope; /* that it is in, where systemd has the cgroups */
};

/* Since the group was made; all 0 while it has never been limited. */
struct cpu_throttling {
	uint64_t periods;       /* in which it had something to run */
	uint64_t throttled;     /* of these: in which it had used up its quota */
	uint64_t throttled_ns;  /* that it was kept from running, each processor's added */
};

/* Can this user make one here? 0, or -errno with cause and remedy. */
int cpu_group_probe(struct error *err);

/* `name`: unique on this machine; `threads`: that will run in it. No limit yet. 0 or -errno. */
int cpu_group_make(struct cpu_group *group, const char *name, unsigned threads, struct ledger *ledger,
		   struct error *err);
/* Kills what is left in it. Safe on a zeroed one. 0, or -errno: then the ledger keeps it for later. */
int cpu_group_remove(struct cpu_group *group, struct ledger *ledger, struct error *err);

/* The process goes in with all its threads, and whatever it forks from now on. */
int cpu_group_enter(const struct cpu_group *group, pid_t pid, struct error *err);

/* How many processes are in it. */
unsigned cpu_group_count(const struct cpu_group *group);

/* Processor time of so many processors (0.125: an eighth of one) and no more, in each period; 0 = no limit. */
int cpu_group_limit(const struct cpu_group *group, double processors, struct error *err);
/* What the kernel has: microseconds a period; quota_us 0 = no limit. 0 or -errno. */
int cpu_group_read_limit(const struct cpu_group *group, uint64_t *quota_us, uint64_t *period_us);
int cpu_group_read_throttling(const struct cpu_group *group, struct cpu_throttling *throttling);

#endif
