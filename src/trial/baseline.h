/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the machine does by itself: processor time and energy without a testbed, measured once before the
 * first one. It is what others do, daemons and kernel threads, and no part of what a test costs. (Not with
 * the testbed up and silent: a switch that polls does so then, too, and that is a cost of it.)
 */
#ifndef LB_TRIAL_BASELINE_H
#define LB_TRIAL_BASELINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "trial/cpu_time.h"
#include "util/error.h"

struct baseline {
	bool known;             /* false: not measured; `reason` says why */
	const char *reason;     /* a constant */
	double window_s;
	double busy[CPU_KINDS]; /* processors that each kind of time took, on average, machine as a whole */
	double watts;           /* NAN = not known */
};

/* Sleeps for span_ns. 0, -EINTR when *cancel became nonzero (it may be NULL), or -errno. */
int baseline_measure(struct baseline *baseline, uint64_t span_ns, const volatile int *cancel, struct error *err);

/*
 * {window_s, busy, user, nice, system, irq, softirq (processors), watts}; null if it is not known. New
 * reference.
 */
json_t *baseline_json(const struct baseline *baseline);

/*
 * What the machine did between two readings beyond the baseline: {busy, user, nice, system, irq, softirq},
 * processors, none below 0. *busy has that figure, too. null, and NAN, where the baseline is not known. New
 * reference.
 */
json_t *baseline_subtract(const struct baseline *baseline, const struct cpu_time *begin, const struct cpu_time *end,
			  double *busy);

#endif
