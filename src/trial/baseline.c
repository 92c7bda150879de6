/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/baseline.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "measure/clock.h"
#include "trial/energy.h"

/* 0, or -EINTR when *cancel became nonzero. */
static int sleep_until(uint64_t end_ns, const volatile int *cancel)
{
	const struct timespec end = { .tv_sec = (time_t)(end_ns / 1000000000), .tv_nsec = (long)(end_ns % 1000000000) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR)
		if (cancel && *cancel)
			return -EINTR;
	return cancel && *cancel ? -EINTR : 0;
}

/* Processors that each kind of time took on average. */
static void busy_between(const struct cpu_time *begin, const struct cpu_time *end, double busy[CPU_KINDS])
{
	double window = (double)(end->taken_ns - begin->taken_ns) / 1e9;

	for (int kind = 0; kind < CPU_KINDS; kind++)
		busy[kind] = fmax(0, end->machine[kind] - begin->machine[kind]) / window;
}

static double busy_sum(const double busy[CPU_KINDS])
{
	return busy[CPU_USER] + busy[CPU_NICE] + busy[CPU_SYSTEM] + busy[CPU_IRQ] + busy[CPU_SOFTIRQ];
}

static json_t *busy_json(double sum, const double busy[CPU_KINDS])
{
	return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f}", "busy", sum, "user", busy[CPU_USER], "nice", busy[CPU_NICE],
			 "system", busy[CPU_SYSTEM], "irq", busy[CPU_IRQ], "softirq", busy[CPU_SOFTIRQ]);
}

static void baseline_fill(struct baseline *baseline, const struct cpu_time *begin, const struct cpu_time *end)
{
	baseline->window_s = (double)(end->taken_ns - begin->taken_ns) / 1e9;
	busy_between(begin, end, baseline->busy);
	baseline->known = true;
}

int baseline_measure(struct baseline *baseline, uint64_t span_ns, const volatile int *cancel, struct error *err)
{
	struct cpu_time *begin = calloc(2, sizeof(*begin)), *end = begin ? begin + 1 : NULL;
	struct energy energy;
	bool powered;
	int result;

	memset(baseline, 0, sizeof(*baseline));
	baseline->watts = NAN;
	if (!begin)
		return error_errno(err, ENOMEM, NULL, "cannot measure the idle machine");
	powered = energy_open(&energy, NULL) == 0 && energy_begin(&energy) == 0;
	result = cpu_time_read(begin, err);
	if (!result) {
		result = sleep_until(begin->taken_ns + span_ns, cancel);
		if (result)
			error_set(err, -result, NULL, "interrupted");
	}
	if (!result)
		result = cpu_time_read(end, err);
	if (!result) {
		baseline_fill(baseline, begin, end);
		if (powered && energy_end(&energy) == 0)
			baseline->watts = energy_watts(&energy);
	}
	free(begin);
	return result;
}

json_t *baseline_json(const struct baseline *baseline)
{
	json_t *json;

	if (!baseline->known)
		return json_null();
	json = busy_json(busy_sum(baseline->busy), baseline->busy);
	json_object_set_new(json, "window_s", json_real(baseline->window_s));
	json_object_set_new(json, "watts", isfinite(baseline->watts) ? json_real(baseline->watts) : json_null());
	return json;
}

/*
 * Of the sum, not the sum of the differences: were each kind cut off at 0 first, what the kinds fluctuate by
 * would add up to a cost.
 */
json_t *baseline_subtract(const struct baseline *baseline, const struct cpu_time *begin, const struct cpu_time *end,
			  double *busy)
{
	double net[CPU_KINDS];

	*busy = NAN;
	if (!baseline->known || end->taken_ns <= begin->taken_ns)
		return json_null();
	busy_between(begin, end, net);
	*busy = fmax(0, busy_sum(net) - busy_sum(baseline->busy));
	for (int kind = 0; kind < CPU_KINDS; kind++)
		net[kind] = fmax(0, net[kind] - baseline->busy[kind]);
	return busy_json(*busy, net);
}
