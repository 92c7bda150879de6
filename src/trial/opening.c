/* SPDX-License-Identifier: Apache-2.0 */
/* Before a trial: each endpoint gets the role and the technique of its test, and opens its ports. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "trial/running.h"

#define OPEN_TIMEOUT_NS UINT64_C(10000000000)
#define CONNECT_STEP_NS UINT64_C(2000000) /* between looks at sockets that endpoints are about to make */

static enum control_role role_of(enum topology_part part, bool latency)
{
	switch (part) {
	case TOPOLOGY_SENDER:
		return latency ? ROLE_CLIENT : ROLE_SENDER;
	case TOPOLOGY_RECEIVER:
		return latency ? ROLE_SERVER : ROLE_RECEIVER;
	case TOPOLOGY_FORWARDER:
		return ROLE_FORWARDER;
	case TOPOLOGY_LOOPED:
		return latency ? ROLE_ECHO : ROLE_EXCHANGE;
	case TOPOLOGY_EXCHANGE:
		break;
	}
	return ROLE_EXCHANGE;
}

/* Frames leave for the port at the link's other end, and are addressed to the far end of the flow. */
static void fill_port(const struct testbed *testbed, unsigned index, struct control_port *port)
{
	const struct topology_port *place = &testbed->topology.ports[index];
	int next = place->peer != TOPOLOGY_NONE ? place->peer : place->far;
	int far = place->far != TOPOLOGY_NONE ? place->far : next;

	port->port = testbed->ports[index].port;
	port->local = testbed->ports[index].address;
	port->peer = testbed->ports[far].address;
	memcpy(port->peer.mac, testbed->ports[next].address.mac, sizeof(port->peer.mac));
}

/* Flow f of the topology has the streams f * flows to (f + 1) * flows - 1. */
static void fill_streams(const struct testbed *testbed, const struct topology_node *node, bool answered, unsigned flows,
			 struct control_open *open)
{
	const struct topology *topology = &testbed->topology;
	int receives = answered ? node->sends : node->receives;

	open->stream = node->sends == TOPOLOGY_NONE ? 0 : (uint16_t)((unsigned)node->sends * flows);
	open->rx_stream = receives == TOPOLOGY_NONE ? 0 : (uint16_t)((unsigned)receives * flows);
	open->rx_flows = receives == TOPOLOGY_NONE || answered ? 1 : node->receive_count;
	open->source_count = open->rx_flows > 1 ? open->rx_flows : 0;
	for (unsigned i = 0; i < open->source_count; i++)
		open->sources[i] = testbed->ports[topology->flows[(unsigned)receives + i].from].address;
}

static int driver_say_open(struct trial_driver *driver, unsigned who, const struct test *test, struct error *err)
{
	struct speaker *speaker = &driver->conversation.speakers[who];
	const struct testbed *testbed = driver->conversation.testbed;
	const struct testbed_endpoint *endpoint = &testbed->endpoints[who];
	const struct topology_node *node = &testbed->topology.nodes[who];
	struct control_message message = { .type = CONTROL_OPEN };
	struct control_open *open = &message.open;

	open->role = role_of(node->part, test_is_latency(test));
	snprintf(open->io, sizeof(open->io), "%s", test_text(test, PARAMETER_IO));
	open->port_count = node->port_count;
	for (unsigned place = 0; place < node->port_count; place++)
		fill_port(testbed, node->ports[place], &open->ports[place]);
	speaker->flows = (unsigned)test_number(test, PARAMETER_FLOWS);
	fill_streams(testbed, node, open->role == ROLE_CLIENT, speaker->flows, open);
	open->memory = endpoint->memory;
	open->processor = endpoint->processor;
	open->yield = endpoint->shared;
	open->max_frame = driver->max_frame;
	open->max_burst = driver->max_burst;
	open->clock = driver->clock;
	speaker->role = open->role;
	speaker->asked = true;
	memcpy(speaker->io, open->io, sizeof(speaker->io));
	return conversation_say(&driver->conversation, who, &message, err);
}

/*
 * Where the endpoints make the sockets of their ports, the switch connects to them once they are there. Returns how
 * many ports do not forward yet, or -errno.
 */
static int driver_connect(const struct trial_driver *driver, struct error *err)
{
	struct vswitch *sw = driver->conversation.testbed->sw;

	return sw->ops->connect ? sw->ops->connect(sw, err) : 0;
}

static int driver_not_open(unsigned waiting, int missing, struct error *err)
{
	const int seconds = (int)(OPEN_TIMEOUT_NS / 1000000000);

	if (waiting)
		return error_set(err, ETIMEDOUT, "see the record's logs/ folder; much packet memory on busy "
				 "processors takes time: a smaller ring or fewer containers need less of it",
				 "%u endpoint%s did not open %s within %d s", waiting, waiting == 1 ? "" : "s",
				 waiting == 1 ? "its port" : "their ports", seconds);
	return error_set(err, ETIMEDOUT, "see logs/switch.log in the record",
			 "%d port%s of the switch did not forward within %d s", missing, missing == 1 ? "" : "s",
			 seconds);
}

/* An endpoint has its ports open. */
static int driver_note_ready(struct trial_driver *driver, unsigned who, const struct control_message *message,
			     struct error *err)
{
	struct speaker *speaker = &driver->conversation.speakers[who];

	if (message->type != CONTROL_READY || !speaker->asked)
		return conversation_unasked(&driver->conversation, who, err);
	speaker->asked = false;
	json_decref(speaker->effective);
	speaker->effective = json_incref(message->effective);
	return 0;
}

static int driver_wait_open(struct trial_driver *driver, unsigned waiting, const volatile int *cancel,
			    struct error *err)
{
	struct conversation *conversation = &driver->conversation;
	uint64_t deadline = clock_monotonic_ns() + OPEN_TIMEOUT_NS;
	bool connects = conversation->testbed->sw->ops->connect;

	for (;;) {
		struct control_message message;
		int missing = driver_connect(driver, err), result;
		uint64_t now = clock_monotonic_ns();
		unsigned who;

		if (missing < 0 || (!missing && !waiting))
			return missing;
		if (now >= deadline)
			return driver_not_open(waiting, missing, err);
		result = conversation_hear(conversation, connects ? now + CONNECT_STEP_NS : deadline, cancel, &who,
					   &message, err);
		if (result < 0)
			return result;
		if (result == 0)
			continue;
		result = driver_note_ready(driver, who, &message, err);
		control_free(&message);
		if (result)
			return result;
		waiting--;
	}
}

static bool speaker_is_open(const struct speaker *speaker, enum topology_part part, const struct test *test)
{
	return speaker->role == role_of(part, test_is_latency(test)) &&
	       speaker->flows == test_number(test, PARAMETER_FLOWS) &&
	       strcmp(speaker->io, test_text(test, PARAMETER_IO)) == 0;
}

int driver_open_ports(struct trial_driver *driver, const struct test *test, const volatile int *cancel,
			     struct error *err)
{
	struct conversation *conversation = &driver->conversation;
	unsigned waiting = 0;

	for (unsigned who = 0; who < conversation->count; who++) {
		int result;

		if (speaker_is_open(&conversation->speakers[who], conversation->testbed->topology.nodes[who].part,
				    test))
			continue;
		result = driver_say_open(driver, who, test, err);
		if (result)
			return result;
		waiting++;
	}
	return waiting ? driver_wait_open(driver, waiting, cancel, err) : 0;
}

