/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is read of the machine beside processor time when the measured window begins and ends: event counters,
 * energy, interrupts, of the processors that a testbed's endpoints and its switch's threads run on. What a
 * machine does not have is null in the record, and `missing` there says why.
 */
#ifndef LB_TRIAL_METER_H
#define LB_TRIAL_METER_H

#include <jansson.h>
#include <stdbool.h>

#include "testbed/testbed.h"
#include "trial/baseline.h"
#include "trial/counters.h"
#include "trial/energy.h"
#include "util/error.h"

struct meter {
	int *processors;             /* each once, in the order of endpoints and switch threads */
	unsigned count;
	struct baseline baseline;
	struct counters *counters;   /* NULL: not available; counters_why says why */
	struct energy energy;        /* count 0: not available */
	struct error counters_why, energy_why;
	bool counted, powered;       /* begun and ended without failure */
	json_t *interrupts[2], *softirqs[2]; /* at the beginning and the end */
};

int meter_open(struct meter *meter, const struct testbed *testbed, struct error *err); /* 0 or -ENOMEM */
void meter_close(struct meter *meter);

void meter_begin(struct meter *meter);
void meter_watch(struct meter *meter); /* now and then in between */
void meter_end(struct meter *meter);

/* What one trial gave. */
struct meter_rates {
	double cycles, instructions; /* a second, all processors in use together; NAN = not known */
	double watts;                /* net of the baseline; NAN = not known */
};

/* Adds baseline, counters, energy, interrupts, softirqs and missing to the trial's `cpu`. */
void meter_add(const struct meter *meter, json_t *cpu, struct meter_rates *rates);

#endif
