/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of processors.h as a pure function of a description of the machine. */
#ifndef LB_TESTBED_HOST_PLACEMENT_H
#define LB_TESTBED_HOST_PLACEMENT_H

#include <stdbool.h>

#include "testbed/host/processors.h"

struct processor {
	int os;          /* the kernel's number */
	int core, node;  /* numbered over the whole machine */
	bool isolated;
	bool first_core; /* a thread of the machine's first core */
	bool held;       /* by another run */
};

/*
 * Fills the placement (to be freed by placement_free): 0, -EINVAL without processors or endpoints, -ENOMEM.
 */
int placement_choose(const struct processor *processors, unsigned count, unsigned endpoints,
		     unsigned switch_threads, struct placement *placement);

#endif
