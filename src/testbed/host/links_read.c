/* SPDX-License-Identifier: Apache-2.0 */
/* Reading links: one RTM_GETLINK, whose answer serves the struct and the record's JSON. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "testbed/host/links.h"
#include "testbed/host/netlink.h"

struct reading {
	struct link_state *state;
	json_t *settings; /* those of the link's kind are added here; may be NULL */
};

static void read_statistics(const struct nlattr *attribute, struct link_state *state)
{
	struct rtnl_link_stats64 statistics = { 0 };

	if (!attribute)
		return;
	nla_memcpy(&statistics, attribute, sizeof(statistics));
	state->rx_packets = statistics.rx_packets;
	state->tx_packets = statistics.tx_packets;
	state->rx_dropped = statistics.rx_dropped;
	state->tx_dropped = statistics.tx_dropped;
}

static void read_bridge(struct nlattr *data, json_t *settings)
{
	struct nlattr *attributes[IFLA_BR_MAX + 1] = { NULL };

	if (nla_parse_nested(attributes, IFLA_BR_MAX, data, NULL) < 0)
		return;
	if (attributes[IFLA_BR_STP_STATE])
		json_object_set_new(settings, "stp",
				    json_boolean(nla_get_u32(attributes[IFLA_BR_STP_STATE])));
	if (attributes[IFLA_BR_MCAST_SNOOPING])
		json_object_set_new(settings, "multicast_snooping",
				    json_boolean(nla_get_u8(attributes[IFLA_BR_MCAST_SNOOPING])));
	if (attributes[IFLA_BR_VLAN_FILTERING])
		json_object_set_new(settings, "vlan_filtering",
				    json_boolean(nla_get_u8(attributes[IFLA_BR_VLAN_FILTERING])));
	if (attributes[IFLA_BR_AGEING_TIME]) /* in units of USER_HZ = 1/100 s */
		json_object_set_new(settings, "ageing_s",
				    json_real(nla_get_u32(attributes[IFLA_BR_AGEING_TIME]) / 100.0));
}

/* Per namespace, not per bridge, and not told by netlink. */
static void read_netfilter(int netns, json_t *settings)
{
	char value = 0;
	int home, fd;

	if (netlink_enter(netns, &home, NULL) < 0)
		return;
	fd = open("/proc/sys/net/bridge/bridge-nf-call-iptables", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (read(fd, &value, 1) == 1)
			json_object_set_new(settings, "netfilter", json_boolean(value != '0'));
		close(fd);
	}
	netlink_leave(home, NULL);
}

static void read_macvlan(struct nlattr *data, json_t *settings)
{
	static const struct {
		uint32_t mode;
		const char *name;
	} modes[] = {
		{ MACVLAN_MODE_PRIVATE, "private" },   { MACVLAN_MODE_VEPA, "vepa" },
		{ MACVLAN_MODE_BRIDGE, "bridge" },     { MACVLAN_MODE_PASSTHRU, "passthru" },
		{ MACVLAN_MODE_SOURCE, "source" },
	};
	struct nlattr *attributes[IFLA_MACVLAN_MAX + 1] = { NULL };

	if (nla_parse_nested(attributes, IFLA_MACVLAN_MAX, data, NULL) < 0 || !attributes[IFLA_MACVLAN_MODE])
		return;
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (modes[i].mode == nla_get_u32(attributes[IFLA_MACVLAN_MODE]))
			json_object_set_new(settings, "mode", json_string(modes[i].name));
}

static void read_kind(struct nlattr *information, struct reading *reading)
{
	struct nlattr *attributes[IFLA_INFO_MAX + 1] = { NULL }, *port[IFLA_BRPORT_MAX + 1] = { NULL };
	struct link_state *state = reading->state;
	struct nlattr *data;

	if (!information || nla_parse_nested(attributes, IFLA_INFO_MAX, information, NULL) < 0)
		return;
	if (attributes[IFLA_INFO_KIND])
		nla_strlcpy(state->kind, attributes[IFLA_INFO_KIND], sizeof(state->kind));
	if (attributes[IFLA_INFO_SLAVE_KIND] && nla_strcmp(attributes[IFLA_INFO_SLAVE_KIND], "bridge") == 0 &&
	    attributes[IFLA_INFO_SLAVE_DATA] &&
	    nla_parse_nested(port, IFLA_BRPORT_MAX, attributes[IFLA_INFO_SLAVE_DATA], NULL) == 0 &&
	    port[IFLA_BRPORT_STATE])
		state->forwarding = nla_get_u8(port[IFLA_BRPORT_STATE]) == BR_STATE_FORWARDING;
	data = attributes[IFLA_INFO_DATA];
	if (!reading->settings || !data)
		return;
	if (strcmp(state->kind, "bridge") == 0)
		read_bridge(data, reading->settings);
	else if (strcmp(state->kind, "macvlan") == 0)
		read_macvlan(data, reading->settings);
}

static int read_link(struct nlmsghdr *answer, void *context)
{
	struct nlattr *attributes[IFLA_MAX + 1] = { NULL };
	struct reading *reading = context;
	struct link_state *state = reading->state;
	const struct ifinfomsg *head;

	if (answer->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_parse(answer, sizeof(*head), attributes, IFLA_MAX, NULL) < 0)
		return -EPROTO;
	head = nlmsg_data(answer);
	state->index = head->ifi_index;
	if (attributes[IFLA_MTU])
		state->mtu = nla_get_u32(attributes[IFLA_MTU]);
	if (attributes[IFLA_ADDRESS])
		nla_memcpy(state->mac, attributes[IFLA_ADDRESS], sizeof(state->mac));
	if (attributes[IFLA_QDISC])
		nla_strlcpy(state->qdisc, attributes[IFLA_QDISC], sizeof(state->qdisc));
	/*
	 * Until the kernel has noticed the carrier, the queue discipline is "noop", which drops everything.
	 */
	state->up = (head->ifi_flags & IFF_UP) && (head->ifi_flags & IFF_RUNNING) &&
		    strcmp(state->qdisc, "noop") != 0;
	read_statistics(attributes[IFLA_STATS64], state);
	read_kind(attributes[IFLA_LINKINFO], reading);
	return 0;
}

static int query_link(int netns, const char *name, struct reading *reading, struct error *err)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg;
	struct netlink nl;
	int rc;

	memset(reading->state, 0, sizeof(*reading->state));
	rc = netlink_open(&nl, netns, err);
	if (rc < 0) {
		error_prefix(err, "cannot read link %s", name);
		return rc;
	}
	msg = nlmsg_alloc_simple(RTM_GETLINK, 0);
	if (msg && (nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO) < 0 ||
		    nla_put_string(msg, IFLA_IFNAME, name) < 0)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	rc = netlink_query(&nl, msg, read_link, reading);
	if (rc < 0)
		error_errno(err, nl.code, NULL, "cannot read link %s", name);
	netlink_close(&nl);
	return rc;
}

int link_read(int netns, const char *name, struct link_state *state, struct error *err)
{
	struct reading reading = { .state = state };

	return query_link(netns, name, &reading, err);
}

json_t *link_effective(int netns, const char *name)
{
	struct link_state state;
	struct reading reading = { .state = &state, .settings = json_object() };
	char mac[18];

	if (!reading.settings)
		return NULL;
	if (query_link(netns, name, &reading, NULL) < 0) {
		json_decref(reading.settings);
		return NULL;
	}
	if (strcmp(state.kind, "bridge") == 0)
		read_netfilter(netns, reading.settings);
	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", state.mac[0], state.mac[1], state.mac[2],
		 state.mac[3], state.mac[4], state.mac[5]);
	json_object_set_new(reading.settings, "kind", json_string(state.kind));
	json_object_set_new(reading.settings, "mac", json_string(mac));
	json_object_set_new(reading.settings, "mtu", json_integer(state.mtu));
	json_object_set_new(reading.settings, "qdisc", json_string(state.qdisc));
	json_object_set_new(reading.settings, "up", json_boolean(state.up));
	return reading.settings;
}
