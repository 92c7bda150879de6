/* SPDX-License-Identifier: Apache-2.0 */
/* Network interfaces of a testbed's containers, once the switch has made them. */
#ifndef LB_TESTBED_INTERFACES_H
#define LB_TESTBED_INTERFACES_H

#include "testbed/testbed.h"

/*
 * All ports up, with IP addresses and neighbours if `addresses`; waits until they carry frames. *cancel nonzero ends it
 * with -EINTR. 0 or -errno.
 */
int interfaces_up(const struct testbed *testbed, bool addresses, const volatile int *cancel, struct error *err);

#endif
