/* SPDX-License-Identifier: Apache-2.0 */
/* Network interfaces of a testbed's containers, once the switch has made them. */
#ifndef LB_TESTBED_INTERFACES_H
#define LB_TESTBED_INTERFACES_H

#include <stdbool.h>

#include "testbed/switch/switch.h"
#include "topology/topology.h"
#include "util/error.h"

/* Between the steps of bringing up a testbed: 0, or -EINTR where *cancel (may be NULL) became nonzero. */
int interfaces_cancelled(const volatile int *cancel, struct error *err);

/*
 * All ports up, with IP addresses and neighbours if `addresses`; waits until they carry frames. *cancel nonzero ends it
 * with -EINTR. 0 or -errno.
 */
int interfaces_up(const struct topology *topology, const struct switch_port *ports, bool addresses,
		  const volatile int *cancel, struct error *err);

#endif
