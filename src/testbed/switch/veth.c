/* SPDX-License-Identifier: Apache-2.0 */
/*
 * veth: no switch at all. The two ports of a link are the two ends of one veth pair, each in its container:
 * what every switch of the kernel's is to be compared with.
 */
#include <errno.h>
#include <stdlib.h>

#include "testbed/host/links.h"
#include "testbed/switch/netdev.h"
#include "testbed/switch/switch.h"

struct veth {
	struct vswitch base;
	uint32_t mtu;
	unsigned ports;
	const struct switch_port **port; /* those that are made; NULL = not yet */
};

static int veth_try(int netns, struct error *err)
{
	const struct link_end a = { .netns = netns, .name = "a" }, b = { .netns = netns, .name = "b" };

	return link_create_veth(&a, &b, 1500, err);
}

static int veth_probe(struct error *err)
{
	return netdev_probe(veth_try, err);
}

static void veth_stop(struct vswitch *sw)
{
	struct veth *veth = (struct veth *)sw;

	free(veth->port);
	free(veth);
}

static int veth_start(struct vswitch **sw, const struct switch_spec *spec, struct error *err)
{
	struct veth *veth = calloc(1, sizeof(*veth));

	if (!veth)
		return error_errno(err, ENOMEM, NULL, "cannot start veth");
	veth->port = calloc(spec->ports, sizeof(*veth->port));
	if (!veth->port) {
		free(veth);
		return error_errno(err, ENOMEM, NULL, "cannot start veth");
	}
	veth->mtu = spec->mtu;
	veth->ports = spec->ports;
	*sw = &veth->base;
	return 0;
}

static int veth_attach(struct vswitch *sw, struct switch_port *port, struct error *err)
{
	struct link_end end = netdev_end(port), peer = netdev_end(port->peer);
	struct veth *veth = (struct veth *)sw;
	int rc;

	if (veth->port[port->peer->index])
		return 0; /* made together with its peer */
	rc = link_create_veth(&end, &peer, veth->mtu, err);
	if (!rc)
		veth->port[port->index] = port;
	return rc;
}

/*
 * A frame that does not fit into the receiving processor's backlog is counted twice: as dropped by the
 * sending end, and by the receiving one. So it is what each end failed to send that is added up.
 */
static int veth_dropped(struct vswitch *sw, uint64_t *packets)
{
	struct veth *veth = (struct veth *)sw;
	struct link_state state;

	*packets = 0;
	for (unsigned i = 0; i < veth->ports; i++) {
		const struct switch_port *port = veth->port[i];
		int rc;

		if (!port)
			continue;
		rc = link_read(port->netns, port->port.address, &state, NULL);
		if (rc < 0)
			return rc;
		*packets += state.tx_dropped;
		rc = link_read(port->peer->netns, port->peer->port.address, &state, NULL);
		if (rc < 0)
			return rc;
		*packets += state.tx_dropped;
	}
	return 0;
}

const struct switch_ops veth_switch = {
	.name = "veth",
	.summary = "no switch: a veth pair between the two ends of a link",
	.ports = PORT_BIT(PORT_NETDEV),
	.probe = veth_probe,
	.start = veth_start,
	.attach = veth_attach,
	.dropped = veth_dropped,
	.version = netdev_version,
	.stop = veth_stop,
};
