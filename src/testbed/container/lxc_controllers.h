/* SPDX-License-Identifier: Apache-2.0 */
/* The one thing of the host's that liblxc changes, and would leave so. We do it before, and undo it. */
#ifndef LB_TESTBED_CONTAINER_LXC_CONTROLLERS_H
#define LB_TESTBED_CONTAINER_LXC_CONTROLLERS_H

#include "ledger/ledger.h"

/*
 * Where cgroup v2 is alone, liblxc switches on every controller for the cgroups below the one that its
 * own are made in: mostly the root.
 */
void lxc_controllers_switch_on(struct ledger *ledger);

#endif
