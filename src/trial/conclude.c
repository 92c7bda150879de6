/* SPDX-License-Identifier: Apache-2.0 */
/* From the endpoints' answers to the trial object of the record. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "trial/cost.h"
#include "trial/outcome.h"
#include "trial/running.h"

#define SPAN_OFF 0.05         /* share of the window by which processor times may be read over another one, ... */
#define SPAN_OFF_LEAST_S 0.05 /* ... or this, where it is more: processors that are busy wake late */

static double cpu_number(json_t *cpu, const char *of, const char *field)
{
	const json_t *value = json_object_get(json_object_get(cpu, of), field);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static double endpoints_busy(const json_t *cpu)
{
	const json_t *endpoints = json_object_get(cpu, "endpoints");
	double sum = 0;

	for (size_t i = 0; i < json_array_size(endpoints); i++) {
		const json_t *busy = json_object_get(json_array_get(endpoints, i), "busy");

		sum += json_is_number(busy) ? json_number_value(busy) : NAN;
	}
	return sum;
}

/* What a meter read over another span is no figure of this trial. */
static void forget_metered(json_t *cpu, const char *why)
{
	static const char *const fields[] = { "counters", "energy", "interrupts", "softirqs" };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		json_object_set_new(cpu, fields[i], json_null());
	json_object_set_new(json_object_get(cpu, "missing"), "window", json_string(why));
}

/* After the rest of `cpu`: what of it a packet costs. `off`: why it is not of the trial's window, NULL = it is. */
static void running_add_cost(const struct running *r, json_t *trial, double net_busy, const char *off)
{
	json_t *cpu = json_object_get(trial, "cpu");
	const struct testbed *testbed = r->driver->conversation.testbed;
	bool processes = testbed->sw->ops->processes, alone = !testbed->interference.neighbour && !off;
	struct meter_rates rates;
	const char *why;

	meter_add(&r->driver->meter, cpu, &rates);
	if (off)
		forget_metered(cpu, off);
	json_object_set_new(cpu, "cost", cost_json(&(struct cost_rates){
		.forwarded_pps = json_number_value(json_object_get(json_object_get(trial, "rx"), "forwarded_pps")),
		.machine = alone ? net_busy : NAN,
		.endpoints = endpoints_busy(cpu),
		.vswitch = processes ? cpu_number(cpu, "switch", "busy") : 0,
		.cycles = alone ? rates.cycles : NAN,
		.instructions = alone ? rates.instructions : NAN,
		.watts = alone ? rates.watts : NAN,
	}, &why));
	if (off)
		why = off;
	else if (!alone && !why)
		why = "the neighbour's processor time is in the machine's";
	if (why)
		json_object_set_new(json_object_get(cpu, "missing"), "cost", json_string(why));
}

static bool running_processors_are_listed(const struct trial_driver *d)
{
	for (unsigned i = 0; i < d->meter.count; i++)
		if (!d->begin.listed[d->meter.processors[i]] || !d->end.listed[d->meter.processors[i]])
			return false;
	return true;
}

/*
 * Are the processor times that were read those of the trial? Not where lanebench itself did not run when its window
 * began or ended: they are of another span. Nor where /proc/stat is about other processors.
 */
static bool running_times_fit(const struct running *r, const char **why)
{
	const double planned = (double)r->start.duration_ns / 1e9;
	double read_s = (double)(r->driver->end.taken_ns - r->driver->begin.taken_ns) / 1e9;

	*why = "it could not be read";
	if (!r->begin.machine_known || !r->end.machine_known)
		return false;
	*why = "/proc/stat does not list the processors in use (a container may have one of its own, by lxcfs)";
	if (!running_processors_are_listed(r->driver))
		return false;
	*why = "lanebench itself did not run when the measured window began or ended, and read it over another span";
	return fabs(read_s - planned) <= fmax(SPAN_OFF * planned, SPAN_OFF_LEAST_S);
}

static json_t *running_processors(const struct running *r)
{
	const struct trial_driver *d = r->driver;
	json_t *processors = json_object();

	for (unsigned i = 0; i < d->meter.count; i++) {
		char key[16];

		snprintf(key, sizeof(key), "%d", d->meter.processors[i]);
		json_object_set_new(processors, key, cpu_time_between(&d->begin, &d->end, d->meter.processors[i]));
	}
	return processors;
}

/* By a quota on the cgroups that lanebench was started in: periods of the window in which it was used up. */
static uint64_t running_throttled(const struct running *r)
{
	return r->end.machine_known ? r->end.own.throttled - r->begin.own.throttled : 0;
}

static json_t *running_throttling(const struct running *r)
{
	const struct cgroup_throttling *begin = &r->begin.own, *end = &r->end.own;
	json_t *throttled;

	if (!r->begin.throttling || !r->end.throttling)
		return json_null();
	throttled = interference_between(&r->driver->conversation.testbed->interference, r->begin.throttling,
					 r->end.throttling);
	if (end->periods > 0)
		json_object_set_new(throttled, "own", json_pack("{s:I, s:I, s:f}",
				    "periods", (json_int_t)(end->periods - begin->periods),
				    "throttled", (json_int_t)running_throttled(r),
				    "throttled_s", (double)(end->throttled_ns - begin->throttled_ns) / 1e9));
	else
		json_object_set_new(throttled, "own", json_null());
	return throttled;
}

static void running_add_cpu(const struct running *r, json_t *trial)
{
	const struct trial_driver *d = r->driver;
	json_t *cpu = json_object_get(trial, "cpu");
	double net_busy = NAN;
	const char *why;
	bool fits = running_times_fit(r, &why);

	json_object_set_new(cpu, "resolution_s", json_real(cpu_time_resolution()));
	json_object_set_new(cpu, "window_s", r->begin.machine_known && r->end.machine_known ?
			    json_real((double)(d->end.taken_ns - d->begin.taken_ns) / 1e9) : json_null());
	json_object_set_new(cpu, "machine", fits ? cpu_time_between(&d->begin, &d->end, -1) : json_null());
	json_object_set_new(cpu, "net", fits ? baseline_subtract(&d->meter.baseline, &d->begin, &d->end, &net_busy) :
			    json_null());
	json_object_set_new(cpu, "processors", fits ? running_processors(r) : json_object());
	json_object_set_new(cpu, "switch", fits && r->begin.processes_known && r->end.processes_known ?
			    process_time_between(&r->begin.processes, &r->end.processes) : json_null());
	json_object_set_new(cpu, "throttled", fits ? running_throttling(r) : json_null());
	json_object_set_new(cpu, "line", distance_json(&r->distance));
	json_object_set_new(cpu, "cache", fits ? interference_cache_between(&r->begin.cache, &r->end.cache) : json_null());
	running_add_cost(r, trial, net_busy, fits ? NULL : why);
}

static void running_add_effective(const struct running *r, json_t *trial)
{
	const struct conversation *conversation = &r->driver->conversation;
	json_t *effective = testbed_effective(conversation->testbed), *endpoints = json_array();

	for (unsigned who = 0; who < conversation->count; who++) {
		json_t *said = conversation->speakers[who].effective;

		json_array_append_new(endpoints, said ? json_incref(said) : json_null());
	}
	if (!effective)
		effective = json_object();
	json_object_set_new(effective, "endpoints", endpoints);
	json_object_set_new(trial, "effective", effective);
}

static bool processor_is_shared(const struct testbed *testbed, int processor)
{
	for (unsigned i = 0; i < testbed->count; i++)
		if (testbed->endpoints[i].processor == processor)
			return true;
	return false;
}

/* Had a thread of the switch to wait for a processor that it shares with no endpoint? */
static bool switch_is_disturbed(const struct running *r)
{
	const struct testbed *testbed = r->driver->conversation.testbed;
	const struct placement *placement = &testbed->placement;

	if (!r->begin.processes_known || !r->end.processes_known)
		return false;
	for (unsigned i = 0; i < placement->switch_threads; i++)
		if (processor_is_shared(testbed, placement->switch_thread[i]))
			return false;
	return process_time_waiting(&r->begin.processes, &r->end.processes) > DISTURBED;
}

/* Who stood still, and not because the test wants it so (a quota, a neighbour)? */
static bool is_disturbed(const struct running *r, const struct outcome *outcome)
{
	const struct testbed *testbed = r->driver->conversation.testbed;

	/* A quota of those who started lanebench is told as what it is. */
	if (interference_is_wanted(&testbed->interference) || running_throttled(r))
		return false;
	return (outcome->disturbed && !testbed->placement.oversubscribed) || switch_is_disturbed(r);
}

static void running_add_flags(const struct running *r, const struct outcome *outcome, json_t *trial)
{
	const struct testbed *testbed = r->driver->conversation.testbed;
	const struct placement *placement = &testbed->placement;
	bool clock = outcome->clock || clock_drifted(r->clock_error_ns, clock_scale_error_ns(&r->driver->clock),
						     r->start.warmup_ns + r->start.duration_ns);
	const struct { bool set; const char *name; } flags[] = {
		{ placement->oversubscribed, "oversubscribed" },
		{ placement->siblings, "siblings" },
		{ placement->nodes, "nodes" },
		{ r->contended || processors_contended_since(testbed->processors), "contended" },
		{ is_disturbed(r, outcome), "disturbed" },
		{ running_throttled(r) > 0, "throttled" },
		{ distance_changed(&r->distance, r->driver->usual_ns), "distance_changed" },
		{ outcome->offered_warn && !outcome->offered_off, "offered_warn" },
		{ outcome->offered_off, "offered_off" },
		{ outcome->unstable, "unstable" },
		{ clock, "clock" },
		{ outcome->late_start, "late_start" },
		{ testbed->no_hugepages, "no_hugepages" },
	};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].set)
			json_array_append_new(list, json_string(flags[i].name));
	json_object_set_new(trial, "flags", list);
}

static void running_add_status(const struct outcome *outcome, json_t *trial)
{
	const char *status = "ok", *reason = "", *remedy = "";

	if (outcome->late_start) {
		status = "void";
		reason = "an endpoint began too late after the common start";
		remedy = "the processors were too busy: run fewer containers or keep other work away";
	} else if (outcome->nothing_sent) {
		status = "void";
		reason = "a sender's port accepted no packet in the measured window";
		remedy = "the switch did not take any, or the sender's processor was away: see the flags, or run it again";
	}
	json_object_set_new(trial, "status", json_string(status));
	json_object_set_new(trial, "reason", json_string(reason));
	json_object_set_new(trial, "remedy", json_string(remedy));
}

/* After the endpoints are done: what the switch dropped of the drain, too. */
static void running_add_dropped(const struct running *r, json_t *trial)
{
	struct vswitch *sw = r->driver->conversation.testbed->sw;
	json_t *dropped = json_null();
	uint64_t after;

	if (r->dropped_known && sw->ops->dropped(sw, &after) == 0)
		/* What is just under way in a switch may look dropped to it: at the start, and no more at the end. */
		dropped = json_integer(after > r->dropped ? (json_int_t)(after - r->dropped) : 0);
	json_object_set_new(json_object_get(trial, "rx"), "switch_dropped", dropped);
}

/* The load beside the probes of a latency test, of warm-up and window together. */
static json_t *running_background(const struct running *r)
{
	const double span_s = (double)(r->start.warmup_ns + r->start.duration_ns) / 1e9;
	uint64_t sent = 0, received = 0;

	if (r->start.background <= 0)
		return json_null();
	for (unsigned who = 0; who < r->driver->conversation.count; who++) {
		sent += r->answers[who].result->background_sent;
		received += r->answers[who].result->background_received;
	}
	return json_pack("{s:f, s:f, s:I, s:I, s:I}",
			 "intended_pps", r->start.background * r->driver->conversation.testbed->topology.flow_count,
			 "offered_pps", (double)sent / span_s, "packets", (json_int_t)sent,
			 "received", (json_int_t)received, "lost", (json_int_t)(sent > received ? sent - received : 0));
}

int running_conclude(struct running *r, json_t **trial, struct error *err)
{
	const struct testbed *testbed = r->driver->conversation.testbed;
	struct outcome_end *ends = calloc(testbed->count, sizeof(*ends));
	struct outcome outcome;
	int result;

	if (!ends)
		return error_errno(err, ENOMEM, NULL, "cannot conclude the trial");
	for (unsigned who = 0; who < testbed->count; who++)
		ends[who] = (struct outcome_end){
			.result = r->answers[who].result, .samples = r->answers[who].samples,
			.sample_count = r->answers[who].sample_count,
			.processor = testbed->endpoints[who].processor,
			.shared = testbed->endpoints[who].shared,
		};
	result = outcome_make(&outcome, r->test, &testbed->topology, ends);
	free(ends);
	if (result)
		return error_errno(err, -result, NULL, "cannot conclude the trial");
	running_add_status(&outcome, outcome.trial);
	running_add_flags(r, &outcome, outcome.trial);
	running_add_cpu(r, outcome.trial);
	running_add_dropped(r, outcome.trial);
	json_object_set_new(outcome.trial, "background", running_background(r));
	running_add_effective(r, outcome.trial);
	*trial = outcome.trial;
	return 0;
}
