/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a packet costs: rates of processor time, cycles and energy over the rate of packets that arrived
 * (docs/methodology.md, "Cost of a packet"). Pure.
 */
#ifndef LB_TRIAL_COST_H
#define LB_TRIAL_COST_H

#include <jansson.h>

/* NAN: not known. Averages over the measured window, of each its own reading of it. */
struct cost_rates {
	double forwarded_pps;
	double machine;              /* busy processors, net of the baseline */
	double endpoints;            /* of these */
	double vswitch;              /* of these; 0 where the switch has no processes of its own */
	double cycles, instructions; /* a second, on the processors in use */
	double watts;                /* net of the baseline */
};

/*
 * {packet_ns, endpoints_ns, switch_ns, rest_ns, pps_per_processor, packet_cycles, packet_instructions,
 * packet_nj}; null for each that is not known, and all of them where no packet arrived. *why is NULL, or says
 * what of it is missing for a reason that is to be told: no packets; or others ran before the test, and gave
 * way to it, so that the machine seems to have spent less on it than endpoints and switch are known to. New
 * reference.
 */
json_t *cost_json(const struct cost_rates *rates, const char **why);

#endif
