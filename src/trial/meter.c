/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/meter.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trial/interrupts.h"

enum { EVENT_CYCLES, EVENT_INSTRUCTIONS, EVENTS }; /* as in counters_hardware */

static void meter_add_processor(struct meter *meter, int processor)
{
	for (unsigned i = 0; i < meter->count; i++)
		if (meter->processors[i] == processor)
			return;
	if (processor >= 0 && processor < CPU_PROCESSORS_MAX)
		meter->processors[meter->count++] = processor;
}

int meter_open(struct meter *meter, const struct testbed *testbed, struct error *err)
{
	const struct placement *placement = &testbed->placement;

	memset(meter, 0, sizeof(*meter));
	meter->baseline.reason = "it was not measured";
	meter->processors = calloc(testbed->count + placement->switch_threads + 1, sizeof(*meter->processors));
	if (!meter->processors)
		return error_errno(err, ENOMEM, NULL, "cannot meter the testbed");
	for (unsigned i = 0; i < testbed->count; i++)
		meter_add_processor(meter, testbed->endpoints[i].processor);
	for (unsigned i = 0; i < placement->switch_threads; i++)
		meter_add_processor(meter, placement->switch_thread[i]);
	if (meter->count)
		counters_open(&meter->counters, counters_hardware, EVENTS, meter->processors, meter->count,
			      &meter->counters_why);
	else
		error_set(&meter->counters_why, ENODEV, NULL, "no endpoint is bound to a processor");
	energy_open(&meter->energy, &meter->energy_why);
	return 0;
}

static void forget(json_t **readings)
{
	json_decref(readings[0]);
	json_decref(readings[1]);
	readings[0] = readings[1] = NULL;
}

void meter_close(struct meter *meter)
{
	counters_close(meter->counters);
	forget(meter->interrupts);
	forget(meter->softirqs);
	free(meter->processors);
	memset(meter, 0, sizeof(*meter));
}

static void meter_read_interrupts(struct meter *meter, int which)
{
	meter->interrupts[which] = interrupts_read(INTERRUPTS_HARD, meter->processors, meter->count);
	meter->softirqs[which] = interrupts_read(INTERRUPTS_SOFT, meter->processors, meter->count);
}

void meter_begin(struct meter *meter)
{
	forget(meter->interrupts);
	forget(meter->softirqs);
	meter->counted = meter->counters && counters_begin(meter->counters) == 0;
	meter->powered = meter->energy.count && energy_begin(&meter->energy) == 0;
	meter_read_interrupts(meter, 0);
}

void meter_watch(struct meter *meter)
{
	meter->powered = meter->powered && energy_watch(&meter->energy) == 0;
}

void meter_end(struct meter *meter)
{
	meter->counted = meter->counted && counters_end(meter->counters) == 0;
	meter->powered = meter->powered && energy_end(&meter->energy) == 0;
	meter_read_interrupts(meter, 1);
}

/* ---- for the record ------------------------------------------------------------------------------------ */

/*
 * Each processor's counts, and the sum of their rates. -ENODATA where one had no turn: others hold its
 * counters.
 */
static int meter_read_counters(const struct meter *meter, json_t *processors, double rate[EVENTS])
{
	for (unsigned i = 0; i < meter->count; i++) {
		struct counter_reading reading;
		char key[16];

		if (counters_read(meter->counters, i, &reading) || !(reading.running > 0))
			return -ENODATA;
		for (int e = 0; e < EVENTS; e++)
			rate[e] += (double)reading.value[e] / reading.seconds;
		snprintf(key, sizeof(key), "%d", meter->processors[i]);
		json_object_set_new(processors, key, json_pack("{s:I, s:I, s:f}",
				    "cycles", (json_int_t)reading.value[EVENT_CYCLES],
				    "instructions", (json_int_t)reading.value[EVENT_INSTRUCTIONS],
				    "running_ratio", reading.running));
	}
	return 0;
}

static json_t *meter_counters(const struct meter *meter, struct meter_rates *rates, const char **why)
{
	double rate[EVENTS] = { 0 };
	json_t *processors;

	if (!meter->counted) {
		*why = meter->counters ? "the counters could not be switched on and off" : meter->counters_why.cause;
		return json_null();
	}
	processors = json_object();
	if (meter_read_counters(meter, processors, rate)) {
		*why = "others have the counters of a processor for themselves";
		json_decref(processors);
		return json_null();
	}
	rates->cycles = rate[EVENT_CYCLES];
	rates->instructions = rate[EVENT_INSTRUCTIONS];
	return processors;
}

static json_t *meter_energy(const struct meter *meter, struct meter_rates *rates, const char **why)
{
	double watts;

	if (!meter->powered) {
		*why = meter->energy.count ? "the counter of energy could not be read" : meter->energy_why.cause;
		return json_null();
	}
	watts = energy_watts(&meter->energy) - meter->baseline.watts;
	rates->watts = watts < 0 ? 0 : watts;
	return energy_json(&meter->energy);
}

static void missing_add(json_t *missing, const char *what, const char *why)
{
	if (why)
		json_object_set_new(missing, what, json_string(why));
}

void meter_add(const struct meter *meter, json_t *cpu, struct meter_rates *rates)
{
	const char *counters_why = NULL, *energy_why = NULL;
	json_t *missing = json_object();

	*rates = (struct meter_rates){ NAN, NAN, NAN };
	json_object_set_new(cpu, "baseline", baseline_json(&meter->baseline));
	json_object_set_new(cpu, "counters", meter_counters(meter, rates, &counters_why));
	json_object_set_new(cpu, "energy", meter_energy(meter, rates, &energy_why));
	json_object_set_new(cpu, "interrupts", interrupts_between(meter->interrupts[0], meter->interrupts[1]));
	json_object_set_new(cpu, "softirqs", interrupts_between(meter->softirqs[0], meter->softirqs[1]));
	missing_add(missing, "baseline", meter->baseline.known ? NULL : meter->baseline.reason);
	missing_add(missing, "counters", counters_why);
	missing_add(missing, "energy", energy_why);
	json_object_set_new(cpu, "missing", missing);
}
