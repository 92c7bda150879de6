/* SPDX-License-Identifier: Apache-2.0 */
#include "system/resources.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>

static const struct {
	int resource;
	const char *what, *option; /* of the shell's ulimit */
	rlim_t unit;               /* of that option */
	rlim_t need, want;
} limits[] = {
	/* Some ten a pair of containers. Not more than is useful: some programs try to close all that there may be. */
	{ RLIMIT_NOFILE, "open files", "n", 1, 256, 65536 },
	/* liblxc, hwloc and our reports keep buffers of some ten kilobytes there. */
	{ RLIMIT_STACK, "the stack", "s", 1024, 1 << 20, 8 << 20 },
	/* A container has one process or two, a switch as many. */
	{ RLIMIT_NPROC, "processes", "u", 1, 64, 4096 },
};

/* RLIM_INFINITY is the largest number, so that the comparisons hold for it. */
static int raise_one(size_t i, struct error *err)
{
	struct rlimit limit, more;
	char remedy[200];

	if (getrlimit(limits[i].resource, &limit) || limit.rlim_cur >= limits[i].want)
		return 0;
	more = limit;
	more.rlim_cur = limits[i].want;
	if (more.rlim_max < more.rlim_cur)
		more.rlim_max = more.rlim_cur;
	if (!setrlimit(limits[i].resource, &more))
		return 0;
	/* Who may not raise the upper limit can go up to it. */
	limit.rlim_cur = limit.rlim_max < limits[i].want ? limit.rlim_max : limits[i].want;
	setrlimit(limits[i].resource, &limit);
	if (limit.rlim_cur >= limits[i].need)
		return 0;
	snprintf(remedy, sizeof(remedy), "run it as root, or raise the limit: ulimit -%s %llu, limits.conf(5), or the "
		 "settings Limit... of a unit of systemd", limits[i].option,
		 (unsigned long long)(limits[i].want / limits[i].unit));
	return error_set(err, EPERM, remedy, "the limit on %s is %llu (ulimit -%s); %llu are needed", limits[i].what,
			 (unsigned long long)(limit.rlim_cur / limits[i].unit), limits[i].option,
			 (unsigned long long)(limits[i].need / limits[i].unit));
}

int resources_raise(struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]) && !rc; i++)
		rc = raise_one(i, err);
	return rc;
}
