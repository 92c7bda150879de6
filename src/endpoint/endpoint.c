/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint/endpoint.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ANNOUNCE_TRIES 100
#define CACHE_LINE 64

static int processor_pin(int processor, struct error *err)
{
	cpu_set_t set;

	if (processor < 0)
		return 0;
	if (processor >= CPU_SETSIZE)
		return error_set(err, EINVAL, NULL, "processor %d is beyond the %d that can be named",
				 processor, CPU_SETSIZE);
	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return error_errno(err, errno, "the processor must be online and in the container's cpuset",
				   "cannot run on processor %d", processor);
	return 0;
}

/* How many ports each role has. */
static const struct { uint32_t least, most; } role_ports[] = {
	[ROLE_SENDER] = { 1, 1 }, [ROLE_RECEIVER] = { 1, 1 }, [ROLE_CLIENT] = { 1, 1 },
	[ROLE_SERVER] = { 1, 1 }, [ROLE_FORWARDER] = { 2, 2 }, [ROLE_EXCHANGE] = { 1, 2 },
	[ROLE_ECHO] = { 2, 2 },
};

static int open_check(const struct control_open *open, struct error *err)
{
	const struct io_ops *ops = io_find(open->io);
	const char *role = control_role_name(open->role);

	if (!ops)
		return error_set(err, EINVAL, "lanebench-endpoint --describe lists them",
				 "this endpoint has no I/O technique '%s'", open->io);
	if (open->port_count < role_ports[open->role].least || open->port_count > role_ports[open->role].most)
		return error_set(err, EINVAL, NULL, "the role %s has no use for %u port%s", role,
				 open->port_count, open->port_count == 1 ? "" : "s");
	if (open->port_count > 1 && ops->layer != IO_LAYER_FRAME)
		return error_set(err, EINVAL, "choose a technique that hands over whole frames",
				 "%s makes no headers of its own, which the role %s on two ports needs",
				 ops->name, role);
	if (open->max_burst > ops->max_burst)
		return error_set(err, EINVAL, "choose a smaller burst",
				 "%s takes bursts of up to %u packets, not %u", ops->name, ops->max_burst,
				 open->max_burst);
	if (open->max_frame < ops->min_frame || open->max_frame > ops->max_frame)
		return error_set(err, EINVAL, "choose another packet size",
				 "%s takes frames of %u to %u bytes, not %u", ops->name, ops->min_frame,
				 ops->max_frame, open->max_frame);
	return 0;
}

/* Results of all senders. */
static int results_make(struct endpoint *endpoint, struct error *err)
{
	free(endpoint->rx);
	endpoint->rx = calloc(endpoint->config.rx_flows, sizeof(*endpoint->rx));
	if (!endpoint->rx)
		return error_errno(err, ENOMEM, NULL, "cannot keep the results of %u senders",
				   endpoint->config.rx_flows);
	memset(endpoint->rx, 0, endpoint->config.rx_flows * sizeof(*endpoint->rx));
	return 0;
}

int endpoint_reserve(struct endpoint *endpoint, const struct control_start *start, struct error *err)
{
	size_t size = inspector_accounts_size(&endpoint->config, start);

	if (size <= endpoint->accounts_size)
		return 0;
	free(endpoint->accounts);
	endpoint->accounts_size = 0;
	endpoint->accounts = aligned_alloc(CACHE_LINE, (size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE);
	if (!endpoint->accounts)
		return error_errno(err, ENOMEM, NULL, "cannot keep accounts of %u flows", start->flows);
	endpoint->accounts_size = size;
	/* Without the privilege to lock it the memory is at least there: all of it has been written to. */
	memset(endpoint->accounts, 0, size);
	mlock(endpoint->accounts, size);
	return 0;
}

/* Close what the new configuration does not have like this; all, if no port stays. */
static void endpoint_close_others(struct endpoint *endpoint, const struct control_open *config)
{
	bool any = false;

	for (uint32_t i = 0; i < CONTROL_PORTS_MAX; i++) {
		if (endpoint_port_serves(endpoint, i, config))
			any = true;
		else
			endpoint_port_close(&endpoint->ports[i]);
	}
	if (!any)
		endpoint_close(endpoint);
}

static int endpoint_make(struct endpoint *endpoint, struct error *err)
{
	const struct control_start least = { .flows = 1, .size_count = 1 };
	/* First the processor, so that the memory is of its node. */
	int ret = processor_pin(endpoint->config.processor, err);

	if (!ret)
		ret = endpoint_ports_open(endpoint, err);
	if (!ret)
		ret = results_make(endpoint, err);
	if (!ret)
		ret = endpoint_reserve(endpoint, &least, err);
	return ret;
}

int endpoint_open(struct endpoint *endpoint, const struct control_open *config, struct error *err)
{
	int ret = open_check(config, err);

	endpoint_close_others(endpoint, config);
	endpoint->config = *config;
	if (!ret)
		ret = endpoint_make(endpoint, err);
	if (ret) {
		endpoint_close(endpoint);
		return ret;
	}
	endpoint->memory_locked = !mlockall(MCL_CURRENT);
	for (uint32_t i = 0; i < config->port_count; i++)
		endpoint_announce(endpoint, &endpoint->ports[i]);
	return 0;
}

void endpoint_close(struct endpoint *endpoint)
{
	for (uint32_t i = 0; i < CONTROL_PORTS_MAX; i++)
		endpoint_port_close(&endpoint->ports[i]);
	free(endpoint->accounts);
	free(endpoint->rx);
	endpoint->accounts = NULL;
	endpoint->accounts_size = 0;
	endpoint->rx = NULL;
}

static json_t *port_effective(const struct endpoint_port *port)
{
	const struct io_ops *ops = port->io->ops;

	return ops->effective ? ops->effective(port->io) : json_object();
}

json_t *endpoint_effective(struct endpoint *endpoint)
{
	json_t *object = port_effective(&endpoint->ports[0]);

	if (endpoint->config.port_count > 1)
		json_object_set_new(object, "second_port", port_effective(&endpoint->ports[1]));
	json_object_set_new(object, "processor", json_integer(endpoint->config.processor));
	json_object_set_new(object, "yield", json_boolean(endpoint->config.yield));
	json_object_set_new(object, "memory_locked", json_boolean(endpoint->memory_locked));
	return object;
}

void endpoint_announce(struct endpoint *endpoint, struct endpoint_port *port)
{
	const struct control_port *config = &endpoint->config.ports[port - endpoint->ports];
	const struct io_ops *ops = port->io->ops;
	struct wire_header header = { .test = WIRE_TEST_ANNOUNCE, .stream = endpoint->config.stream,
		.time_ns = clock_now_ns(&endpoint->config.clock) };
	uint32_t size = ops->min_frame, payload_size = size - WIRE_HEADERS_LEN;
	struct io_packet packet;
	uint8_t *payload;

	if (ops->tx_buffers(port->io, &packet, 1) != 1)
		return;
	payload = packet.data + (ops->layer == IO_LAYER_FRAME ? WIRE_HEADERS_LEN : 0);
	memset(packet.data, 0, size);
	wire_payload_write(payload, payload_size, &header, WIRE_PAYLOAD_HEADERS);
	packet.size = payload_size;
	if (ops->layer == IO_LAYER_FRAME) {
		wire_frame_headers(packet.data, size, &config->local, &config->peer);
		wire_frame_udp_checksum(packet.data, size);
		packet.size = size;
	}
	port->prepared[packet.cookie] = 0;
	for (int i = 0; i < ANNOUNCE_TRIES && !ops->tx_burst(port->io, &packet, 1); i++)
		sched_yield();
}
