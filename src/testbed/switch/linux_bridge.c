/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux-bridge: the kernel's bridge, as a plain learning switch. In the switch's namespace: the bridge
 * "br", and for each port a veth end "port<i>" enslaved to it; the other end is in the container.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "testbed/host/links.h"
#include "testbed/switch/netdev.h"
#include "testbed/switch/switch.h"

#define BRIDGE "br"
#define PORTS_MAX 1023 /* BR_MAX_PORTS of the kernel, whose numbers begin at 1 */

struct bridge {
	struct vswitch base;
	int netns;
	uint32_t mtu;
	unsigned ports;                  /* attached so far, of those that were announced */
	const struct switch_port **port;
};

static void port_name(const struct switch_port *port, char name[16])
{
	snprintf(name, 16, "port%u", port->index);
}

static int bridge_try(int netns, struct error *err)
{
	const struct link_end a = { .netns = netns, .name = "a" }, b = { .netns = netns, .name = "b" };
	int rc = link_create_bridge(netns, BRIDGE, 1500, err);

	if (!rc)
		rc = link_create_veth(&a, &b, 1500, err);
	return rc;
}

static int bridge_probe(struct error *err)
{
	return netdev_probe(bridge_try, err);
}

static void bridge_stop(struct vswitch *sw)
{
	struct bridge *bridge = (struct bridge *)sw;

	free(bridge->port);
	free(bridge);
}

static int bridge_start(struct vswitch **sw, const struct switch_spec *spec, struct error *err)
{
	struct bridge *bridge = calloc(1, sizeof(*bridge));
	int rc;

	if (!bridge)
		return error_errno(err, ENOMEM, NULL, "cannot start the bridge");
	bridge->netns = spec->netns;
	bridge->mtu = spec->mtu;
	bridge->port = calloc(spec->ports, sizeof(*bridge->port));
	if (!bridge->port)
		rc = error_errno(err, ENOMEM, NULL, "cannot start the bridge");
	else
		rc = link_create_bridge(spec->netns, BRIDGE, spec->mtu, err);
	if (rc < 0) {
		free(bridge->port);
		free(bridge);
		return rc;
	}
	*sw = &bridge->base;
	return 0;
}

static int bridge_attach(struct vswitch *sw, struct switch_port *port, struct error *err)
{
	struct bridge *bridge = (struct bridge *)sw;
	const struct link_end container = netdev_end(port);
	struct link_end end = { .netns = bridge->netns };
	char name[16];
	int rc;

	port_name(port, name);
	end.name = name;
	rc = link_create_veth(&end, &container, bridge->mtu, err);
	if (rc < 0)
		return rc;
	bridge->port[bridge->ports++] = port;
	rc = link_quiet(bridge->netns, name, err);
	if (!rc)
		rc = link_set_master(bridge->netns, name, BRIDGE, err);
	if (!rc)
		rc = link_set_up(bridge->netns, name, err);
	return rc;
}

static int bridge_ready(struct vswitch *sw, struct error *err)
{
	struct bridge *bridge = (struct bridge *)sw;
	char name[16];

	for (unsigned i = 0; i < bridge->ports; i++) {
		int rc;

		port_name(bridge->port[i], name);
		rc = netdev_wait(bridge->netns, name, true, err);
		if (rc < 0)
			return rc;
	}
	return netdev_wait(bridge->netns, BRIDGE, false, err);
}

/* Both ends of each port's veth pair, each by what it could not hand over; see veth_dropped. */
static int bridge_dropped(struct vswitch *sw, uint64_t *packets)
{
	struct bridge *bridge = (struct bridge *)sw;
	struct link_state state;
	char name[16];

	*packets = 0;
	for (unsigned i = 0; i < bridge->ports; i++) {
		const struct switch_port *port = bridge->port[i];
		int rc;

		rc = link_read(port->netns, port->port.address, &state, NULL);
		if (rc < 0)
			return rc;
		*packets += state.tx_dropped;
		port_name(port, name);
		rc = link_read(bridge->netns, name, &state, NULL);
		if (rc < 0)
			return rc;
		*packets += state.tx_dropped;
	}
	return 0;
}

static json_t *bridge_effective(struct vswitch *sw)
{
	return link_effective(((struct bridge *)sw)->netns, BRIDGE);
}

const struct switch_ops linux_bridge_switch = {
	.name = "linux-bridge",
	.summary = "the kernel's learning bridge, a veth pair to each container",
	.ports = PORT_BIT(PORT_NETDEV),
	.learns = true,
	.max_ports = PORTS_MAX,
	.probe = bridge_probe,
	.start = bridge_start,
	.attach = bridge_attach,
	.ready = bridge_ready,
	.dropped = bridge_dropped,
	.effective = bridge_effective,
	.version = netdev_version,
	.stop = bridge_stop,
};
