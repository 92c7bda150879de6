/* SPDX-License-Identifier: Apache-2.0 */
/* What no machine can combine. Asks the catalogue what things can do, never what they are called. */
#include "suite/check.h"

#include <stdio.h>
#include <string.h>

#include "control/port.h"

typedef char remedy_text[sizeof(((struct error *)0)->remedy)];

static bool shares_port(const struct catalogue_entry *entry, const struct catalogue_entry *other)
{
	return entry->ports & other->ports;
}

static bool is_remote(const struct catalogue_entry *entry, const struct catalogue_entry *other)
{
	return entry->remote;
}

static void check_port(const struct check *check, const struct axis_value *io_value,
		       const struct axis_value *switch_value, const struct catalogue_entry *io,
		       const struct catalogue_entry *sw)
{
	char ios[120], switches[120];
	remedy_text remedy;

	if (!io->ports || shares_port(io, sw))
		return;
	check_list(&check->catalogue->ios, shares_port, sw, ios, sizeof(ios));
	check_list(&check->catalogue->switches, shares_port, io, switches, sizeof(switches));
	snprintf(remedy, sizeof(remedy), "%s goes with io: %s; %s goes with switch: %s", sw->name,
		 ios[0] ? ios : "none", io->name, switches[0] ? switches : "none");
	problems_addf(check->problems, check_blame(check, io_value, switch_value), remedy,
		      "io %s cannot use the ports that switch %s gives", io->name, sw->name);
}

/* A kind of port that was asked for, and what has it or not: a switch, or an io. */
static void check_port_kind(const struct check *check, const struct axis_value *port, enum parameter_id id,
			    const struct axis_value *name, const struct catalogue_list *list,
			    const struct catalogue_entry *entry)
{
	const struct catalogue_entry all = { .ports = UINT32_MAX };
	int kind = catalogue_port(&all, &all, port->value.text);
	const struct catalogue_entry wanted = { .ports = PORT_BIT(kind) };
	char fitting[200];
	remedy_text remedy;

	if (!entry->ports || catalogue_port(entry, &all, port->value.text) >= 0)
		return;
	check_list(list, shares_port, &wanted, fitting, sizeof(fitting));
	snprintf(remedy, sizeof(remedy), "use port auto%s%s%s%s", fitting[0] ? ", or " : "",
		 fitting[0] ? parameter_table[id].name : "", fitting[0] ? ": " : "", fitting);
	problems_addf(check->problems, check_blame(check, port, name), remedy, "port %s is impossible with %s %s",
		      port->value.text, parameter_table[id].name, entry->name);
}

static void check_port_of_switch(const struct check *check, const struct axis_value *port,
				 const struct axis_value *switch_value, const struct catalogue_entry *sw)
{
	check_port_kind(check, port, PARAMETER_SWITCH, switch_value, &check->catalogue->switches, sw);
}

static void check_port_of_io(const struct check *check, const struct axis_value *port,
			     const struct axis_value *io_value, const struct catalogue_entry *io)
{
	check_port_kind(check, port, PARAMETER_IO, io_value, &check->catalogue->ios, io);
}

/* Is this size one of the frames that the io carries? */
static void check_size(const struct check *check, const struct axis_value *size,
		       const struct axis_value *io_value, const struct catalogue_entry *io)
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
	problems_addf(check->problems, check_blame(check, size, io_value), remedy,
		      "size %s is %s %u, the %s frame that io %s carries", size->value.text,
		      low ? "below" : "above", low ? io->min_frame : io->max_frame,
		      low ? "smallest" : "largest", io->name);
}

static void check_burst(const struct check *check, const struct axis_value *burst,
			const struct axis_value *io_value, const struct catalogue_entry *io)
{
	remedy_text remedy;

	if (!io->max_burst || burst->value.number <= io->max_burst)
		return;
	snprintf(remedy, sizeof(remedy), "use a burst of 1 to %u, or another io", io->max_burst);
	problems_addf(check->problems, check_blame(check, burst, io_value), remedy,
		      "burst %s is above %u, the most that io %s takes in one go", burst->value.text,
		      io->max_burst, io->name);
}

static void check_hosts(const struct check *check, const struct axis_value *hosts,
			const struct axis_value *switch_value, const struct catalogue_entry *sw)
{
	char switches[200];
	remedy_text remedy;

	if (sw->remote || strcmp(hosts->value.text, "remote"))
		return;
	check_list(&check->catalogue->switches, is_remote, sw, switches, sizeof(switches));
	snprintf(remedy, sizeof(remedy), "use hosts local%s%s",
		 switches[0] ? ", or a switch that reaches another: " : "", switches);
	problems_addf(check->problems, check_blame(check, hosts, switch_value), remedy,
		      "hosts remote is impossible with switch %s, which connects containers of one host",
		      sw->name);
}

/* What a switch must be able to do for a value of a parameter, and the words for those that cannot. */
static void check_ability(const struct check *check, const struct axis_value *given, enum parameter_id id,
			  const struct axis_value *switch_value, check_fits *fits, const char *why)
{
	const struct parameter *parameter = &parameter_table[id];
	const struct catalogue_entry *sw = catalogue_find(&check->catalogue->switches, switch_value->value.text);
	char switches[200];
	remedy_text remedy;

	if (!sw || fits(sw, NULL))
		return;
	check_list(&check->catalogue->switches, fits, sw, switches, sizeof(switches));
	snprintf(remedy, sizeof(remedy), "use %s %s%s%s", parameter->name, parameter->fallback,
		 switches[0] ? ", or a switch that can: " : "", switches);
	problems_addf(check->problems, check_blame(check, given, switch_value), remedy,
		      "%s %s is impossible with switch %s, which %s", parameter->name, given->value.text, sw->name, why);
}

static bool can_learn(const struct catalogue_entry *entry, const struct catalogue_entry *other)
{
	return entry->learns;
}

static bool can_join(const struct catalogue_entry *entry, const struct catalogue_entry *other)
{
	return entry->joins;
}

static bool has_queues(const struct catalogue_entry *entry, const struct catalogue_entry *other)
{
	return entry->queues;
}

/* Values of parameters that not every switch can obey. */
static void check_abilities(const struct check *check)
{
	static const struct {
		enum parameter_id id;
		const char *text; /* NULL = all but the default */
		check_fits *fits;
		const char *why;
	} needs[] = {
		{ PARAMETER_FORWARDING, "learning", can_learn, "joins the two ends of each link and learns nothing" },
		{ PARAMETER_FORWARDING, "ports", can_join, "forwards by learned addresses alone" },
		{ PARAMETER_RXQS, NULL, has_queues, "has one queue a port" },
		{ PARAMETER_RXQ_AFFINITY, NULL, has_queues, "cannot be told which thread polls a queue" },
	};
	const struct axis *switches = check->matrix->axis[PARAMETER_SWITCH];

	for (size_t n = 0; n < sizeof(needs) / sizeof(*needs); n++) {
		const struct axis *axis = check->matrix->axis[needs[n].id];

		for (size_t v = 0; v < axis->count; v++) {
			const char *text = axis->values[v].value.text;

			if (needs[n].text ? strcmp(text, needs[n].text) : !strcmp(text, parameter_table[needs[n].id].fallback))
				continue;
			for (size_t s = 0; s < switches->count; s++)
				check_ability(check, &axis->values[v], needs[n].id, &switches->values[s], needs[n].fits,
					      needs[n].why);
		}
	}
}

static bool has_threads(const struct catalogue_entry *entry, const struct catalogue_entry *other)
{
	return entry->threads;
}

/* What is done to threads of the switch, to one that runs in its users' context; the default does nothing. */
static void check_needs_threads(const struct check *check, const struct axis_value *given, enum parameter_id id,
				const struct axis_value *switch_value, const struct catalogue_entry *sw)
{
	const struct parameter *parameter = &parameter_table[id];
	char switches[200];
	remedy_text remedy;

	if (sw->threads || !strcmp(given->value.text, parameter->fallback))
		return;
	check_list(&check->catalogue->switches, has_threads, sw, switches, sizeof(switches));
	snprintf(remedy, sizeof(remedy), "use %s %s%s%s", parameter->name, parameter->fallback,
		 switches[0] ? ", or a switch with threads: " : "", switches);
	problems_addf(check->problems, check_blame(check, given, switch_value), remedy,
		      "%s %s is impossible with switch %s, which has no threads of its own", parameter->name,
		      given->value.text, sw->name);
}

static void check_threads(const struct check *check)
{
	static const enum parameter_id of_threads[] = {
		PARAMETER_SWITCH_QUOTA, PARAMETER_SWITCH_PLACE, PARAMETER_SWITCH_IN, PARAMETER_THREADS,
	};
	const struct axis *switches = check->matrix->axis[PARAMETER_SWITCH];

	for (size_t i = 0; i < sizeof(of_threads) / sizeof(of_threads[0]); i++) {
		const struct axis *axis = check->matrix->axis[of_threads[i]];

		for (size_t s = 0; s < switches->count; s++) {
			const struct catalogue_entry *sw = catalogue_find(&check->catalogue->switches,
									  switches->values[s].value.text);

			for (size_t v = 0; sw && v < axis->count; v++)
				check_needs_threads(check, &axis->values[v], of_threads[i], &switches->values[s], sw);
		}
	}
}

/* The kinds of ports with rings that tests of this matrix have: a mask. */
static uint32_t kinds_with_rings(const struct check *check)
{
	const struct axis *ios = check->matrix->axis[PARAMETER_IO];
	const struct axis *switches = check->matrix->axis[PARAMETER_SWITCH];
	const struct axis *ports = check->matrix->axis[PARAMETER_PORT];
	uint32_t kinds = 0;

	for (size_t i = 0; i < ios->count; i++) {
		const struct catalogue_entry *io = catalogue_find(&check->catalogue->ios,
								  ios->values[i].value.text);

		for (size_t j = 0; io && j < switches->count; j++) {
			const struct catalogue_entry *sw = catalogue_find(&check->catalogue->switches,
									  switches->values[j].value.text);

			for (size_t p = 0; sw && p < ports->count; p++) {
				int kind = catalogue_port(io, sw, ports->values[p].value.text);

				if (kind >= 0 && port_traits[kind].rings)
					kinds |= PORT_BIT(kind);
			}
		}
	}
	return kinds;
}

/* Is the ring longer than one of these kinds of ports can have? */
static void check_ring_kinds(const struct check *check, uint32_t kinds, const struct axis_value *ring)
{
	remedy_text remedy;

	for (int kind = 0; kind < PORT_KINDS; kind++) {
		const struct port_traits *traits = &port_traits[kind];

		if (!(kinds & PORT_BIT(kind)) || !traits->max_ring || ring->value.number <= traits->max_ring)
			continue;
		snprintf(remedy, sizeof(remedy), "use a ring of up to %u, or another kind of port", traits->max_ring);
		problems_addf(check->problems, check_blame(check, ring, NULL), remedy,
			      "ring %s is above %u, the most descriptors of a %s port's ring", ring->value.text,
			      traits->max_ring, traits->name);
	}
}

static void check_ring(const struct check *check, const struct axis_value *burst, const struct axis_value *ring)
{
	if (burst->value.number > ring->value.number)
		problems_addf(check->problems, check_blame(check, burst, ring), "use a smaller burst, or a longer ring",
			      "burst %s is above %s, the descriptors of a port's ring", burst->value.text,
			      ring->value.text);
}

static void check_rings(const struct check *check)
{
	const struct axis *bursts = check->matrix->axis[PARAMETER_BURST];
	const struct axis *rings = check->matrix->axis[PARAMETER_RING];
	const uint32_t kinds = kinds_with_rings(check);

	for (size_t j = 0; kinds && j < rings->count; j++) {
		check_ring_kinds(check, kinds, &rings->values[j]);
		for (size_t i = 0; i < bursts->count; i++)
			check_ring(check, &bursts->values[i], &rings->values[j]);
	}
}

/* A default may be a name that this installation lacks; values that were given have been looked up. */
static void check_default(const struct check *check, enum parameter_id id)
{
	const struct axis *axis = check->matrix->axis[id];
	struct error error = { 0 };
	struct value value;

	if (axis->given || !parameter_parse(&parameter_table[id], axis->values[0].value.text,
					    check->catalogue, &value, &error))
		return;
	problems_addf(check->problems, &check->matrix->place, error.remedy, "%s, which is the default",
		      error.cause);
}

/* The rules between a parameter and a name that the catalogue knows: called for each of their pairs. */
typedef void check_pair(const struct check *check, const struct axis_value *given, const struct axis_value *name,
			const struct catalogue_entry *entry);

static void check_pairs_of(const struct check *check, enum parameter_id id, enum parameter_id name_id,
			   const struct catalogue_list *list, check_pair *pair)
{
	const struct axis *axis = check->matrix->axis[id], *names = check->matrix->axis[name_id];

	for (size_t i = 0; i < names->count; i++) {
		const struct catalogue_entry *entry = catalogue_find(list, names->values[i].value.text);

		for (size_t j = 0; entry && j < axis->count; j++)
			pair(check, &axis->values[j], &names->values[i], entry);
	}
}

/* check_port needs the entries of both. */
static void check_io(const struct check *check, const struct axis_value *io_value,
		     const struct axis_value *switch_value, const struct catalogue_entry *sw)
{
	const struct catalogue_entry *io = catalogue_find(&check->catalogue->ios, io_value->value.text);

	if (io)
		check_port(check, io_value, switch_value, io, sw);
}

void matrix_check(const struct matrix *matrix, const struct catalogue *catalogue, struct problems *problems)
{
	const struct check check = { matrix, catalogue, problems };

	check_default(&check, PARAMETER_RUNTIME);
	check_default(&check, PARAMETER_SWITCH);
	check_default(&check, PARAMETER_IO);
	check_pairs_of(&check, PARAMETER_IO, PARAMETER_SWITCH, &catalogue->switches, check_io);
	check_pairs_of(&check, PARAMETER_PORT, PARAMETER_SWITCH, &catalogue->switches, check_port_of_switch);
	check_pairs_of(&check, PARAMETER_PORT, PARAMETER_IO, &catalogue->ios, check_port_of_io);
	check_pairs_of(&check, PARAMETER_HOSTS, PARAMETER_SWITCH, &catalogue->switches, check_hosts);
	check_abilities(&check);
	check_threads(&check);
	check_topologies(&check);
	check_pairs_of(&check, PARAMETER_SIZE, PARAMETER_IO, &catalogue->ios, check_size);
	check_pairs_of(&check, PARAMETER_BURST, PARAMETER_IO, &catalogue->ios, check_burst);
	check_intervals(&check);
	check_rings(&check);
	check_rates(&check);
}
