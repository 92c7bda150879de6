/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network links and addresses through netlink, in any network namespace. Each call names the namespace by a
 * descriptor, LINKS_HERE = the caller's own. The calling thread enters the namespace only to open its
 * socket and is back before the call returns. Failures: 0 or -errno with cause ("cannot create the bridge
 * br0: ...").
 */
#ifndef LB_TESTBED_HOST_LINKS_H
#define LB_TESTBED_HOST_LINKS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"
#include "wire/frame.h"

#define LINKS_HERE (-1)

struct link_end {
	int netns;            /* where this end lives */
	const char *name;
	const uint8_t *mac;   /* NULL = the kernel's choice */
};

/* Both ends at once, each in its namespace, with this MTU. */
int link_create_veth(const struct link_end *a, const struct link_end *b, uint32_t mtu, struct error *err);
/* A learning bridge without STP, without multicast snooping, without packet filter hooks; quiet, and up. */
int link_create_bridge(int netns, const char *name, uint32_t mtu, struct error *err);
/* macvlan in bridge mode upon `lower` of namespace lower_netns, created in end->netns. */
int link_create_macvlan(int lower_netns, const char *lower, const struct link_end *end, uint32_t mtu,
			struct error *err);
int link_set_master(int netns, const char *name, const char *master, struct error *err);
int link_set_up(int netns, const char *name, struct error *err);
int link_delete(int netns, const char *name, struct error *err); /* not there = 0 */

/*
 * No IPv6 on the link: no router solicitations or neighbour discovery among the test frames. Before
 * link_set_up.
 */
int link_quiet(int netns, const char *name, struct error *err);
/* address/prefix on the link, and a permanent neighbour entry for each peer, so that no ARP is needed. */
int link_set_address(int netns, const char *name, const struct wire_address *address, unsigned prefix,
		     struct error *err);
int link_add_neighbour(int netns, const char *name, const struct wire_address *peer, struct error *err);

/* Counters and settings of a link as the kernel reports them. */
struct link_state {
	int index;
	uint32_t mtu;
	uint8_t mac[6];
	bool up;             /* administratively and operationally, and its queue discipline takes packets */
	bool forwarding;     /* a port of a bridge that forwards (spanning tree state) */
	uint64_t rx_packets, tx_packets, rx_dropped, tx_dropped;
	char kind[16];       /* veth, bridge, macvlan */
	char qdisc[16];
};
int link_read(int netns, const char *name, struct link_state *state, struct error *err);

/*
 * Settings in effect, for a record: {kind, mac, mtu, qdisc, up, and those of its kind}. New reference, NULL
 * if unreadable. A bridge's has `netfilter` where the kernel could filter its frames: whether it does.
 */
json_t *link_effective(int netns, const char *name);

#endif
