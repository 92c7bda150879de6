/* SPDX-License-Identifier: Apache-2.0 */
/* The one thing of the host's that liblxc changes, and would leave so. */
#ifndef LB_TESTBED_CONTAINER_LXC_CONTROLLERS_H
#define LB_TESTBED_CONTAINER_LXC_CONTROLLERS_H

#include "ledger/ledger.h"
#include "util/error.h"

/*
 * Where cgroup v2 is alone, liblxc switches on every controller for the cgroups below the one that its
 * own are made in: mostly the root. Write those into the ledger that are off now. 0 or -errno.
 */
int lxc_controllers_note(struct ledger *ledger, struct error *err);

#endif
