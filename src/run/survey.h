/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the machine does by itself, before the first testbed of a run: its idle baseline (trial/baseline.h),
 * then the noise of the processors that the tests will use (testbed/host/noise.h). Takes about 0.7 s.
 */
#ifndef LB_RUN_SURVEY_H
#define LB_RUN_SURVEY_H

#include <jansson.h>

#include "measure/clock.h"
#include "suite/suite.h"
#include "trial/baseline.h"
#include "util/error.h"

#define SURVEY_BASELINE_NS UINT64_C(500000000)
#define SURVEY_NOISE_NS UINT64_C(200000000)

/*
 * Fills in the baseline, and appends {started, baseline, processors, reason} to `surveys`: run.json's
 * `noise`. What could not be measured is no failure: it is null, and `reason` says why. 0, or -EINTR when
 * *cancel became nonzero. The run's ledger is open.
 */
int survey_make(const struct suite *suite, const struct clock_scale *clock, const volatile int *cancel,
		struct baseline *baseline, json_t *surveys, struct error *err);

/*
 * The noise of all usable processors at the same time, for a second. *noise (new reference): as noise_json makes it. 0 or
 * -errno. `environment` has its `processor`.
 */
int survey_usable(const json_t *environment, json_t **noise, struct error *err);

#endif
