/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the endpoints' results to the figures of a trial (results/record.h). Pure but for allocation.
 *
 * Definitions (docs/methodology.md):
 *   offered_pps    packets that the port accepted / length of the measured window
 *   forwarded_pps  those of them that arrived intact, at any time until the drain ended / the same length
 *   lost           sent - arrived in any form; loss_ratio = lost / sent (0 when nothing was sent)
 * A packet is "of the window" by its test id, given by the sender, never by when it arrived. `pairs` has an object for
 * each flow of the topology, in its order.
 */
#ifndef LB_TRIAL_OUTCOME_H
#define LB_TRIAL_OUTCOME_H

#include <jansson.h>
#include <stdbool.h>

#include "suite/suite.h"
#include "topology/topology.h"
#include "trial/ends.h"

#define OFFERED_WARN 0.001 /* offered load off the intended one by more than this: a flag */
#define OFFERED_OFF 0.01
#define LATE 0.01          /* share of the window that an endpoint may miss at its beginning ... */
#define LATE_LEAST_NS 2e6  /* ... or this, if it is more, ... */
#define LATE_SHARED_NS 10e6 /* ... or this, where endpoints take turns on a processor: some time slices */
#define DISTURBED 0.01     /* share of the window in which an endpoint may stand still without a flag */

struct outcome {
	json_t *trial;        /* tx, rx, latency, cpu.endpoints, steady, samples, pairs, hops; new reference */
	bool offered_warn, offered_off; /* some sender's offered load is off */
	bool disturbed;       /* some endpoint stood still for more than DISTURBED of the window */
	bool clock;           /* a packet arrived before it was sent */
	bool unstable;        /* what arrived changed from second to second (measure/steady.h) */
	bool nothing_sent;    /* some sender's port accepted no packet of the measured window */
	bool late_start;      /* some endpoint began later than LATE of the measured window */
};

/* `ends`: one for each node of the topology, whose results fit its part in it. 0 or -ENOMEM. */
int outcome_make(struct outcome *outcome, const struct test *test, const struct topology *topology,
		 const struct outcome_end *ends);

#endif
