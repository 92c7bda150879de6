/* SPDX-License-Identifier: Apache-2.0 */
/* Real links in network namespaces that vanish with the test; the host's own is only looked at. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "network.h"
#include "testbed/host/links.h"
#include "testbed/host/namespace.h"
#include "testbed/host/netlink.h"
#include "testbed/switch/netdev.h"
#include "testbed/switch/switch.h"

#define NAMESPACES 4
#define ARRIVES_MS 1000
#define ABSENT_MS 50

struct fixture {
	int netns[NAMESPACES];
	struct wire_address address[NAMESPACES];
	char links[1024];      /* of the host before the test */
	ino_t home;            /* the test's own network namespace */
	unsigned descriptors;
};

static ino_t own_namespace(void)
{
	struct stat status;

	return stat("/proc/thread-self/ns/net", &status) ? 0 : status.st_ino;
}

static int setup(void **state)
{
	static struct fixture fixture;

	*state = &fixture;
	if (!network_allowed())
		return 0;
	network_links(LINKS_HERE, fixture.links, sizeof(fixture.links));
	fixture.home = own_namespace();
	fixture.descriptors = network_descriptors();
	for (unsigned i = 0; i < NAMESPACES; i++) {
		fixture.netns[i] = netlink_scratch_namespace(NULL);
		if (fixture.netns[i] < 0)
			return -1;
		wire_address_make(&fixture.address[i], i);
	}
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char links[1024];

	if (!network_allowed())
		return 0;
	for (unsigned i = 0; i < NAMESPACES; i++)
		close(f->netns[i]);
	network_links(LINKS_HERE, links, sizeof(links));
	/* The host's links, the thread's namespace, its descriptors: as they were. */
	return strcmp(links, f->links) || own_namespace() != f->home ||
	       network_descriptors() != f->descriptors;
}

static struct link_end end_in(const struct fixture *f, unsigned i, const char *name)
{
	return (struct link_end){ .netns = f->netns[i], .name = name, .mac = f->address[i].mac };
}

static void make_veth(const struct fixture *f, unsigned i, unsigned j, const char *a, const char *b)
{
	struct link_end first = end_in(f, i, a), second = end_in(f, j, b);
	struct error err = { 0 };

	if (link_create_veth(&first, &second, 2000, &err) < 0)
		fail_msg("%s", err.cause);
}

static void bring_up(int netns, const char *name)
{
	assert_int_equal(link_quiet(netns, name, NULL), 0);
	assert_int_equal(link_set_up(netns, name, NULL), 0);
}

static int tap_in(const struct fixture *f, unsigned i)
{
	int tap = network_tap(f->netns[i], "lb0");

	assert_true(tap >= 0);
	return tap;
}

static void assert_crosses(const struct fixture *f, unsigned from, unsigned to, uint8_t mark)
{
	int sender = tap_in(f, from), receiver = tap_in(f, to);

	assert_true(network_send(sender, &f->address[from], &f->address[to], mark));
	assert_true(network_receive(receiver, mark, ARRIVES_MS));
	close(sender);
	close(receiver);
}

static void veth_joins_two_namespaces(void **state)
{
	const struct fixture *f = *state;
	struct link_state link;
	char links[256];

	if (!network_allowed())
		skip();
	make_veth(f, 0, 1, "lb0", "lb0");
	assert_int_equal(link_read(f->netns[1], "lb0", &link, NULL), 0);
	assert_int_equal(link.mtu, 2000);
	assert_memory_equal(link.mac, f->address[1].mac, 6);
	assert_string_equal(link.kind, "veth");
	assert_false(link.up);
	bring_up(f->netns[0], "lb0");
	bring_up(f->netns[1], "lb0");
	assert_int_equal(netdev_wait(f->netns[0], "lb0", false, NULL), 0);
	assert_int_equal(netdev_wait(f->netns[1], "lb0", false, NULL), 0);
	assert_crosses(f, 0, 1, 7);
	assert_crosses(f, 1, 0, 8);
	assert_int_equal(link_read(f->netns[1], "lb0", &link, NULL), 0);
	assert_int_equal(link.rx_packets, 1);
	assert_int_equal(link.tx_packets, 1);
	assert_string_equal(link.qdisc, "noqueue");

	assert_int_equal(link_delete(f->netns[0], "lb0", NULL), 0);
	assert_int_equal(link_delete(f->netns[0], "lb0", NULL), 0); /* not there: no error */
	network_links(f->netns[1], links, sizeof(links));
	assert_string_equal(links, "lo ");
}

static void a_taken_name_is_told_and_nothing_left(void **state)
{
	const struct fixture *f = *state;
	struct link_end first = end_in(f, 0, "other"), second = end_in(f, 1, "lb0");
	struct error err = { 0 };
	char links[256];

	if (!network_allowed())
		skip();
	make_veth(f, 1, 2, "lb0", "lb0");
	assert_int_equal(link_create_veth(&first, &second, 1500, &err), -EEXIST);
	assert_non_null(strstr(err.cause, "cannot create the veth pair other - lb0: File exists"));
	assert_non_null(strstr(err.remedy, "lanebench clean"));
	network_links(f->netns[0], links, sizeof(links));
	assert_string_equal(links, "lo ");
}

static void errors_carry_the_kernels_words(void **state)
{
	const struct fixture *f = *state;
	struct link_end first = end_in(f, 0, "lb0"), second = end_in(f, 1, "lb0");
	struct link_state link;
	struct error err = { 0 };

	if (!network_allowed())
		skip();
	assert_int_equal(link_create_bridge(f->netns[0], "a", 1500, NULL), 0);
	assert_int_equal(link_create_bridge(f->netns[0], "b", 1500, NULL), 0);
	assert_true(link_set_master(f->netns[0], "a", "b", &err) < 0);
	assert_non_null(strstr(err.cause, "cannot make a a port of b: "));
	assert_non_null(strstr(err.cause, "(Can not enslave a bridge to a bridge"));
	assert_int_equal(link_create_veth(&first, &second, 70000, &err), -EINVAL);
	assert_string_equal(err.cause, "cannot create the veth pair lb0 - lb0: Invalid argument");
	assert_int_equal(link_read(f->netns[0], "lb0", &link, &err), -ENODEV);
	assert_string_equal(err.cause, "cannot read link lb0: No such device");
	assert_int_equal(link_set_up(f->netns[0], "lb0", &err), -ENODEV);
	assert_int_equal(link_set_master(f->netns[0], "lo", "lb0", &err), -ENODEV);
	assert_int_equal(link_create_macvlan(f->netns[0], "lb0", &second, 1500, &err), -ENODEV);
}

static void make_bridge(const struct fixture *f, unsigned home, unsigned ports)
{
	struct error err = { 0 };

	if (link_create_bridge(f->netns[home], "br", 2000, &err) < 0)
		fail_msg("%s", err.cause);
	for (unsigned i = 0; i < ports; i++) {
		struct link_end end = { .netns = f->netns[home] }, container = end_in(f, i, "lb0");
		char name[16];

		snprintf(name, sizeof(name), "port%u", i);
		end.name = name;
		assert_int_equal(link_create_veth(&end, &container, 2000, NULL), 0);
		assert_int_equal(link_set_master(f->netns[home], name, "br", NULL), 0);
		bring_up(f->netns[home], name);
		bring_up(f->netns[i], "lb0");
		assert_int_equal(netdev_wait(f->netns[home], name, true, NULL), 0);
		assert_int_equal(netdev_wait(f->netns[i], "lb0", false, NULL), 0);
	}
}

static void the_bridge_learns(void **state)
{
	const struct fixture *f = *state;
	int tap[3];

	if (!network_allowed())
		skip();
	make_bridge(f, 3, 3);
	for (unsigned i = 0; i < 3; i++)
		tap[i] = tap_in(f, i);
	/* Nothing is known of 1 yet: flooded. */
	assert_true(network_send(tap[0], &f->address[0], &f->address[1], 1));
	assert_true(network_receive(tap[1], 1, ARRIVES_MS));
	assert_true(network_receive(tap[2], 1, ARRIVES_MS));
	/* 0 is known by now, and 1 after its answer. */
	assert_true(network_send(tap[1], &f->address[1], &f->address[0], 2));
	assert_true(network_receive(tap[0], 2, ARRIVES_MS));
	assert_true(network_send(tap[0], &f->address[0], &f->address[1], 3));
	assert_true(network_receive(tap[1], 3, ARRIVES_MS));
	assert_int_equal(network_count(tap[2], ABSENT_MS), 0);
	for (unsigned i = 0; i < 3; i++)
		close(tap[i]);
}

static char read_switch(int netns, const char *path)
{
	char value = 0;
	int home, fd;

	assert_int_equal(netlink_enter(netns, &home, NULL), 0);
	fd = open(path, O_RDONLY);
	if (fd >= 0 && read(fd, &value, 1) != 1)
		value = 0;
	if (fd >= 0)
		close(fd);
	assert_int_equal(netlink_leave(home, NULL), 0);
	return value;
}

static void the_bridge_is_plain(void **state)
{
	static const char hook[] = "/proc/sys/net/bridge/bridge-nf-call-iptables";
	const struct fixture *f = *state;
	char before;
	json_t *settings;

	if (!network_allowed())
		skip();
	before = read_switch(LINKS_HERE, hook);
	make_bridge(f, 3, 1);
	settings = link_effective(f->netns[3], "br");
	assert_non_null(settings);
	assert_string_equal(json_string_value(json_object_get(settings, "kind")), "bridge");
	assert_true(json_is_false(json_object_get(settings, "stp")));
	assert_true(json_is_false(json_object_get(settings, "multicast_snooping")));
	assert_true(json_is_false(json_object_get(settings, "vlan_filtering")));
	assert_true(json_real_value(json_object_get(settings, "ageing_s")) == 300.0);
	assert_int_equal(json_integer_value(json_object_get(settings, "mtu")), 2000);
	json_decref(settings);
	if (before)
		assert_int_equal(read_switch(f->netns[3], hook), '0');
	assert_int_equal(read_switch(LINKS_HERE, hook), before);
}

static void macvlan_joins_two_namespaces(void **state)
{
	const struct fixture *f = *state;
	struct link_end first = end_in(f, 0, "lb0"), second = end_in(f, 1, "lb0");
	const struct link_end lower = { .netns = f->netns[3], .name = "lower" };
	const struct link_end lower_peer = { .netns = f->netns[3], .name = "lower-peer" };
	struct error err = { 0 };
	json_t *settings;

	if (!network_allowed())
		skip();
	assert_int_equal(link_create_veth(&lower, &lower_peer, 2000, NULL), 0);
	bring_up(f->netns[3], "lower");
	bring_up(f->netns[3], "lower-peer");
	if (link_create_macvlan(f->netns[3], "lower", &first, 2000, &err) < 0)
		fail_msg("%s", err.cause);
	assert_int_equal(link_create_macvlan(f->netns[3], "lower", &second, 2000, NULL), 0);
	for (unsigned i = 0; i < 2; i++) {
		bring_up(f->netns[i], "lb0");
		assert_int_equal(netdev_wait(f->netns[i], "lb0", false, NULL), 0);
	}
	assert_crosses(f, 0, 1, 7);
	assert_crosses(f, 1, 0, 8);
	settings = link_effective(f->netns[0], "lb0");
	assert_string_equal(json_string_value(json_object_get(settings, "mode")), "bridge");
	json_decref(settings);
}

/* The second half shows that the first can fail: a link that is not kept quiet speaks at once. */
static void a_quiet_link_says_nothing(void **state)
{
	const struct fixture *f = *state;
	int tap;

	if (!network_allowed())
		skip();
	make_veth(f, 0, 1, "lb0", "lb0");
	bring_up(f->netns[1], "lb0");
	tap = tap_in(f, 1);
	bring_up(f->netns[0], "lb0");
	assert_int_equal(network_count(tap, 1500), 0);
	close(tap);

	if (access("/proc/sys/net/ipv6", F_OK))
		return; /* nothing would speak */
	make_veth(f, 2, 3, "lb0", "lb0");
	bring_up(f->netns[3], "lb0");
	tap = tap_in(f, 3);
	assert_int_equal(link_set_up(f->netns[2], "lb0", NULL), 0);
	assert_true(network_count(tap, 1500) > 0);
	close(tap);
}

static int udp_in(const struct fixture *f, unsigned i)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(f->address[i].ip),
		.sin_port = htons(WIRE_UDP_PORT),
	};
	int home, fd;

	assert_int_equal(netlink_enter(f->netns[i], &home, NULL), 0);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(netlink_leave(home, NULL), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static bool neighbour_is_permanent(int netns)
{
	bool permanent = false;
	char line[256];
	FILE *file;
	int home;

	assert_int_equal(netlink_enter(netns, &home, NULL), 0);
	file = fopen("/proc/thread-self/net/arp", "r");
	while (file && fgets(line, sizeof(line), file))
		permanent |= strstr(line, " 0x6 ") != NULL; /* ATF_COM | ATF_PERM */
	if (file)
		fclose(file);
	assert_int_equal(netlink_leave(home, NULL), 0);
	return permanent;
}

static void addresses_need_no_arp(void **state)
{
	const struct fixture *f = *state;
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(f->address[1].ip),
		.sin_port = htons(WIRE_UDP_PORT),
	};
	int sender, receiver, tap;
	char byte = 0;

	if (!network_allowed())
		skip();
	make_veth(f, 0, 1, "lb0", "lb0");
	tap = -1;
	for (unsigned i = 0; i < 2; i++)
		bring_up(f->netns[i], "lb0");
	tap = tap_in(f, 1);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(link_set_address(f->netns[i], "lb0", &f->address[i], 15, NULL), 0);
		assert_int_equal(link_add_neighbour(f->netns[i], "lb0", &f->address[!i], NULL), 0);
	}
	assert_true(neighbour_is_permanent(f->netns[0]));
	sender = udp_in(f, 0);
	receiver = udp_in(f, 1);
	assert_int_equal(sendto(sender, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)), 1);
	assert_int_equal(poll(&(struct pollfd){ .fd = receiver, .events = POLLIN }, 1, ARRIVES_MS), 1);
	assert_int_equal(recv(receiver, &byte, 1, 0), 1);
	assert_int_equal(byte, 'x');
	assert_int_equal(network_count(tap, ABSENT_MS), 1); /* that datagram and nothing else */
	close(sender);
	close(receiver);
	close(tap);
}

/* Those of the kernel's; the others have tests of their own. */
static void switches_can_be_probed(void **state)
{
	if (!network_allowed())
		skip();
	for (const struct switch_ops *const *ops = switch_table; *ops; ops++) {
		struct error err = { 0 };
		char version[64];

		if (!((*ops)->ports & PORT_BIT(PORT_NETDEV)))
			continue;
		if ((*ops)->probe(&err) < 0)
			fail_msg("%s: %s", (*ops)->name, err.cause);
		assert_ptr_equal(switch_find((*ops)->name), *ops);
		(*ops)->version(version, sizeof(version));
		assert_int_equal(strncmp(version, "kernel ", 7), 0);
	}
	assert_null(switch_find("no such switch"));
}

/* A user without rights is told so, by every switch of the kernel's. */
static void probes_tell_a_missing_privilege(void **state)
{
	int status;
	pid_t child;

	if (!network_allowed() || !namespace_is_root())
		skip();
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		if (setuid(65534) < 0)
			_exit(1);
		for (const struct switch_ops *const *ops = switch_table; *ops; ops++) {
			struct error err = { 0 };

			if (!((*ops)->ports & PORT_BIT(PORT_NETDEV)))
				continue;
			if ((*ops)->probe(&err) != -EPERM || !strstr(err.remedy, "as root"))
				_exit(2);
		}
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

#define NETWORK_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NETWORK_TEST(veth_joins_two_namespaces),
		NETWORK_TEST(a_taken_name_is_told_and_nothing_left),
		NETWORK_TEST(errors_carry_the_kernels_words),
		NETWORK_TEST(the_bridge_learns),
		NETWORK_TEST(the_bridge_is_plain),
		NETWORK_TEST(macvlan_joins_two_namespaces),
		NETWORK_TEST(a_quiet_link_says_nothing),
		NETWORK_TEST(addresses_need_no_arp),
		NETWORK_TEST(switches_can_be_probed),
		NETWORK_TEST(probes_tell_a_missing_privilege),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
