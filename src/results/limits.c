/* SPDX-License-Identifier: Apache-2.0 */
/* What limits this run from outside: the cgroups that it was started in, and how the scheduler sees it. */
#include <errno.h>
#include <sched.h>
#include <sys/resource.h>

#include "results/internal.h"
#include "system/cgroup_limits.h"

static json_t *bytes_json(const struct cgroup_limit *limit)
{
	return limit->bytes == UINT64_MAX ? json_null() :
	       json_pack("{s:I, s:I, s:s}", "bytes", (json_int_t)limit->bytes, "left", (json_int_t)limit->left, "file",
			 limit->file);
}

static json_t *scheduling_json(void)
{
	static const struct { int policy; const char *name; } policies[] = {
		{ SCHED_OTHER, "other" }, { SCHED_FIFO, "fifo" }, { SCHED_RR, "rr" }, { SCHED_BATCH, "batch" },
		{ SCHED_IDLE, "idle" },
	};
	int policy = sched_getscheduler(0);

	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++)
		if (policies[i].policy == (policy & ~SCHED_RESET_ON_FORK))
			return json_string(policies[i].name);
	return json_null();
}

static json_t *nice_json(void)
{
	int nice;

	errno = 0;
	nice = getpriority(PRIO_PROCESS, 0);
	return errno ? json_null() : json_integer(nice);
}

static json_t *hugepages_json(uint32_t page_kb)
{
	struct cgroup_limit limit;

	cgroup_hugepages_read("", page_kb, &limit);
	return bytes_json(&limit);
}

json_t *limits_json(void)
{
	struct cgroup_limits limits;
	bool quota;

	cgroup_limits_read("", &limits);
	quota = limits.processors > 0;
	return json_pack("{s:o, s:o, s:o, s:{s:o, s:o}, s:s, s:o, s:o}",
			 "processors", quota ? json_real(limits.processors) : json_null(),
			 "quota_file", quota ? json_string(limits.quota_file) : json_null(),
			 "memory", bytes_json(&limits.memory),
			 "hugepages", "2048", hugepages_json(2048), "1048576", hugepages_json(1048576),
			 "cpuset", limits.cpuset, "nice", nice_json(), "scheduling", scheduling_json());
}
