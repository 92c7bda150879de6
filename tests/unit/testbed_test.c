/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole testbeds, each switch in each runtime that this machine can run: frames cross, only where they
 * should, and nothing is left, whatever went wrong. The place of the endpoint is taken by cat, which
 * answers what it is told.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "network.h"
#include "testbed/host/links.h"
#include "testbed/testbed.h"

#define ARRIVES_MS 1000
#define ABSENT_MS 50

struct fixture {
	char directory[64];       /* state and logs */
	struct ledger *ledger;
	struct processors *processors;
	struct testbed_spec spec;
	char links[1024];         /* of the host, before */
	unsigned descriptors;
};

static const char *const capabilities[] = { "net_raw", NULL };
static volatile int cancelled;

static int setup(void **state)
{
	static struct fixture fixture;
	struct fixture *f = &fixture;
	struct error err = { 0 };

	*state = f;
	cancelled = 0;
	if (!network_allowed())
		return 0;
	memset(f, 0, sizeof(*f));
	snprintf(f->directory, sizeof(f->directory), "/tmp/testbed_test.XXXXXX");
	if (!mkdtemp(f->directory) || setenv("LANEBENCH_STATE", f->directory, 1))
		return -1;
	chmod(f->directory, 0755); /* containers pass through it */
	f->spec = (struct testbed_spec){
		.runtime = "netns",
		.switch_name = "veth",
		.topology = { .groups = 1 },
		.mtu = 1500,
		.capabilities = capabilities,
		.port_kind = PORT_NETDEV,
	};
	network_links(LINKS_HERE, f->links, sizeof(f->links));
	f->descriptors = network_descriptors();
	f->spec.log_directory = open(f->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	f->spec.endpoint_program = open("/bin/cat", O_RDONLY | O_CLOEXEC);
	if (ledger_open(&f->ledger, &err) || processors_open(&f->processors, "auto", &err)) {
		print_error("%s\n", err.cause);
		return -1;
	}
	return f->spec.endpoint_program < 0;
}

static void remove_logs(const char *directory)
{
	char path[128];

	for (unsigned i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "%s/endpoint-%u.log", directory, i);
		unlink(path);
		snprintf(path, sizeof(path), "%s/container-%u.log", directory, i);
		unlink(path);
	}
}

/* Everything as before: links, descriptors, children, files of the ledger. */
static int teardown(void **state)
{
	struct fixture *f = *state;
	struct error err = { 0 };
	char links[1024];

	if (!network_allowed())
		return 0;
	close(f->spec.endpoint_program);
	close(f->spec.log_directory);
	processors_close(f->processors);
	if (ledger_close(f->ledger, &err)) {
		print_error("%s\n", err.cause);
		return -1;
	}
	remove_logs(f->directory);
	if (rmdir(f->directory) && errno != ENOENT) {
		print_error("left behind: something in %s\n", f->directory);
		return -1;
	}
	network_links(LINKS_HERE, links, sizeof(links));
	if (strcmp(links, f->links)) {
		print_error("links before: %s, after: %s\n", f->links, links);
		return -1;
	}
	if (network_descriptors() != f->descriptors) {
		print_error("%u descriptors before, %u after\n", f->descriptors, network_descriptors());
		return -1;
	}
	if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD) {
		print_error("a child is left\n");
		return -1;
	}
	return 0;
}

static void assert_links(int netns, const char *expected)
{
	char links[1024];

	network_links(netns, links, sizeof(links));
	assert_string_equal(links, expected);
}

/* The program in the container is alive and on the other side of the socket. */
static void assert_talks(const struct process *process)
{
	char answer[8] = "";

	assert_int_equal(write(process->socket, "hello\n", 6), 6);
	assert_int_equal(poll(&(struct pollfd){ .fd = process->socket, .events = POLLIN }, 1, 5000), 1);
	assert_int_equal(read(process->socket, answer, sizeof(answer)), 6);
	assert_string_equal(answer, "hello\n");
}

static void assert_frames_cross(struct testbed *testbed, unsigned pair)
{
	const struct switch_port *a = &testbed->ports[2 * pair], *b = a->peer;
	int tap_a = network_tap(a->netns, a->port.address), tap_b = network_tap(b->netns, b->port.address);

	assert_true(tap_a >= 0 && tap_b >= 0);
	assert_true(network_send(tap_a, &a->address, &b->address, 1));
	assert_true(network_receive(tap_b, 1, ARRIVES_MS));
	assert_true(network_send(tap_b, &b->address, &a->address, 2));
	assert_true(network_receive(tap_a, 2, ARRIVES_MS));
	close(tap_a);
	close(tap_b);
}

/* Once both have sent, frames of one pair do not reach the other. */
static void assert_pairs_apart(struct testbed *testbed)
{
	const struct switch_port *a = &testbed->ports[0], *other = &testbed->ports[2];
	int tap = network_tap(a->netns, a->port.address), listener = network_tap(other->netns, other->port.address);

	assert_true(network_send(tap, &a->address, &a->peer->address, 3));
	assert_int_equal(network_count(listener, ABSENT_MS), 0);
	close(tap);
	close(listener);
}

static void assert_effective(struct testbed *testbed, const struct testbed_spec *spec)
{
	const char *switch_name, *runtime, *version, *interface;
	json_t *effective = testbed_effective(testbed), *port, *placement;
	json_int_t mtu;

	assert_non_null(effective);
	assert_int_equal(json_unpack(effective, "{s:{s:s, s:s}, s:{s:s}, s:o}", "switch", "name",
				     &switch_name, "version", &version, "containers", "runtime", &runtime,
				     "placement", &placement), 0);
	assert_string_equal(switch_name, spec->switch_name);
	assert_string_equal(runtime, spec->runtime);
	assert_true(version[0]);
	assert_int_equal(json_array_size(json_object_get(effective, "ports")), 2 * spec->topology.groups);
	port = json_array_get(json_object_get(effective, "ports"), 1);
	assert_int_equal(json_unpack(port, "{s:s, s:I}", "interface", &interface, "mtu", &mtu), 0);
	assert_string_equal(interface, "lb0");
	assert_int_equal(mtu, spec->mtu);
	assert_int_equal(json_array_size(json_object_get(placement, "endpoints")), 2 * spec->topology.groups);
	json_decref(effective);
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void try_testbed(struct fixture *f, const char *runtime, const char *switch_name)
{
	struct testbed testbed = { .generation = 3 };
	struct error err = { 0 };
	uint64_t dropped = 77;
	double begin;

	f->spec.runtime = runtime;
	f->spec.switch_name = switch_name;
	f->spec.topology.groups = 2;
	if (testbed_up(&testbed, &f->spec, f->ledger, f->processors, &cancelled, &err))
		fail_msg("%s on %s: %s (%s)", switch_name, runtime, err.cause, err.remedy);
	assert_links(LINKS_HERE, f->links);
	for (unsigned i = 0; i < testbed.count; i++) {
		assert_links(testbed.ports[i].netns, "lo lb0 ");
		assert_talks(&testbed.endpoints[i].process);
	}
	for (unsigned pair = 0; pair < 2; pair++)
		assert_frames_cross(&testbed, pair);
	assert_pairs_apart(&testbed);
	assert_effective(&testbed, &f->spec);
	assert_int_equal(testbed.sw->ops->dropped(testbed.sw, &dropped), 0);
	assert_int_equal(dropped, 0);
	begin = seconds_now();
	print_message("# %s on %s: 4 containers up in %.0f ms", switch_name, runtime, 1e3 * testbed.up_s);
	assert_int_equal(testbed_down(&testbed, f->ledger, &err), 0);
	print_message(", down in %.0f ms\n", 1e3 * (seconds_now() - begin));
	assert_int_equal(testbed.count, 0);
	assert_int_equal(testbed.generation, 3);
}

static void every_switch_in_every_runtime(void **state)
{
	struct error err = { 0 };

	if (!network_allowed())
		skip();
	for (const struct container_ops *const *runtime = container_table; *runtime; runtime++) {
		if ((*runtime)->probe(&err)) {
			print_message("# not tried: runtime %s: %s\n", (*runtime)->name, err.cause);
			continue;
		}
		for (const struct switch_ops *const *sw = switch_table; *sw; sw++)
			if ((*sw)->ports & PORT_BIT(PORT_NETDEV)) /* of the others: switch_dpdk_test, switch_ovs_test */
				try_testbed(*state, (*runtime)->name, (*sw)->name);
	}
}

static void addresses_are_given_where_asked(void **state)
{
	struct fixture *f = *state;
	struct testbed testbed = { 0 };
	struct error err = { 0 };
	const struct switch_port *port;
	int tap;

	if (!network_allowed())
		skip();
	f->spec.addresses = true;
	f->spec.mtu = 9000;
	f->spec.switch_name = "macvlan";
	if (testbed_up(&testbed, &f->spec, f->ledger, f->processors, NULL, &err))
		fail_msg("%s", err.cause);
	assert_frames_cross(&testbed, 0);
	/* Nobody listens there, so the kernel's stack answers with an ICMP message: it has the address. */
	port = &testbed.ports[0];
	tap = network_tap(port->netns, "lb0");
	assert_true(network_send(tap, &port->address, &port->peer->address, 9));
	assert_int_equal(network_count(tap, 300), 1);
	close(tap);
	assert_int_equal(testbed_down(&testbed, f->ledger, &err), 0);
}

static void without_addresses_the_stack_is_silent(void **state)
{
	struct fixture *f = *state;
	struct testbed testbed = { 0 };
	const struct switch_port *port;
	int tap;

	if (!network_allowed())
		skip();
	assert_int_equal(testbed_up(&testbed, &f->spec, f->ledger, f->processors, NULL, NULL), 0);
	port = &testbed.ports[0];
	tap = network_tap(port->netns, "lb0");
	assert_true(network_send(tap, &port->address, &port->peer->address, 9));
	assert_int_equal(network_count(tap, 300), 0);
	close(tap);
	assert_int_equal(testbed_down(&testbed, f->ledger, NULL), 0);
}

/* Bringing it up fails with this errno, and says why; the teardown sees whether anything was left. */
static void assert_fails(struct fixture *f, int code, const char *words)
{
	struct testbed testbed = { 0 };
	struct error err = { 0 };

	assert_int_equal(testbed_up(&testbed, &f->spec, f->ledger, f->processors, &cancelled, &err), -code);
	assert_int_equal(err.code, code);
	if (!strstr(err.cause, words))
		fail_msg("'%s' does not say '%s'", err.cause, words);
	assert_int_equal(testbed.count, 0);
	assert_int_equal(testbed_down(&testbed, f->ledger, &err), 0);
}

static void failures_leave_nothing(void **state)
{
	struct fixture *f = *state;
	int log_directory;

	if (!network_allowed())
		skip();
	f->spec.runtime = "no such runtime";
	assert_fails(f, EINVAL, "no such runtime");
	f->spec.runtime = "netns";
	f->spec.switch_name = "no such switch";
	assert_fails(f, EINVAL, "no such switch");

	f->spec.switch_name = "veth"; /* attaching fails */
	f->spec.mtu = 70000;
	assert_fails(f, EINVAL, "cannot create the veth pair");
	f->spec.switch_name = "linux-bridge"; /* starting fails */
	assert_fails(f, EINVAL, "cannot create the bridge");
	f->spec.switch_name = "macvlan";
	assert_fails(f, EINVAL, "cannot create the veth pair lower");
	f->spec.mtu = 1500;

	f->spec.port_kind = PORT_MEMIF;
	assert_fails(f, EINVAL, "no port");
	f->spec.port_kind = PORT_NETDEV;

	log_directory = f->spec.log_directory; /* no logs can be made */
	f->spec.log_directory = f->spec.endpoint_program;
	assert_fails(f, ENOTDIR, "cannot open the record's logs/container-0.log");
	f->spec.log_directory = log_directory;

	cancelled = 1;
	assert_fails(f, EINTR, "interrupted");
}

/* A program that cannot be run, and one that ends at once: seen now or by the next who talks to it. */
static void a_program_that_does_not_stay(void **state)
{
	static const char *const programs[] = { "/etc/passwd", "/bin/false" };
	struct fixture *f = *state;

	if (!network_allowed())
		skip();
	for (unsigned i = 0; i < 2; i++) {
		struct testbed testbed = { 0 };
		struct error err = { 0 };

		close(f->spec.endpoint_program);
		f->spec.endpoint_program = open(programs[i], O_RDONLY | O_CLOEXEC);
		if (testbed_up(&testbed, &f->spec, f->ledger, f->processors, NULL, &err) == 0) {
			struct process *process = &testbed.endpoints[0].process;

			assert_int_equal(poll(&(struct pollfd){ .fd = process->socket }, 1, 5000), 1);
			for (unsigned wait = 0; wait < 1000 && !process_ended(process); wait++)
				usleep(1000);
			assert_true(process_ended(process));
			assert_int_equal(testbed_down(&testbed, f->ledger, &err), 0);
		} else {
			assert_true(err.cause[0]);
			assert_int_equal(testbed.count, 0);
		}
	}
}

static void on_alarm(int signal)
{
	(void)signal;
	cancelled = 1;
}

/* Interrupted ever later, until it gets through: whatever the moment, nothing is left. */
static void interrupted_at_any_moment(void **state)
{
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct fixture *f = *state;
	unsigned interruptions = 0;
	int rc = -EINTR;

	if (!network_allowed())
		skip();
	f->spec.switch_name = "linux-bridge";
	sigaction(SIGALRM, &action, NULL);
	for (suseconds_t us = 500; rc == -EINTR && us < 1000000; us += us / 4) {
		struct itimerval timer = { .it_value.tv_usec = us };
		struct testbed testbed = { 0 };
		struct error err = { 0 };

		cancelled = 0;
		setitimer(ITIMER_REAL, &timer, NULL);
		rc = testbed_up(&testbed, &f->spec, f->ledger, f->processors, &cancelled, &err);
		timer.it_value.tv_usec = 0;
		setitimer(ITIMER_REAL, &timer, NULL);
		interruptions += rc == -EINTR;
		if (rc && rc != -EINTR)
			fail_msg("%s", err.cause);
		assert_links(LINKS_HERE, f->links);
		assert_int_equal(testbed_down(&testbed, f->ledger, &err), 0);
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	}
	signal(SIGALRM, SIG_DFL);
	assert_int_equal(rc, 0);
	assert_true(interruptions > 0);
}

static void down_of_nothing(void **state)
{
	struct fixture *f = *state;
	struct testbed testbed = { 0 };
	json_t *effective;

	if (!network_allowed())
		skip();
	effective = testbed_effective(&testbed);
	assert_int_equal(json_object_size(effective), 0);
	json_decref(effective);
	assert_int_equal(testbed_down(&testbed, f->ledger, NULL), 0);
}

#define TESTBED_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TESTBED_TEST(every_switch_in_every_runtime),
		TESTBED_TEST(addresses_are_given_where_asked),
		TESTBED_TEST(without_addresses_the_stack_is_silent),
		TESTBED_TEST(failures_leave_nothing),
		TESTBED_TEST(a_program_that_does_not_stay),
		TESTBED_TEST(interrupted_at_any_moment),
		TESTBED_TEST(down_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
