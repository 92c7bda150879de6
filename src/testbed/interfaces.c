/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/interfaces.h"

#include <errno.h>

#include "testbed/host/links.h"
#include "testbed/switch/netdev.h"

#define ADDRESS_PREFIX 15      /* 198.18.0.0/15, see wire_address_make */

int interfaces_cancelled(const volatile int *cancel, struct error *err)
{
	if (cancel && *cancel)
		return error_set(err, EINTR, NULL, "interrupted while the testbed was brought up");
	return 0;
}

static int interface_up(const struct switch_port *port, bool addresses, struct error *err)
{
	int rc = link_quiet(port->netns, port->port.address, err);

	if (!rc)
		rc = link_set_up(port->netns, port->port.address, err);
	if (!rc && addresses)
		rc = link_set_address(port->netns, port->port.address, &port->address, ADDRESS_PREFIX, err);
	return rc;
}

/*
 * A technique that hands over whole frames gets a port without an IP address: the kernel's own stack, which sees
 * these frames too, then has nothing to answer for. One that uses the stack gets an address, and those that it has
 * flows with as permanent neighbours, so that no ARP runs among the test frames.
 */
static int neighbours_add(const struct topology *topology, const struct switch_port *ports,
			  const volatile int *cancel, struct error *err)
{
	int rc = 0;

	for (unsigned i = 0; i < topology->flow_count && !rc; i++) {
		const struct switch_port *from = &ports[topology->flows[i].from], *to = &ports[topology->flows[i].to];

		rc = interfaces_cancelled(cancel, err);
		rc = rc ? rc : link_add_neighbour(from->netns, from->port.address, &to->address, err);
		rc = rc ? rc : link_add_neighbour(to->netns, to->port.address, &from->address, err);
	}
	return rc;
}

int interfaces_up(const struct topology *topology, const struct switch_port *ports, bool addresses,
		  const volatile int *cancel, struct error *err)
{
	int rc = 0;

	for (unsigned i = 0; i < topology->port_count && !rc; i++) {
		rc = interfaces_cancelled(cancel, err);
		if (!rc)
			rc = interface_up(&ports[i], addresses, err);
	}
	if (!rc && addresses)
		rc = neighbours_add(topology, ports, cancel, err);
	/* Only now: a port of a veth pair is up when its peer is. */
	for (unsigned i = 0; i < topology->port_count && !rc; i++)
		rc = netdev_wait(ports[i].netns, ports[i].port.address, false, err);
	return rc;
}
