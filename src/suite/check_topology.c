/* SPDX-License-Identifier: Apache-2.0 */
/* Arrangements of containers that cannot be: by themselves, with a switch, or with an I/O technique. */
#include "suite/check.h"

#include <stdio.h>
#include <string.h>

#include "control/message.h"
#include "topology/topology.h"

#define STREAMS_MAX 65536 /* flows of all senders: packets carry the number of theirs in 16 bits */

typedef char remedy_text[sizeof(((struct error *)0)->remedy)];

/* Calls `rule` for every combination of the values of two axes. */
typedef void check_rule(const struct check *check, const struct axis_value *a, const struct axis_value *b);

static void check_each(const struct check *check, enum parameter_id first, enum parameter_id second, check_rule *rule)
{
	const struct axis *a = check->matrix->axis[first], *b = check->matrix->axis[second];

	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count; j++)
			rule(check, &a->values[i], &b->values[j]);
}

static bool is(const struct axis_value *given, const char *text)
{
	return !strcmp(given->value.text, text);
}

/* A length of chains where there is no chain: what runs would be another experiment than the one that was asked for. */
static void check_hops(const struct check *check)
{
	const struct axis *hops = check->matrix->axis[PARAMETER_HOPS];
	const struct axis *topologies = check->matrix->axis[PARAMETER_TOPOLOGY];

	for (size_t t = 0; t < topologies->count; t++)
		if (is(&topologies->values[t], "chain"))
			return;
	for (size_t h = 0; h < hops->count; h++)
		if (hops->values[h].value.number > 1)
			problems_addf(check->problems, check_blame(check, &hops->values[h], &topologies->values[0]),
				      "use topology chain, or hops 1", "hops %s is for chains, and topology is %s",
				      hops->values[h].value.text, topologies->values[0].value.text);
}

static bool is_fan_in_set(const struct axis_value *containers)
{
	const char *receivers = strstr(containers->value.text, "vs");

	return receivers && !strcmp(receivers, "vs1");
}

static void check_containers(const struct check *check, const struct axis_value *containers,
			     const struct axis_value *topology)
{
	remedy_text remedy;

	if (containers->value.number == 1 || is(topology, "fan-in") == is_fan_in_set(containers))
		return;
	if (is(topology, "fan-in"))
		snprintf(remedy, sizeof(remedy), "use containers %.0fvs1", containers->value.number);
	else
		snprintf(remedy, sizeof(remedy), "use containers %.0fvs%.0f, or topology fan-in",
			 containers->value.number, containers->value.number);
	problems_addf(check->problems, check_blame(check, containers, topology), remedy,
		      is(topology, "fan-in") ? "containers %s has a receiver for each sender, and a %s has one" :
		      "containers %s has one receiver for all senders, and topology %s has one for each",
		      containers->value.text, topology->value.text);
}

static void check_direction(const struct check *check, const struct axis_value *direction,
			    const struct axis_value *topology)
{
	if (!is(direction, "both") || (!is(topology, "fan-in") && !is(topology, "loop")))
		return;
	problems_addf(check->problems, check_blame(check, direction, topology),
		      "use direction one-way, or topology pairs or chain",
		      "direction both is impossible with topology %s", topology->value.text);
}

static void check_round_trips(const struct check *check, const struct axis_value *direction,
			      const struct axis_value *dimension)
{
	if (is(direction, "both") && is(dimension, "latency"))
		problems_addf(check->problems, check_blame(check, direction, dimension), "use direction one-way",
			      "direction both is for throughput: round trips of a latency test go both ways anyway");
}

/* Whoever receives beside its sending cannot wait. */
static void check_rx_rate(const struct check *check, const struct axis_value *rate, const struct axis_value *other)
{
	if (!is(rate, "none") && (is(other, "loop") || is(other, "both")))
		problems_addf(check->problems, check_blame(check, rate, other), "use rx-rate none, or another topology and "
			      "direction one-way", "rx-rate is of a container that only receives: not of %s",
			      is(other, "loop") ? "a loop" : "direction both");
}

static void check_background_flows(const struct check *check, const struct axis_value *background,
				   const struct axis_value *flows)
{
	if (!is(background, "none") && flows->value.number > 1)
		problems_addf(check->problems, check_blame(check, background, flows), "use background none, or flows 1",
			      "a background has one flow, not %s", flows->value.text);
}

static void check_background_size(const struct check *check, const struct axis_value *background,
				  const struct axis_value *size)
{
	if (!is(background, "none") && value_is_mix(&size->value))
		problems_addf(check->problems, check_blame(check, background, size), "use background none, or one size",
			      "a background has one size, not %s", size->value.text);
}

static bool makes_frames(const struct catalogue_entry *io, const struct catalogue_entry *other)
{
	return io->layer_frame;
}

/* "use topology pairs, or an io that hands over whole frames: raw, dpdk" */
static void frames_remedy(const struct check *check, const char *instead, remedy_text remedy)
{
	char ios[200];

	check_list(&check->catalogue->ios, makes_frames, NULL, ios, sizeof(ios));
	snprintf(remedy, sizeof(remedy_text), "%s, or an io that hands over whole frames: %s", instead, ios);
}

/* Two ports in one container: only who makes whole frames can say by which of them they leave. */
static void check_frames(const struct check *check, const struct axis_value *topology, const struct axis_value *io)
{
	const struct catalogue_entry *entry = catalogue_find(&check->catalogue->ios, io->value.text);
	remedy_text remedy;

	if (!entry || entry->layer_frame || !entry->ports || (!is(topology, "chain") && !is(topology, "loop")))
		return;
	frames_remedy(check, "use topology pairs", remedy);
	problems_addf(check->problems, check_blame(check, topology, io), remedy,
		      "topology %s has containers of two ports, and io %s hands its packets to the kernel, "
		      "which chooses the port", topology->value.text, io->value.text);
}

/* A server that hands its answers to the kernel has one peer; one that makes frames turns each round. */
static void check_fan_in_answers(const struct check *check)
{
	const struct axis *ios = check->matrix->axis[PARAMETER_IO];
	const struct axis *topologies = check->matrix->axis[PARAMETER_TOPOLOGY];
	const struct axis *dimensions = check->matrix->axis[PARAMETER_DIMENSION];
	remedy_text remedy;

	frames_remedy(check, "measure throughput", remedy);
	for (size_t t = 0; t < topologies->count; t++)
		for (size_t d = 0; d < dimensions->count; d++)
			for (size_t i = 0; i < ios->count; i++) {
				const struct catalogue_entry *io = catalogue_find(&check->catalogue->ios,
										  ios->values[i].value.text);

				if (!io || io->layer_frame || !io->ports || !is(&topologies->values[t], "fan-in") ||
				    !is(&dimensions->values[d], "latency"))
					continue;
				problems_addf(check->problems,
					      check_blame(check, &dimensions->values[d], &topologies->values[t]), remedy,
					      "round trips in topology fan-in are impossible with io %s, whose server "
					      "answers one client", ios->values[i].value.text);
			}
}

static void check_flows(const struct check *check, const struct axis_value *flows, const struct axis_value *io)
{
	const struct catalogue_entry *entry = catalogue_find(&check->catalogue->ios, io->value.text);
	remedy_text remedy;

	if (flows->value.number == 1 || !entry || entry->layer_frame || !entry->ports)
		return;
	frames_remedy(check, "use flows 1", remedy);
	problems_addf(check->problems, check_blame(check, flows, io), remedy,
		      "flows %s is impossible with io %s: the kernel makes the headers of its packets",
		      flows->value.text, io->value.text);
}

static void check_received_flows(const struct check *check, const struct axis_value *flows,
				 const struct axis_value *containers)
{
	if (is_fan_in_set(containers) && flows->value.number * containers->value.number > CONTROL_STREAMS_MAX)
		problems_addf(check->problems, check_blame(check, flows, containers), "use fewer flows, or fewer senders",
			      "flows %s of each sender of containers %s are more than the %d that a receiver tells apart",
			      flows->value.text, containers->value.text, CONTROL_STREAMS_MAX);
}

static void check_all_flows(const struct check *check)
{
	const struct axis *directions = check->matrix->axis[PARAMETER_DIRECTION];
	const struct axis *flows = check->matrix->axis[PARAMETER_FLOWS];
	const struct axis *sets = check->matrix->axis[PARAMETER_CONTAINERS];
	unsigned ways = 1;

	for (size_t d = 0; d < directions->count; d++)
		if (is(&directions->values[d], "both"))
			ways = 2;
	for (size_t f = 0; f < flows->count; f++)
		for (size_t c = 0; c < sets->count; c++)
			if (flows->values[f].value.number * sets->values[c].value.number * ways > STREAMS_MAX)
				problems_addf(check->problems,
					      check_blame(check, &flows->values[f], &sets->values[c]),
					      "use fewer flows, or fewer senders",
					      "flows %s of each sender of containers %s%s are more than the %d that have "
					      "numbers", flows->values[f].value.text, sets->values[c].value.text,
					      ways > 1 ? " in both directions" : "", STREAMS_MAX);
}

static bool learns(const struct catalogue_entry *sw, const struct catalogue_entry *other)
{
	return sw->learns;
}

/* A fan-in has no links: nothing would say where a packet goes. */
static void check_joined(const struct check *check, const struct axis_value *topology,
			 const struct axis_value *forwarding)
{
	if (is(topology, "fan-in") && is(forwarding, "ports"))
		problems_addf(check->problems, check_blame(check, forwarding, topology), "use forwarding learning",
			      "forwarding ports is impossible with topology fan-in, in which one port faces several");
}

static void check_learns(const struct check *check, const struct axis_value *topology,
			 const struct axis_value *switch_value)
{
	const struct catalogue_entry *sw = catalogue_find(&check->catalogue->switches, switch_value->value.text);
	char switches[200];
	remedy_text remedy;

	if (!sw || sw->learns || !is(topology, "fan-in"))
		return;
	check_list(&check->catalogue->switches, learns, NULL, switches, sizeof(switches));
	snprintf(remedy, sizeof(remedy), "use a switch that learns: %s", switches);
	problems_addf(check->problems, check_blame(check, topology, switch_value), remedy,
		      "topology fan-in is impossible with switch %s, which joins ports in twos", sw->name);
}

/* What concerns the number of ports: of every arrangement with every switch. */
static void check_ports(const struct check *check, const struct topology_spec *spec,
			const struct axis_value *containers, const struct axis_value *switch_value)
{
	const struct catalogue_entry *sw = catalogue_find(&check->catalogue->switches, switch_value->value.text);
	const struct axis *threads = check->matrix->axis[PARAMETER_THREADS], *rxqs = check->matrix->axis[PARAMETER_RXQS];
	unsigned ports = topology_ports(spec), queues = 0;

	if (!sw)
		return;
	if (sw->max_ports && ports > sw->max_ports)
		problems_addf(check->problems, check_blame(check, containers, switch_value),
			      "use fewer containers, fewer hops, or another switch",
			      "containers %s makes %u ports, and switch %s has %u at most", containers->value.text,
			      ports, sw->name, sw->max_ports);
	for (size_t i = 0; i < rxqs->count; i++)
		if (!queues || ports * (unsigned)rxqs->values[i].value.number < queues)
			queues = ports * (unsigned)rxqs->values[i].value.number;
	/* A thread polls queues of ports: more of them than queues would do nothing, on a processor each. */
	for (size_t i = 0; sw->threads && i < threads->count; i++)
		if (threads->values[i].value.number > queues)
			problems_addf(check->problems, check_blame(check, &threads->values[i], containers),
				      sw->queues ? "use fewer threads, or more containers or rxqs" :
				      "use fewer threads, or more containers",
				      "threads %s is above %u, the %s of containers %s",
				      threads->values[i].value.text, queues, queues > ports ? "queues" : "ports",
				      containers->value.text);
}

/* Each arrangement of the matrix once; whether it is both ways does not change how many ports there are. */
static void check_arrangements(const struct check *check)
{
	const struct axis *topologies = check->matrix->axis[PARAMETER_TOPOLOGY];
	const struct axis *sets = check->matrix->axis[PARAMETER_CONTAINERS];
	const struct axis *hops = check->matrix->axis[PARAMETER_HOPS];
	const struct axis *switches = check->matrix->axis[PARAMETER_SWITCH];

	for (size_t t = 0; t < topologies->count; t++)
		for (size_t h = 0; h < hops->count; h++)
			for (size_t c = 0; c < sets->count; c++)
				for (size_t s = 0; s < switches->count; s++) {
					const struct topology_spec spec = topology_spec_of(
						topologies->values[t].value.text, sets->values[c].value.number,
						hops->values[h].value.number, "one-way");

					check_ports(check, &spec, &sets->values[c], &switches->values[s]);
				}
}

void check_topologies(const struct check *check)
{
	check_hops(check);
	check_each(check, PARAMETER_CONTAINERS, PARAMETER_TOPOLOGY, check_containers);
	check_each(check, PARAMETER_DIRECTION, PARAMETER_TOPOLOGY, check_direction);
	check_each(check, PARAMETER_DIRECTION, PARAMETER_DIMENSION, check_round_trips);
	check_each(check, PARAMETER_RX_RATE, PARAMETER_TOPOLOGY, check_rx_rate);
	check_each(check, PARAMETER_RX_RATE, PARAMETER_DIRECTION, check_rx_rate);
	check_each(check, PARAMETER_BACKGROUND, PARAMETER_FLOWS, check_background_flows);
	check_each(check, PARAMETER_BACKGROUND, PARAMETER_SIZE, check_background_size);
	check_each(check, PARAMETER_TOPOLOGY, PARAMETER_IO, check_frames);
	check_fan_in_answers(check);
	check_each(check, PARAMETER_FLOWS, PARAMETER_IO, check_flows);
	check_each(check, PARAMETER_FLOWS, PARAMETER_CONTAINERS, check_received_flows);
	check_all_flows(check);
	check_each(check, PARAMETER_TOPOLOGY, PARAMETER_SWITCH, check_learns);
	check_each(check, PARAMETER_TOPOLOGY, PARAMETER_FORWARDING, check_joined);
	check_arrangements(check);
}
