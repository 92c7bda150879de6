/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limits of the cgroups that this process is in (a container, a pod, a unit of systemd): its own and all above it
 * that can be seen from here, in cgroup v1 and v2; the tightest holds. Files after the kernel's
 * admin-guide/cgroup-v2.rst and cgroup-v1/.
 */
#ifndef LB_SYSTEM_CGROUP_LIMITS_H
#define LB_SYSTEM_CGROUP_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#define CGROUP_PATH_SIZE 384

struct cgroup_limit {
	uint64_t bytes;                /* UINT64_MAX = no limit */
	uint64_t left;                 /* of it, when it was read */
	char file[CGROUP_PATH_SIZE];   /* that sets it, "" = none */
};

struct cgroup_limits {
	double processors;             /* that a quota allows at once (0.5: half of one); 0 = no quota */
	char quota_file[CGROUP_PATH_SIZE];
	struct cgroup_limit memory;
	char cpuset[256];              /* list of processors, "" = not told */
};

/* Our own cgroup of v1's hierarchy with this controller. False: there is none, or it cannot be seen from here. */
bool cgroup_own_directory(const char *controller, char path[CGROUP_PATH_SIZE]);

/* `root`: in front of /proc and of the paths of mounts; "" but in tests. */
void cgroup_limits_read(const char *root, struct cgroup_limits *limits);
/* On hugepages of so many KB each. */
void cgroup_hugepages_read(const char *root, uint32_t page_kb, struct cgroup_limit *limit);

/* Of all groups with a quota, since they were made, added. */
struct cgroup_throttling {
	uint64_t periods;              /* in which something wanted to run */
	uint64_t throttled;            /* of these: in which the quota was used up */
	uint64_t throttled_ns;         /* each processor's added */
};
void cgroup_throttling_read(const char *root, struct cgroup_throttling *throttling);

#endif
