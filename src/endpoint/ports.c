/* SPDX-License-Identifier: Apache-2.0 */
/* The ports of an endpoint: which stay open from one trial to the next, and in which order they open. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint/endpoint.h"

static bool address_same(const struct wire_address *a, const struct wire_address *b)
{
	return !memcmp(a->mac, b->mac, sizeof(a->mac)) && a->ip == b->ip && a->port == b->port;
}

static bool clock_same(const struct clock_scale *a, const struct clock_scale *b)
{
	return a->kind == b->kind && a->ticks0 == b->ticks0 && a->ns0 == b->ns0 && a->mult == b->mult &&
	       a->shift == b->shift;
}

static bool port_same(const struct control_port *a, const struct control_port *b)
{
	return a->port.kind == b->port.kind && !strcmp(a->port.address, b->port.address) &&
	       a->port.listens == b->port.listens && a->port.ring == b->port.ring &&
	       address_same(&a->local, &b->local) && address_same(&a->peer, &b->peer);
}

/* What all ports have in common. */
static bool frame_same(const struct control_open *a, const struct control_open *b)
{
	return !strcmp(a->io, b->io) && !strcmp(a->memory.directory, b->memory.directory) &&
	       a->memory.megabytes == b->memory.megabytes && a->processor == b->processor &&
	       a->max_frame == b->max_frame && a->max_burst == b->max_burst &&
	       clock_same(&a->clock, &b->clock);
}

/*
 * Then it stays: to close it and open it again may take a second, until its other side has noticed. Role and
 * streams are the trials' business alone.
 */
bool endpoint_port_serves(const struct endpoint *endpoint, uint32_t i, const struct control_open *config)
{
	const struct io *io = endpoint->ports[i].io;

	return io && !io->failure.code && i < config->port_count && frame_same(&endpoint->config, config) &&
	       port_same(&endpoint->config.ports[i], &config->ports[i]);
}

static int memory_make(struct endpoint_port *port, uint32_t max_burst, struct error *err)
{
	port->tx_packets = calloc(max_burst, sizeof(*port->tx_packets));
	port->rx_packets = calloc(max_burst, sizeof(*port->rx_packets));
	port->prepared = calloc(port->io->tx_cookies, sizeof(*port->prepared));
	if (port->tx_packets && port->rx_packets && port->prepared)
		return 0;
	return error_errno(err, ENOMEM, NULL, "cannot make room for bursts of %u packets", max_burst);
}

static int port_open(struct endpoint *endpoint, uint32_t i, struct error *err)
{
	const struct control_open *open = &endpoint->config;
	struct endpoint_port *port = &endpoint->ports[i];
	const struct io_ops *ops = io_find(open->io);
	struct io_config config = {
		.port = &open->ports[i].port,
		.port_count = open->port_count,
		.memory = &open->memory,
		.local = open->ports[i].local,
		.peer = open->ports[i].peer,
		.max_frame = open->max_frame,
		.max_burst = open->max_burst,
		.clock = &open->clock,
	};
	int ret;

	for (uint32_t k = 0; k < open->port_count; k++)
		config.ports[k] = &open->ports[k].port;
	if (!(ops->ports & PORT_BIT(config.port->kind)))
		return error_set(err, EINVAL, "choose another technique or another switch",
				 "%s cannot use this kind of port", ops->name);
	ret = ops->open(&port->io, &config, err);
	return ret ? ret : memory_make(port, open->max_burst, err);
}

int endpoint_ports_open(struct endpoint *endpoint, struct error *err)
{
	const struct control_open *config = &endpoint->config;
	bool opened[CONTROL_PORTS_MAX] = { false };
	int ret = 0;

	for (int listens = 1; listens >= 0; listens--)
		for (uint32_t i = 0; i < config->port_count && !ret; i++)
			if (config->ports[i].port.listens == listens && !endpoint->ports[i].io) {
				ret = port_open(endpoint, i, err);
				opened[i] = true;
			}
	for (uint32_t i = 0; i < config->port_count && !ret; i++) {
		struct io *io = endpoint->ports[i].io;

		if (opened[i] && io->ops->wait)
			ret = io->ops->wait(io, err);
	}
	return ret;
}

void endpoint_port_close(struct endpoint_port *port)
{
	if (port->io)
		port->io->ops->close(port->io);
	free(port->prepared);
	free(port->rx_packets);
	free(port->tx_packets);
	memset(port, 0, sizeof(*port));
}
