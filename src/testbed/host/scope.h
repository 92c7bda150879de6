/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where systemd manages the cgroups (v2), groups of ours are made below one that it hands over: a transient scope
 * with Delegate=yes, which lives as long as a process of ours does in it. So systemd neither moves nor removes
 * what is in there, and switches on the controllers itself.
 */
#ifndef LB_TESTBED_HOST_SCOPE_H
#define LB_TESTBED_HOST_SCOPE_H

#include <stdbool.h>

#include "ledger/ledger.h"
#include "system/process.h"
#include "testbed/host/cgroup.h"
#include "util/error.h"

struct scope {
	struct process keeper; /* sleeps in a leaf of it; its name is "lb-keep"; dies with lanebench */
	char path[192];        /* of its cgroup, where groups can be made; "" = there is no scope */
};

/* Are the cgroups of this hierarchy systemd's? */
bool scope_is_needed(const struct cgroup_hierarchy *hierarchy);

/*
 * Ask for one, NAME.scope; `name` is unique on this machine. Its controllers are still to be handed on (its
 * cgroup.subtree_control). Needs root, and systemd's message bus. 0, or -errno with cause and remedy.
 */
int scope_make(struct scope *scope, const struct cgroup_hierarchy *hierarchy, const char *name,
	       struct ledger *ledger, struct error *err);
/* With the last process in it the scope goes; systemd removes what is left of its cgroups. Safe on a zeroed one. */
void scope_drop(struct scope *scope);

#endif
