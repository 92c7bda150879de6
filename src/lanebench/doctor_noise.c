/* SPDX-License-Identifier: Apache-2.0 */
#include "lanebench/doctor_noise.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "measure/clock.h"
#include "testbed/host/noise.h"
#include "testbed/host/processors.h"
#include "util/list.h"

#define CALIBRATION_NS 50000000
#define SPAN_NS UINT64_C(1000000000)

int doctor_noise(const json_t *environment, json_t **noise, struct error *err)
{
	const char *usable = json_string_value(json_object_get(json_object_get(environment, "processor"), "usable"));
	struct noise *measured = calloc(PROCESSORS_MAX, sizeof(*measured));
	int list[PROCESSORS_MAX], count = list_parse(usable ? usable : "", list, PROCESSORS_MAX, err);
	struct clock_scale clock;
	const char *why;
	int result = count < 0 ? count : 0;

	*noise = NULL;
	clock_calibrate(&clock, CALIBRATION_NS, &why);
	if (!measured)
		result = error_errno(err, ENOMEM, NULL, "cannot measure the noise of the processors");
	if (!result)
		result = noise_measure(measured, list, (unsigned)count, SPAN_NS, &clock, NULL, err);
	if (!result)
		*noise = noise_json(measured, (unsigned)count);
	free(measured);
	return result;
}

static double number_of(const json_t *processor, const char *field)
{
	return json_number_value(json_object_get(processor, field));
}

void doctor_noise_print(json_t *noise)
{
	const char *number;
	json_t *n;

	printf("\nNoise (interruptions of a thread that only looks at the clock; all processors at once)\n"
	       "  processor   lost %%     per s    p50 us    p99 us    max us\n");
	json_object_foreach(noise, number, n)
		printf("  %9s %8.3f %9.0f %9.1f %9.1f %9.1f\n", number, 100 * number_of(n, "lost_ratio"),
		       number_of(n, "gaps_per_s"), number_of(n, "p50_ns") / 1e3, number_of(n, "p99_ns") / 1e3,
		       number_of(n, "max_ns") / 1e3);
	printf("      Each tick of the kernel is one (CONFIG_HZ a second; nohz_full= lets them be). Longer and\n"
	       "      irregular ones are other threads, interrupts of devices (/proc/interrupts), firmware, or a\n"
	       "      hypervisor: isolcpus=, irqaffinity= and nohz_full= at boot keep the first three away.\n");
}
