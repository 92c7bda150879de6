/* SPDX-License-Identifier: Apache-2.0 */
/*
 * macvlan in bridge mode: the containers' interfaces are sub-interfaces of one link, told apart by their
 * MAC addresses; frames between them never leave the host. The kernel knows all addresses: nothing is to be
 * learnt.
 *
 * The common link is one end of a veth pair within the switch's namespace: every kernel that has the
 * switches here has veth, while the module dummy, the usual choice, is missing from many. Frames between
 * sub-interfaces do not cross the pair; only those for addresses that no sub-interface has, and broadcasts,
 * do, and end there.
 */
#include <errno.h>
#include <stdlib.h>

#include "testbed/host/links.h"
#include "testbed/switch/netdev.h"
#include "testbed/switch/switch.h"

#define LOWER "lower"
#define LOWER_PEER "lower-peer"

struct macvlan {
	struct vswitch base;
	int netns;
	uint32_t mtu;
	unsigned ports;                  /* attached so far, of those that were announced */
	const struct switch_port **port;
};

static int create_lower(int netns, uint32_t mtu, struct error *err)
{
	static const char *const names[] = { LOWER, LOWER_PEER };
	const struct link_end a = { .netns = netns, .name = LOWER };
	const struct link_end b = { .netns = netns, .name = LOWER_PEER };
	int rc = link_create_veth(&a, &b, mtu, err);

	for (int i = 0; i < 2 && !rc; i++) {
		rc = link_quiet(netns, names[i], err);
		if (!rc)
			rc = link_set_up(netns, names[i], err);
		if (rc < 0)
			link_delete(netns, LOWER, NULL);
	}
	return rc;
}

static int macvlan_try(int netns, struct error *err)
{
	const struct link_end end = { .netns = netns, .name = "a" };
	int rc = create_lower(netns, 1500, err);

	if (!rc)
		rc = link_create_macvlan(netns, LOWER, &end, 1500, err);
	return rc;
}

static int macvlan_probe(struct error *err)
{
	return netdev_probe(macvlan_try, err);
}

static void macvlan_stop(struct vswitch *sw)
{
	struct macvlan *macvlan = (struct macvlan *)sw;

	free(macvlan->port);
	free(macvlan);
}

static int macvlan_start(struct vswitch **sw, const struct switch_spec *spec, struct error *err)
{
	struct macvlan *macvlan = calloc(1, sizeof(*macvlan));
	int rc;

	if (!macvlan)
		return error_errno(err, ENOMEM, NULL, "cannot start macvlan");
	macvlan->netns = spec->netns;
	macvlan->mtu = spec->mtu;
	macvlan->port = calloc(spec->ports, sizeof(*macvlan->port));
	if (!macvlan->port)
		rc = error_errno(err, ENOMEM, NULL, "cannot start macvlan");
	else
		rc = create_lower(spec->netns, spec->mtu, err);
	if (rc < 0) {
		free(macvlan->port);
		free(macvlan);
		return rc;
	}
	*sw = &macvlan->base;
	return 0;
}

static int macvlan_attach(struct vswitch *sw, struct switch_port *port, struct error *err)
{
	struct macvlan *macvlan = (struct macvlan *)sw;
	const struct link_end end = netdev_end(port);
	int rc = link_create_macvlan(macvlan->netns, LOWER, &end, macvlan->mtu, err);

	if (!rc)
		macvlan->port[macvlan->ports++] = port;
	return rc;
}

static int macvlan_ready(struct vswitch *sw, struct error *err)
{
	return netdev_wait(((struct macvlan *)sw)->netns, LOWER, false, err);
}

/*
 * Frames between sub-interfaces pass the receive path of the common link, which counts those that find its
 * backlog full; a sub-interface counts those that it could not hand over.
 */
static int macvlan_dropped(struct vswitch *sw, uint64_t *packets)
{
	struct macvlan *macvlan = (struct macvlan *)sw;
	struct link_state state;
	int rc;

	rc = link_read(macvlan->netns, LOWER, &state, NULL);
	if (rc < 0)
		return rc;
	*packets = state.rx_dropped;
	for (unsigned i = 0; i < macvlan->ports; i++) {
		rc = link_read(macvlan->port[i]->netns, macvlan->port[i]->port.address, &state, NULL);
		if (rc < 0)
			return rc;
		*packets += state.tx_dropped;
	}
	return 0;
}

static json_t *macvlan_effective(struct vswitch *sw)
{
	struct macvlan *macvlan = (struct macvlan *)sw;
	json_t *effective;

	if (!macvlan->ports)
		return NULL;
	effective = link_effective(macvlan->port[0]->netns, macvlan->port[0]->port.address);
	if (!effective)
		return NULL;
	json_object_del(effective, "mac"); /* of one port; the mode is that of all */
	json_object_set_new(effective, "lower", link_effective(macvlan->netns, LOWER));
	return effective;
}

const struct switch_ops macvlan_switch = {
	.name = "macvlan",
	.summary = "sub-interfaces of one link, in bridge mode",
	.ports = PORT_BIT(PORT_NETDEV),
	.learns = true,
	.probe = macvlan_probe,
	.start = macvlan_start,
	.attach = macvlan_attach,
	.ready = macvlan_ready,
	.dropped = macvlan_dropped,
	.effective = macvlan_effective,
	.version = netdev_version,
	.stop = macvlan_stop,
};
