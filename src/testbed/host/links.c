/* SPDX-License-Identifier: Apache-2.0 */
/* Making and changing links. Reading them: links_read.c. */
#include "testbed/host/links.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "testbed/host/netlink.h"

/* The kernel's errno for a request about a link, with what the user can do about it. */
static int link_fail(struct error *err, const struct netlink *nl, const char *kind, const char *what)
{
	char remedy[sizeof(err->remedy)] = "";

	if (nl->code == EPERM || nl->code == EACCES)
		snprintf(remedy, sizeof(remedy), "run it as root, or in a user namespace of your own");
	else if (nl->code == EEXIST)
		snprintf(remedy, sizeof(remedy),
			 "`lanebench clean` removes what an interrupted run left behind");
	else if (nl->code == EOPNOTSUPP && kind)
		snprintf(remedy, sizeof(remedy),
			 "load the kernel's module: modprobe %s (a cut-down kernel may lack it: Debian's "
			 "package linux-image-amd64 has it)", kind);
	if (nl->message[0])
		return error_set(err, nl->code, remedy, "%s: %s (%s)", what, strerror(nl->code), nl->message);
	return error_errno(err, nl->code, remedy, "%s", what);
}

/* Send msg in `netns`. `kind`: the kernel module that it takes, or NULL. */
static int link_request(int netns, struct nl_msg *msg, const char *kind, const char *what, struct error *err)
{
	struct netlink nl;
	int rc;

	rc = netlink_open(&nl, netns, err);
	if (rc < 0) {
		nlmsg_free(msg);
		error_prefix(err, "%s", what);
		return rc;
	}
	rc = netlink_request(&nl, msg);
	if (rc < 0)
		rc = link_fail(err, &nl, kind, what);
	netlink_close(&nl);
	return rc;
}

static struct nl_msg *link_message(int type, int flags, const char *name, struct ifinfomsg head)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (!msg)
		return NULL;
	if (nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO) < 0)
		goto nla_put_failure;
	NLA_PUT_STRING(msg, IFLA_IFNAME, name);
	return msg;
nla_put_failure:
	nlmsg_free(msg);
	return NULL;
}

static struct nl_msg *create_message(const char *name)
{
	const struct ifinfomsg head = { 0 };

	return link_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, name, head);
}

static struct nl_msg *change_message(const char *name)
{
	return link_message(RTM_SETLINK, 0, name, (struct ifinfomsg){ 0 });
}

static int put_end(struct nl_msg *msg, const struct link_end *end, uint32_t mtu)
{
	NLA_PUT_U32(msg, IFLA_MTU, mtu);
	if (end->mac)
		NLA_PUT(msg, IFLA_ADDRESS, 6, end->mac);
	if (end->netns != LINKS_HERE)
		NLA_PUT_U32(msg, IFLA_NET_NS_FD, (uint32_t)end->netns);
	return 0;
nla_put_failure:
	return -ENOMEM;
}

static int put_veth_peer(struct nl_msg *msg, const struct link_end *peer, uint32_t mtu)
{
	struct ifinfomsg head = { 0 };
	struct nlattr *info, *data, *nested;

	info = nla_nest_start(msg, IFLA_LINKINFO);
	if (!info)
		goto nla_put_failure;
	NLA_PUT_STRING(msg, IFLA_INFO_KIND, "veth");
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	nested = data ? nla_nest_start(msg, VETH_INFO_PEER) : NULL;
	if (!nested || nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO) < 0)
		goto nla_put_failure;
	NLA_PUT_STRING(msg, IFLA_IFNAME, peer->name);
	if (put_end(msg, peer, mtu) < 0)
		goto nla_put_failure;
	nla_nest_end(msg, nested);
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	return 0;
nla_put_failure:
	return -ENOMEM;
}

int link_create_veth(const struct link_end *a, const struct link_end *b, uint32_t mtu, struct error *err)
{
	struct nl_msg *msg;
	char what[96];

	/* The request goes out from a's namespace, so b's must be one that a descriptor names. */
	if (b->netns == LINKS_HERE) {
		const struct link_end *swap = a;

		a = b;
		b = swap;
	}
	snprintf(what, sizeof(what), "cannot create the veth pair %s - %s", a->name, b->name);
	msg = create_message(a->name);
	if (msg && (put_end(msg, a, mtu) < 0 || put_veth_peer(msg, b, mtu) < 0)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return link_request(a->netns, msg, "veth", what, err);
}

static struct nl_msg *bridge_message(const char *name, uint32_t mtu)
{
	struct nl_msg *msg = create_message(name);
	struct nlattr *info, *data;

	if (!msg)
		return NULL;
	NLA_PUT_U32(msg, IFLA_MTU, mtu);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	if (!info)
		goto nla_put_failure;
	NLA_PUT_STRING(msg, IFLA_INFO_KIND, "bridge");
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	if (!data)
		goto nla_put_failure;
	/*
	 * Without VLAN filtering, too; but so it starts, and a kernel that was built without refuses the
	 * option.
	 */
	NLA_PUT_U32(msg, IFLA_BR_STP_STATE, 0);
	NLA_PUT_U8(msg, IFLA_BR_MCAST_SNOOPING, 0);
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	return msg;
nla_put_failure:
	nlmsg_free(msg);
	return NULL;
}

/*
 * Where the kernel has br_netfilter (Docker loads it), every namespace starts with bridged frames going
 * through the hooks of iptables: work that a plain L2 switch does not do. Where it is absent there is
 * nothing to do; where /proc/sys cannot be written (inside some containers) the record tells: see
 * link_effective.
 */
static int bridge_unhook(int netns, struct error *err)
{
	static const char *const switches[] = {
		"/proc/sys/net/bridge/bridge-nf-call-iptables",
		"/proc/sys/net/bridge/bridge-nf-call-ip6tables",
		"/proc/sys/net/bridge/bridge-nf-call-arptables",
	};
	int home, rc;

	rc = netlink_enter(netns, &home, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < sizeof(switches) / sizeof(*switches); i++) {
		int fd = open(switches[i], O_WRONLY | O_CLOEXEC);

		if (fd < 0)
			continue;
		if (write(fd, "0", 1) != 1)
			rc = error_errno(err, errno, NULL, "cannot write 0 to %s", switches[i]);
		close(fd);
	}
	return netlink_leave(home, err) < 0 ? -EIO : rc;
}

int link_create_bridge(int netns, const char *name, uint32_t mtu, struct error *err)
{
	char what[64];
	int rc;

	snprintf(what, sizeof(what), "cannot create the bridge %s", name);
	rc = link_request(netns, bridge_message(name, mtu), "bridge", what, err);
	if (rc < 0)
		return rc;
	/* Only in a namespace of our own: in the caller's they are the settings of all its bridges. */
	if (netns != LINKS_HERE)
		rc = bridge_unhook(netns, err);
	if (!rc)
		rc = link_quiet(netns, name, err);
	if (!rc)
		rc = link_set_up(netns, name, err);
	if (rc < 0)
		link_delete(netns, name, NULL);
	return rc;
}

static struct nl_msg *macvlan_message(const struct link_end *end, int lower, uint32_t mtu)
{
	struct nl_msg *msg = create_message(end->name);
	struct nlattr *info, *data;

	if (!msg)
		return NULL;
	if (put_end(msg, end, mtu) < 0)
		goto nla_put_failure;
	NLA_PUT_U32(msg, IFLA_LINK, (uint32_t)lower);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	if (!info)
		goto nla_put_failure;
	NLA_PUT_STRING(msg, IFLA_INFO_KIND, "macvlan");
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	if (!data)
		goto nla_put_failure;
	NLA_PUT_U32(msg, IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	return msg;
nla_put_failure:
	nlmsg_free(msg);
	return NULL;
}

int link_create_macvlan(int lower_netns, const char *lower, const struct link_end *end, uint32_t mtu,
			struct error *err)
{
	struct link_state state;
	char what[96];
	int rc;

	snprintf(what, sizeof(what), "cannot create the macvlan %s upon %s", end->name, lower);
	rc = link_read(lower_netns, lower, &state, err);
	if (rc < 0) {
		error_prefix(err, "%s", what);
		return rc;
	}
	return link_request(lower_netns, macvlan_message(end, state.index, mtu), "macvlan", what, err);
}

int link_set_master(int netns, const char *name, const char *master, struct error *err)
{
	struct link_state state;
	struct nl_msg *msg;
	char what[96];
	int rc;

	snprintf(what, sizeof(what), "cannot make %s a port of %s", name, master);
	rc = link_read(netns, master, &state, err);
	if (rc < 0) {
		error_prefix(err, "%s", what);
		return rc;
	}
	msg = change_message(name);
	if (msg && nla_put_u32(msg, IFLA_MASTER, (uint32_t)state.index) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return link_request(netns, msg, NULL, what, err);
}

int link_set_up(int netns, const char *name, struct error *err)
{
	const struct ifinfomsg head = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	char what[64];

	snprintf(what, sizeof(what), "cannot bring %s up", name);
	return link_request(netns, link_message(RTM_SETLINK, 0, name, head), NULL, what, err);
}

int link_delete(int netns, const char *name, struct error *err)
{
	const struct ifinfomsg head = { 0 };
	char what[64];
	int rc;

	snprintf(what, sizeof(what), "cannot delete %s", name);
	rc = link_request(netns, link_message(RTM_DELLINK, 0, name, head), NULL, what, err);
	if (rc == -ENODEV) {
		error_clear(err);
		rc = 0;
	}
	return rc;
}

int link_quiet(int netns, const char *name, struct error *err)
{
	struct nlattr *families, *inet6;
	struct nl_msg *msg;
	char what[64];
	int rc;

	snprintf(what, sizeof(what), "cannot keep IPv6 off %s", name);
	msg = change_message(name);
	if (!msg)
		return error_errno(err, ENOMEM, NULL, "%s", what);
	/* Without an address of its own the link has nothing to solicit with. */
	families = nla_nest_start(msg, IFLA_AF_SPEC);
	inet6 = families ? nla_nest_start(msg, AF_INET6) : NULL;
	if (!inet6 || nla_put_u8(msg, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE) < 0) {
		nlmsg_free(msg);
		return error_errno(err, ENOMEM, NULL, "%s", what);
	}
	nla_nest_end(msg, inet6);
	nla_nest_end(msg, families);
	rc = link_request(netns, msg, NULL, what, err);
	if (rc == -EAFNOSUPPORT) { /* a kernel without IPv6, or a link on which it is off: quiet already */
		error_clear(err);
		rc = 0;
	}
	return rc;
}

int link_set_address(int netns, const char *name, const struct wire_address *address, unsigned prefix,
		     struct error *err)
{
	struct ifaddrmsg head = { .ifa_family = AF_INET, .ifa_prefixlen = (uint8_t)prefix };
	const uint32_t ip = htonl(address->ip);
	struct link_state state;
	struct nl_msg *msg;
	char what[64];
	int rc;

	snprintf(what, sizeof(what), "cannot give %s an address", name);
	rc = link_read(netns, name, &state, err);
	if (rc < 0) {
		error_prefix(err, "%s", what);
		return rc;
	}
	head.ifa_index = (unsigned)state.index;
	msg = nlmsg_alloc_simple(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
	if (msg && (nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO) < 0 ||
		    nla_put(msg, IFA_LOCAL, sizeof(ip), &ip) < 0 ||
		    nla_put(msg, IFA_ADDRESS, sizeof(ip), &ip) < 0)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return link_request(netns, msg, NULL, what, err);
}

int link_add_neighbour(int netns, const char *name, const struct wire_address *peer, struct error *err)
{
	struct ndmsg head = { .ndm_family = AF_INET, .ndm_state = NUD_PERMANENT };
	const uint32_t ip = htonl(peer->ip);
	struct link_state state;
	struct nl_msg *msg;
	char what[64];
	int rc;

	snprintf(what, sizeof(what), "cannot add a neighbour to %s", name);
	rc = link_read(netns, name, &state, err);
	if (rc < 0) {
		error_prefix(err, "%s", what);
		return rc;
	}
	head.ndm_ifindex = state.index;
	msg = nlmsg_alloc_simple(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
	if (msg && (nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO) < 0 ||
		    nla_put(msg, NDA_DST, sizeof(ip), &ip) < 0 ||
		    nla_put(msg, NDA_LLADDR, 6, peer->mac) < 0)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return link_request(netns, msg, NULL, what, err);
}
