/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint/endpoint.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "endpoint/trial.h"

#define ANNOUNCE_TRIES 100

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

static int memory_make(struct endpoint *endpoint, uint32_t max_burst, struct error *err)
{
	endpoint->tx_packets = calloc(max_burst, sizeof(*endpoint->tx_packets));
	endpoint->rx_packets = calloc(max_burst, sizeof(*endpoint->rx_packets));
	if (!endpoint->tx_packets || !endpoint->rx_packets)
		return error_errno(err, ENOMEM, NULL, "cannot make room for bursts of %u packets", max_burst);
	return 0;
}

static int port_open(struct endpoint *endpoint, struct error *err)
{
	const struct control_open *open = &endpoint->config;
	const struct io_ops *ops = io_find(open->io);
	struct io_config config = {
		.port = &open->ports[0].port,
		.memory = &open->memory,
		.local = open->ports[0].local,
		.peer = open->ports[0].peer,
		.max_frame = open->max_frame,
		.max_burst = open->max_burst,
		.clock = &endpoint->config.clock,
	};

	if (!ops)
		return error_set(err, EINVAL, "lanebench-endpoint --describe lists them",
				 "this endpoint has no I/O technique '%s'", open->io);
	if (open->max_burst > ops->max_burst)
		return error_set(err, EINVAL, "choose a smaller burst",
				 "%s takes bursts of up to %u packets, not %u", ops->name, ops->max_burst,
				 open->max_burst);
	if (open->max_frame < ops->min_frame || open->max_frame > ops->max_frame)
		return error_set(err, EINVAL, "choose another packet size",
				 "%s takes frames of %u to %u bytes, not %u", ops->name, ops->min_frame,
				 ops->max_frame, open->max_frame);
	if (!(ops->ports & PORT_BIT(open->ports[0].port.kind)))
		return error_set(err, EINVAL, "choose another technique or another switch",
				 "%s cannot use this kind of port", ops->name);
	return ops->open(&endpoint->io, &config, err);
}

static int prepared_make(struct endpoint *endpoint, struct error *err)
{
	endpoint->prepared = calloc(endpoint->io->tx_cookies, sizeof(*endpoint->prepared));
	if (!endpoint->prepared)
		return error_errno(err, ENOMEM, NULL, "cannot keep track of %u packet buffers",
				   endpoint->io->tx_cookies);
	return 0;
}

static bool address_same(const struct wire_address *a, const struct wire_address *b)
{
	return !memcmp(a->mac, b->mac, sizeof(a->mac)) && a->ip == b->ip && a->port == b->port;
}

static bool clock_same(const struct clock_scale *a, const struct clock_scale *b)
{
	return a->kind == b->kind && a->ticks0 == b->ticks0 && a->ns0 == b->ns0 && a->mult == b->mult &&
	       a->shift == b->shift;
}

/*
 * Is the open port as it is what `config` asks for? Then it stays: to close it and open it again may take a
 * second, until its other side has noticed. Role and stream are the trials' business alone.
 */
static bool port_serves(const struct endpoint *endpoint, const struct control_open *config)
{
	const struct control_open *open = &endpoint->config;
	const struct control_port *port = &open->ports[0], *wanted = &config->ports[0];

	return endpoint->io && !endpoint->io->failure.code && !strcmp(open->io, config->io) &&
	       port->port.kind == wanted->port.kind && !strcmp(port->port.address, wanted->port.address) &&
	       port->port.listens == wanted->port.listens && port->port.ring == wanted->port.ring &&
	       !strcmp(open->memory.directory, config->memory.directory) &&
	       open->memory.megabytes == config->memory.megabytes &&
	       address_same(&port->local, &wanted->local) && address_same(&port->peer, &wanted->peer) &&
	       open->processor == config->processor && open->max_frame == config->max_frame &&
	       open->max_burst == config->max_burst && clock_same(&open->clock, &config->clock);
}

static int endpoint_open_anew(struct endpoint *endpoint, const struct control_open *config, struct error *err)
{
	int ret;

	endpoint_close(endpoint);
	endpoint->config = *config;
	/* First the processor, so that the memory is of its node. */
	ret = processor_pin(config->processor, err);
	if (!ret)
		ret = memory_make(endpoint, config->max_burst, err);
	if (!ret)
		ret = port_open(endpoint, err);
	if (!ret)
		ret = prepared_make(endpoint, err);
	if (ret) {
		endpoint_close(endpoint);
		return ret;
	}
	/* Without the privilege for it the memory is at least there: all of it has been written to. */
	memset(&endpoint->account, 0, sizeof(endpoint->account));
	memset(&endpoint->result, 0, sizeof(endpoint->result));
	endpoint->memory_locked = !mlockall(MCL_CURRENT);
	return 0;
}

int endpoint_open(struct endpoint *endpoint, const struct control_open *config, struct error *err)
{
	if (port_serves(endpoint, config)) {
		endpoint->config = *config;
	} else {
		int ret = endpoint_open_anew(endpoint, config, err);

		if (ret)
			return ret;
	}
	endpoint_announce(endpoint);
	return 0;
}

void endpoint_close(struct endpoint *endpoint)
{
	if (endpoint->io)
		endpoint->io->ops->close(endpoint->io);
	endpoint->io = NULL;
	free(endpoint->prepared);
	free(endpoint->rx_packets);
	free(endpoint->tx_packets);
	endpoint->prepared = NULL;
	endpoint->rx_packets = endpoint->tx_packets = NULL;
}

json_t *endpoint_effective(struct endpoint *endpoint)
{
	const struct io_ops *ops = endpoint->io->ops;
	json_t *object = ops->effective ? ops->effective(endpoint->io) : json_object();

	json_object_set_new(object, "processor", json_integer(endpoint->config.processor));
	json_object_set_new(object, "yield", json_boolean(endpoint->config.yield));
	json_object_set_new(object, "memory_locked", json_boolean(endpoint->memory_locked));
	return object;
}

void endpoint_announce(struct endpoint *endpoint)
{
	const struct control_open *config = &endpoint->config;
	const struct io_ops *ops = endpoint->io->ops;
	struct wire_header header = { .test = WIRE_TEST_ANNOUNCE, .stream = config->stream,
		.time_ns = clock_now_ns(&config->clock) };
	uint32_t size = ops->min_frame, payload_size = size - WIRE_HEADERS_LEN;
	struct io_packet packet;
	uint8_t *payload;

	if (ops->tx_buffers(endpoint->io, &packet, 1) != 1)
		return;
	payload = packet.data + (ops->layer == IO_LAYER_FRAME ? WIRE_HEADERS_LEN : 0);
	memset(packet.data, 0, size);
	wire_payload_write(payload, payload_size, &header, WIRE_PAYLOAD_HEADERS);
	packet.size = payload_size;
	if (ops->layer == IO_LAYER_FRAME) {
		wire_frame_headers(packet.data, size, &config->ports[0].local, &config->ports[0].peer);
		wire_frame_udp_checksum(packet.data, size);
		packet.size = size;
	}
	endpoint->prepared[packet.cookie] = false;
	for (int i = 0; i < ANNOUNCE_TRIES && !ops->tx_burst(endpoint->io, &packet, 1); i++)
		sched_yield();
}
