/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often, and for how long, the machine takes a processor away from a thread that does nothing but look at
 * the clock: ticks, interrupts, other threads, firmware, a hypervisor. What sysjitter and hwlatdetect do,
 * here at the priority that endpoints have. Each gap between two looks that is longer than a threshold is an
 * interruption.
 *
 * All processors are measured at the same time, as they are used at the same time. They are fully busy for
 * the time of the measurement.
 */
#ifndef LB_TESTBED_HOST_NOISE_H
#define LB_TESTBED_HOST_NOISE_H

#include <jansson.h>
#include <stdint.h>

#include "measure/clock.h"
#include "util/error.h"

struct noise {
	int processor;
	uint64_t span_ns;      /* measured for so long */
	uint64_t loop_ns;      /* between two looks, undisturbed: the shortest seen at the start */
	uint64_t threshold_ns; /* what is longer than this counts: 1 us, or 20 loops if that is more */
	uint64_t gaps;
	double lost_ratio;     /* time in gaps / span */
	uint64_t p50_ns, p99_ns, max_ns; /* of the gaps; 0 without any */
};

/*
 * Fill in noise[i] for processors[i]. 0; -EINTR when *cancel (may be NULL) became nonzero; or -errno: a
 * processor that this process may not use.
 */
int noise_measure(struct noise *noise, const int *processors, unsigned count, uint64_t span_ns,
		  const struct clock_scale *clock, const volatile int *cancel, struct error *err);

/*
 * {"0": {span_s, loop_ns, threshold_ns, gaps, gaps_per_s, lost_ratio, p50_ns, p99_ns, max_ns}, ...}. New
 * reference.
 */
json_t *noise_json(const struct noise *noise, unsigned count);

#endif
