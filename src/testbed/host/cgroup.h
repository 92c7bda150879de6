/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cgroups by name alone, wherever they are: every mounted hierarchy, v1 and v2, at any depth. For cleaning
 * up; who makes them (a runtime's library) gives them names that are unique on this machine.
 */
#ifndef LB_TESTBED_HOST_CGROUP_H
#define LB_TESTBED_HOST_CGROUP_H

#include <sys/types.h>

#include "util/error.h"

/*
 * Kill every process in the cgroups called `name`, and in those below them, and remove them. Waits for the
 * processes up to timeout_ms. Returns how many cgroups were removed, or -errno with err.
 */
int cgroup_remove(const char *name, int timeout_ms, struct error *err);

/* Is any cgroup file system mounted where cgroups can be made? 0, or -errno with cause and remedy. */
int cgroup_probe(struct error *err);

#endif
