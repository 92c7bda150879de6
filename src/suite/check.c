/* SPDX-License-Identifier: Apache-2.0 */
/* What no machine can combine. Asks the catalogue what things can do, never what they are called. */
#include "suite/matrix.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/port.h"
#include "suite/load.h"

struct check {
	const struct matrix *matrix;
	const struct catalogue *catalogue;
	struct problems *problems;
};

typedef char remedy_text[sizeof(((struct error *)0)->remedy)];

/*
 * Where to point: at the value itself; if that is a default, at the one that it does not go with; if that is
 * one too, at the matrix.
 */
static const struct place *blame(const struct check *check, const struct setting *first,
				 const struct setting *second)
{
	if (first->place.source != PLACE_NOWHERE)
		return &first->place;
	if (second && second->place.source != PLACE_NOWHERE)
		return &second->place;
	return &check->matrix->place;
}

/* Names of the entries that `fits` accepts: "a, b, c"; "" if there are none. */
static void list_fitting(const struct catalogue_list *list,
			 bool (*fits)(const struct catalogue_entry *entry,
				      const struct catalogue_entry *other),
			 const struct catalogue_entry *other, char *text, size_t size)
{
	size_t used = 0;

	text[0] = 0;
	for (unsigned i = 0; i < list->count && used < size; i++)
		if (fits(&list->entry[i], other))
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
						 list->entry[i].name);
}

static bool shares_port(const struct catalogue_entry *entry, const struct catalogue_entry *other)
{
	return entry->ports & other->ports;
}

static bool is_remote(const struct catalogue_entry *entry, const struct catalogue_entry *other)
{
	return entry->remote;
}

static void check_port(const struct check *check, const struct setting *io_setting,
		       const struct setting *switch_setting, const struct catalogue_entry *io,
		       const struct catalogue_entry *sw)
{
	char ios[120], switches[120];
	remedy_text remedy;

	if (!io->ports || shares_port(io, sw))
		return;
	list_fitting(&check->catalogue->ios, shares_port, sw, ios, sizeof(ios));
	list_fitting(&check->catalogue->switches, shares_port, io, switches, sizeof(switches));
	snprintf(remedy, sizeof(remedy), "%s goes with io: %s; %s goes with switch: %s", sw->name,
		 ios[0] ? ios : "none", io->name, switches[0] ? switches : "none");
	problems_addf(check->problems, blame(check, io_setting, switch_setting), remedy,
		      "io %s cannot use the ports that switch %s gives", io->name, sw->name);
}

/* Is this size one of the frames that the io carries? */
static void check_size(const struct check *check, const struct setting *size,
		       const struct setting *io_setting, const struct catalogue_entry *io)
{
	bool low = size->value.number < io->min_frame;
	remedy_text remedy;

	if (!low && (!io->max_frame || size->value.number <= io->max_frame))
		return;
	if (io->max_frame)
		snprintf(remedy, sizeof(remedy), "%s carries frames of %u to %u bytes", io->name,
			 io->min_frame, io->max_frame);
	else
		snprintf(remedy, sizeof(remedy), "%s carries frames from %u bytes", io->name, io->min_frame);
	problems_addf(check->problems, blame(check, size, io_setting), remedy,
		      "size %s is %s %u, the %s frame that io %s carries", size->value.text,
		      low ? "below" : "above", low ? io->min_frame : io->max_frame,
		      low ? "smallest" : "largest", io->name);
}

static void check_burst(const struct check *check, const struct setting *burst,
			const struct setting *io_setting, const struct catalogue_entry *io)
{
	remedy_text remedy;

	if (!io->max_burst || burst->value.number <= io->max_burst)
		return;
	snprintf(remedy, sizeof(remedy), "use a burst of 1 to %u, or another io", io->max_burst);
	problems_addf(check->problems, blame(check, burst, io_setting), remedy,
		      "burst %s is above %u, the most that io %s takes in one go", burst->value.text,
		      io->max_burst, io->name);
}

static void check_hosts(const struct check *check, const struct setting *hosts,
			const struct setting *switch_setting, const struct catalogue_entry *sw)
{
	char switches[200];
	remedy_text remedy;

	if (sw->remote || strcmp(hosts->value.text, "remote"))
		return;
	list_fitting(&check->catalogue->switches, is_remote, sw, switches, sizeof(switches));
	snprintf(remedy, sizeof(remedy), "use hosts local%s%s",
		 switches[0] ? ", or a switch that reaches another: " : "", switches);
	problems_addf(check->problems, blame(check, hosts, switch_setting), remedy,
		      "hosts remote is impossible with switch %s, which connects containers of one host",
		      sw->name);
}

static void check_pairs(const struct check *check, const struct setting *containers,
			const struct setting *switch_setting, const struct catalogue_entry *sw)
{
	const unsigned most = sw->max_ports / 2;
	remedy_text remedy;

	if (!sw->max_ports || containers->value.number <= most)
		return;
	snprintf(remedy, sizeof(remedy), "use containers %uvs%u or fewer, or another switch", most, most);
	problems_addf(check->problems, blame(check, containers, switch_setting), remedy,
		      "containers %s is above %u, the most pairs that switch %s connects",
		      containers->value.text, most, sw->name);
}

static bool has_threads(const struct catalogue_entry *entry, const struct catalogue_entry *other)
{
	return entry->threads;
}

/* What is done to threads of the switch, to one that runs in its users' context; the default does nothing. */
static void check_needs_threads(const struct check *check, const struct setting *setting, enum parameter_id id,
				const struct setting *switch_setting, const struct catalogue_entry *sw)
{
	const struct parameter *parameter = &parameter_table[id];
	char switches[200];
	remedy_text remedy;

	if (sw->threads || !strcmp(setting->value.text, parameter->fallback))
		return;
	list_fitting(&check->catalogue->switches, has_threads, sw, switches, sizeof(switches));
	snprintf(remedy, sizeof(remedy), "use %s %s%s%s", parameter->name, parameter->fallback,
		 switches[0] ? ", or a switch with threads: " : "", switches);
	problems_addf(check->problems, blame(check, setting, switch_setting), remedy,
		      "%s %s is impossible with switch %s, which has no threads of its own", parameter->name,
		      setting->value.text, sw->name);
}

static void check_switch_quota(const struct check *check, const struct setting *setting,
			       const struct setting *switch_setting, const struct catalogue_entry *sw)
{
	check_needs_threads(check, setting, PARAMETER_SWITCH_QUOTA, switch_setting, sw);
}

static void check_switch_place(const struct check *check, const struct setting *setting,
			       const struct setting *switch_setting, const struct catalogue_entry *sw)
{
	check_needs_threads(check, setting, PARAMETER_SWITCH_PLACE, switch_setting, sw);
}

static void check_threads(const struct check *check, const struct setting *threads,
			  const struct setting *switch_setting, const struct catalogue_entry *sw)
{
	check_needs_threads(check, threads, PARAMETER_THREADS, switch_setting, sw);
}

static bool has_threaded_switch(const struct check *check)
{
	const struct axis *switches = check->matrix->axis[PARAMETER_SWITCH];

	for (size_t i = 0; i < switches->count; i++) {
		const struct catalogue_entry *sw = catalogue_find(&check->catalogue->switches,
								  switches->setting[i].value.text);

		if (sw && sw->threads)
			return true;
	}
	return false;
}

/* A thread polls ports: more of them than ports would do nothing, on a processor each. */
static void check_idle_threads(const struct check *check)
{
	const struct axis *sets = check->matrix->axis[PARAMETER_CONTAINERS];
	const struct axis *threads = check->matrix->axis[PARAMETER_THREADS];

	for (size_t i = 0; has_threaded_switch(check) && i < sets->count; i++) {
		for (size_t j = 0; j < threads->count; j++) {
			const struct setting *set = &sets->setting[i], *number = &threads->setting[j];

			if (number->value.number > 2 * set->value.number)
				problems_addf(check->problems, blame(check, number, set),
					      "use fewer threads, or more pairs of containers",
					      "threads %s is above %.0f, the ports of containers %s",
					      number->value.text, 2 * set->value.number, set->value.text);
		}
	}
}

/*
 * A paced trial lasts a whole number of intervals (control_paced_duration). That one of them is longer than
 * the duration asked for is well while it is short.
 */
#define INTERVAL_ALWAYS_FINE 1.0

static void check_interval(const struct check *check, const struct setting *burst, const struct setting *rate)
{
	const struct axis *durations = check->matrix->axis[PARAMETER_DURATION];
	double interval = burst->value.number / rate->value.number;

	for (size_t i = 0; i < durations->count && interval > INTERVAL_ALWAYS_FINE; i++) {
		if (durations->setting[i].value.number * (1 + 1e-9) >= interval)
			continue;
		problems_addf(check->problems, blame(check, burst, rate),
			      "use a smaller burst, a higher rate or a longer duration",
			      "burst %s at rate %s leaves every %g s, and the duration is %s", burst->value.text,
			      rate->value.text, interval, durations->setting[i].value.text);
		return;
	}
}

static void check_intervals(const struct check *check)
{
	const struct axis *bursts = check->matrix->axis[PARAMETER_BURST];
	const struct axis *rates = check->matrix->axis[PARAMETER_RATE];

	for (size_t i = 0; i < bursts->count; i++)
		for (size_t j = 0; j < rates->count; j++)
			check_interval(check, &bursts->setting[i], &rates->setting[j]);
}

/* Does a test of this matrix have ports with rings? */
static bool has_rings(const struct check *check)
{
	const struct axis *ios = check->matrix->axis[PARAMETER_IO];
	const struct axis *switches = check->matrix->axis[PARAMETER_SWITCH];

	for (size_t i = 0; i < ios->count; i++) {
		const struct catalogue_entry *io = catalogue_find(&check->catalogue->ios,
								  ios->setting[i].value.text);

		for (size_t j = 0; io && j < switches->count; j++) {
			const struct catalogue_entry *sw = catalogue_find(&check->catalogue->switches,
									  switches->setting[j].value.text);

			int port = sw ? catalogue_port(io, sw) : -1;

			if (port >= 0 && port_traits[port].rings)
				return true;
		}
	}
	return false;
}

static void check_ring(const struct check *check, const struct setting *burst, const struct setting *ring)
{
	if (burst->value.number > ring->value.number)
		problems_addf(check->problems, blame(check, burst, ring), "use a smaller burst, or a longer ring",
			      "burst %s is above %s, the descriptors of a port's ring", burst->value.text,
			      ring->value.text);
}

static void check_rings(const struct check *check)
{
	const struct axis *bursts = check->matrix->axis[PARAMETER_BURST];
	const struct axis *rings = check->matrix->axis[PARAMETER_RING];

	if (!has_rings(check))
		return;
	for (size_t i = 0; i < bursts->count; i++)
		for (size_t j = 0; j < rings->count; j++)
			check_ring(check, &bursts->setting[i], &rings->setting[j]);
}

/* In a latency test a rate is offered, not looked for. */
static bool is_offered(const struct rate *rate)
{
	return rate->kind == RATE_SHARE || rate->kind == RATE_SWEEP || rate->kind == RATE_SWEEP_SHARE;
}

static void check_rate_dimension(const struct check *check, const struct setting *rate,
				 const struct setting *dimension)
{
	struct rate parsed;

	if (strcmp(dimension->value.text, "latency") || rate->value.number != RATE_PLAN ||
	    rate_parse(rate->value.text, &parsed, NULL) || is_offered(&parsed))
		return;
	problems_addf(check->problems, blame(check, rate, dimension),
		      "measure the latency at a share of it, such as pdr:50%, or its throughput",
		      "rate %s is what a throughput test looks for, and the dimension is latency",
		      rate->value.text);
}

/* Each plan is made once, with the first of all parameters that are not its own. */
static void check_plan(const struct check *check, const struct setting *rate, const struct setting *search,
		       const struct setting *limit, const struct setting *loss)
{
	struct error error = { 0 };
	struct load_plan *plan;
	struct test test;

	for (int i = 0; i < PARAMETER_COUNT; i++) {
		const struct axis *axis = check->matrix->axis[i];

		if (!axis->count)
			return; /* a problem of its own */
		test.value[i] = axis->setting[0].value;
	}
	test.value[PARAMETER_RATE] = rate->value;
	test.value[PARAMETER_SEARCH] = search->value;
	test.value[PARAMETER_LIMIT] = limit->value;
	test.value[PARAMETER_LOSS] = loss->value;
	test_drop_unused(&test);
	if (test_load_plan(&plan, &test, &error) == -EINVAL)
		problems_addf(check->problems, blame(check, rate, search), error.remedy, "rate %s: %s",
			      rate->value.text, error.cause);
	load_plan_free(plan);
}

static void check_rates(const struct check *check)
{
	const struct axis *rates = check->matrix->axis[PARAMETER_RATE];
	const struct axis *dimensions = check->matrix->axis[PARAMETER_DIMENSION];
	const struct axis *searches = check->matrix->axis[PARAMETER_SEARCH];
	const struct axis *limits = check->matrix->axis[PARAMETER_LIMIT];
	const struct axis *losses = check->matrix->axis[PARAMETER_LOSS];

	for (size_t r = 0; r < rates->count; r++) {
		for (size_t d = 0; d < dimensions->count; d++)
			check_rate_dimension(check, &rates->setting[r], &dimensions->setting[d]);
		if (rates->setting[r].value.number != RATE_PLAN)
			continue;
		for (size_t s = 0; s < searches->count; s++)
			for (size_t l = 0; l < limits->count; l++)
				for (size_t o = 0; o < losses->count; o++)
					check_plan(check, &rates->setting[r], &searches->setting[s],
						   &limits->setting[l], &losses->setting[o]);
	}
}

/* A default may be a name that this installation lacks; values that were given have been looked up. */
static void check_default(const struct check *check, enum parameter_id id)
{
	const struct axis *axis = check->matrix->axis[id];
	struct error error = { 0 };
	struct value value;

	if (axis->given || !parameter_parse(&parameter_table[id], axis->setting[0].value.text,
					    check->catalogue, &value, &error))
		return;
	problems_addf(check->problems, &check->matrix->place, error.remedy, "%s, which is the default",
		      error.cause);
}

/* The rules between a parameter and a name that the catalogue knows: called for each of their pairs. */
typedef void check_pair(const struct check *check, const struct setting *setting, const struct setting *name,
			const struct catalogue_entry *entry);

static void check_pairs_of(const struct check *check, enum parameter_id id, enum parameter_id name_id,
			   const struct catalogue_list *list, check_pair *pair)
{
	const struct axis *axis = check->matrix->axis[id], *names = check->matrix->axis[name_id];

	for (size_t i = 0; i < names->count; i++) {
		const struct catalogue_entry *entry = catalogue_find(list, names->setting[i].value.text);

		for (size_t j = 0; entry && j < axis->count; j++)
			pair(check, &axis->setting[j], &names->setting[i], entry);
	}
}

/* check_port needs the entries of both. */
static void check_io(const struct check *check, const struct setting *io_setting,
		     const struct setting *switch_setting, const struct catalogue_entry *sw)
{
	const struct catalogue_entry *io = catalogue_find(&check->catalogue->ios, io_setting->value.text);

	if (io)
		check_port(check, io_setting, switch_setting, io, sw);
}

void matrix_check(const struct matrix *matrix, const struct catalogue *catalogue, struct problems *problems)
{
	const struct check check = { matrix, catalogue, problems };

	check_default(&check, PARAMETER_RUNTIME);
	check_default(&check, PARAMETER_SWITCH);
	check_default(&check, PARAMETER_IO);
	check_pairs_of(&check, PARAMETER_IO, PARAMETER_SWITCH, &catalogue->switches, check_io);
	check_pairs_of(&check, PARAMETER_HOSTS, PARAMETER_SWITCH, &catalogue->switches, check_hosts);
	check_pairs_of(&check, PARAMETER_CONTAINERS, PARAMETER_SWITCH, &catalogue->switches, check_pairs);
	check_pairs_of(&check, PARAMETER_SWITCH_QUOTA, PARAMETER_SWITCH, &catalogue->switches, check_switch_quota);
	check_pairs_of(&check, PARAMETER_SWITCH_PLACE, PARAMETER_SWITCH, &catalogue->switches, check_switch_place);
	check_pairs_of(&check, PARAMETER_THREADS, PARAMETER_SWITCH, &catalogue->switches, check_threads);
	check_idle_threads(&check);
	check_pairs_of(&check, PARAMETER_SIZE, PARAMETER_IO, &catalogue->ios, check_size);
	check_pairs_of(&check, PARAMETER_BURST, PARAMETER_IO, &catalogue->ios, check_burst);
	check_intervals(&check);
	check_rings(&check);
	check_rates(&check);
}
