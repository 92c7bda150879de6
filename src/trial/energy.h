/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Energy that the processors' packages took, as they themselves count it (RAPL: Intel's Running Average Power
 * Limit, and AMD's of the same interface), read from the powercap class of sysfs. Whole packages, with their
 * idle cores and caches; memory and the rest of the machine are not in it.
 *
 * Their counters wrap around, on large machines within minutes: whoever measures for longer calls
 * energy_watch more often than that.
 */
#ifndef LB_TRIAL_ENERGY_H
#define LB_TRIAL_ENERGY_H

#include <jansson.h>
#include <stdint.h>

#include "util/error.h"

#define ENERGY_ROOT "/sys/class/powercap"
#define ENERGY_PACKAGES_MAX 16

struct energy {
	struct energy_package {
		char path[96], name[32]; /* of its counter; "package-0" */
		uint64_t range_uj;       /* the counter's largest value */
		uint64_t last_uj;
		double sum_uj;           /* since energy_begin */
	} package[ENERGY_PACKAGES_MAX];
	unsigned count;
	uint64_t begin_ns, last_ns;      /* CLOCK_MONOTONIC */
};

/*
 * Find the packages. -errno where the machine has none or does not let us read them; err says so for the
 * record.
 */
int energy_open(struct energy *energy, struct error *err);

/* 0 or -errno: a counter cannot be read any more. */
int energy_begin(struct energy *energy);
int energy_watch(struct energy *energy); /* between; reads the counters at most once a second */
int energy_end(struct energy *energy);

/* From energy_begin to energy_end. */
double energy_joules(const struct energy *energy);
double energy_watts(const struct energy *energy); /* NAN for no time */
/* {joules, watts, packages: {"package-0": joules}}. New reference. */
json_t *energy_json(const struct energy *energy);

#endif
