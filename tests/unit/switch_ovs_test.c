/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The switch ovs on real sockets with real traffic: it learns, forwards, counts what it drops, is seen to die, and
 * touches nothing of an Open vSwitch that is the host's.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "switch_bed.h"
#include "testbed/switch/vhost_user.h"

#define CAPABILITY_NET_ADMIN (1ULL << 12)

/* The load makes the sockets, and is run by us. */
static void ovs_make(struct bed *bed, unsigned ports, unsigned threads)
{
	if (geteuid()) {
		print_message("needs root\n");
		skip();
	}
	bed_make(bed, "ovs", ports, threads);
	for (unsigned i = 0; i < ports; i++)
		bed->port[i].owner = geteuid();
}

static json_int_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void forwards_everything(void **state)
{
	static const char *const sizes[] = { "60", "1514" };
	struct bed bed;
	struct load load;

	(void)state;
	ovs_make(&bed, 2, 1);
	bed_must_start(&bed);
	for (int i = 0; i < 2; i++) {
		load_start(&load, &bed, 0, "20000", sizes[i], "closed");
		assert_int_equal(load.sent, 20000);
		assert_int_equal(load.received, 20000);
		assert_int_equal(load.wrong, 0);
		assert_int_equal(bed_dropped(&bed), 0);
		load_end(&load, &bed); /* and the same switch serves the next, on sockets made anew */
	}
	bed_remove(&bed);
}

static void drops_are_counted(void **state)
{
	struct bed bed;
	struct load load;

	(void)state;
	ovs_make(&bed, 2, 1);
	bed_must_start(&bed);
	load_start(&load, &bed, 0, "50000", "60", "flood");
	assert_int_equal(load.sent, 50000);
	assert_in_range(load.received, 1, 1000);
	assert_int_equal(load.wrong, 0);
	assert_int_equal(bed_dropped(&bed), load.sent - load.received);
	load_end(&load, &bed); /* which ends the connection, and with it Open vSwitch's counters of it */
	bed_remove(&bed);
}

/* Four ports on two threads: what is for one port does not reach the others. */
static void learns_addresses(void **state)
{
	struct bed bed;
	struct load load[2];
	json_t *effective, *thread;
	struct error err = { 0 };
	size_t i, served = 0;

	(void)state;
	ovs_make(&bed, 4, 2);
	bed_must_start(&bed);
	for (unsigned pair = 0; pair < 2; pair++)
		load_begin(&load[pair], &bed, pair, "5000", "60", "closed");
	assert_int_equal(bed_connect(&bed, &err), 0);
	for (unsigned pair = 0; pair < 2; pair++)
		load_go(&load[pair]);
	effective = bed.ops->effective(bed.sw);
	assert_int_equal(number(effective, "addresses"), 4);
	json_array_foreach(json_object_get(effective, "threads"), i, thread)
		served += json_array_size(json_object_get(thread, "ports"));
	assert_int_equal(served, 4);
	json_decref(effective);
	for (unsigned pair = 0; pair < 2; pair++) {
		assert_int_equal(load[pair].sent, 5000);
		assert_int_equal(load[pair].received, 5000);
		load_end(&load[pair], &bed);
	}
	assert_int_equal(bed_dropped(&bed), 0);
	bed_remove(&bed);
}

static void jumbo_frames(void **state)
{
	struct bed bed;
	struct load load;

	(void)state;
	ovs_make(&bed, 2, 1);
	bed.spec.max_frame = 9014;
	bed.spec.memory.megabytes = bed.ops->megabytes(2, 1, 256, 9014);
	bed_must_start(&bed);
	load_start(&load, &bed, 0, "2000", "9014", "closed");
	assert_int_equal(load.received, 2000);
	assert_int_equal(load.wrong, 0);
	load_end(&load, &bed);
	bed_remove(&bed);
}

/* In a mount whose limit is what the switch asked for: so that suffices, and it takes no page from elsewhere. */
static void memory_of_hugepages(void **state)
{
	struct hugepages_mount mount = { 0 };
	struct bed bed;
	struct load load;

	(void)state;
	ovs_make(&bed, 2, 1);
	bed_mount(&bed, &mount);
	bed_must_start(&bed);
	load_start(&load, &bed, 0, "20000", "1514", "closed");
	assert_int_equal(load.received, 20000);
	load_end(&load, &bed);
	bed_remove_mounted(&bed, &mount);
}

static void says_what_is_in_effect(void **state)
{
	struct bed bed;
	struct load load;
	json_t *effective, *port, *thread;
	char version[128] = "";

	(void)state;
	ovs_make(&bed, 2, 1);
	bed_must_start(&bed);
	json_decref(bed.ops->effective(bed.sw)); /* before there is a port */
	load_start(&load, &bed, 0, "100", "60", "closed");
	effective = bed.ops->effective(bed.sw);
	assert_string_equal(json_string_value(json_object_get(effective, "datapath")), "netdev");
	assert_int_equal(json_array_size(json_object_get(effective, "actions")), 1);
	assert_string_equal(json_string_value(json_array_get(json_object_get(effective, "actions"), 0)), "NORMAL");
	assert_int_equal(number(effective, "addresses"), 2);
	assert_true(number(effective, "buffers") >= 16384);
	assert_int_equal(json_array_size(json_object_get(effective, "threads")), 1);
	thread = json_array_get(json_object_get(effective, "threads"), 0);
	assert_int_equal(number(thread, "processor"), bed.processors[0]);
	assert_int_equal(json_array_size(json_object_get(effective, "ports")), 2);
	for (size_t i = 0; i < 2; i++) {
		port = json_array_get(json_object_get(effective, "ports"), i);
		assert_string_equal(json_string_value(json_object_get(port, "mode")), "client");
		assert_string_equal(json_string_value(json_object_get(port, "status")), "connected");
		assert_int_equal(number(port, "ring"), 256);
		assert_true(json_is_true(json_object_get(json_object_get(port, "virtio"), "version_1")));
	}
	json_decref(effective);
	bed.ops->version(version, sizeof(version));
	assert_non_null(strstr(version, "Open vSwitch "));
	assert_non_null(strstr(version, ", DPDK "));
	load_end(&load, &bed);
	bed_remove(&bed);
}

/* Two of them beside each other: neither sees the other's sockets, database, ports. */
static void two_beside_each_other(void **state)
{
	struct bed bed[2];
	struct load load[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		ovs_make(&bed[i], 2, 1);
		bed_must_start(&bed[i]);
	}
	for (int i = 0; i < 2; i++)
		load_start(&load[i], &bed[i], 0, "2000", "60", "closed");
	for (int i = 0; i < 2; i++)
		assert_int_equal(load[i].received, 2000);
	load_end(&load[0], &bed[0]);
	bed_remove(&bed[0]);
	load_end(&load[1], &bed[1]);
	load_start(&load[1], &bed[1], 0, "2000", "60", "closed");
	assert_int_equal(load[1].received, 2000);
	load_end(&load[1], &bed[1]);
	bed_remove(&bed[1]);
}

static void death_of(unsigned which)
{
	struct timespec begin, end;
	struct process *process;
	struct error err = { 0 };
	struct bed bed;
	uint64_t dropped;
	unsigned count;

	ovs_make(&bed, 2, 1);
	bed_must_start(&bed);
	process = bed.ops->processes(bed.sw, &count);
	assert_int_equal(count, 2);
	assert_false(process_ended(&process[which]));
	assert_int_equal(kill(process[which].pid, SIGKILL), 0);
	assert_true(process_wait(&process[which], 2000));
	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_int_equal(bed.ops->connect(bed.sw, &err), -ECHILD);
	assert_non_null(strstr(err.cause, "was killed by signal 9"));
	if (which == 0)
		assert_true(bed.ops->dropped(bed.sw, &dropped) < 0);
	json_decref(bed.ops->effective(bed.sw));
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - begin.tv_sec < 3);
	bed_remove(&bed);
}

static void death_is_seen(void **state)
{
	(void)state;
	death_of(0);
	death_of(1);
}

/* One capability at most, and no way to gain another. */
static void has_few_rights(void **state)
{
	static const unsigned long long allowed[] = { CAPABILITY_NET_ADMIN, 0 };
	struct process *processes;
	struct bed bed;
	unsigned count;

	(void)state;
	ovs_make(&bed, 2, 1);
	bed_must_start(&bed);
	processes = bed.ops->processes(bed.sw, &count);
	for (unsigned i = 0; i < count; i++)
		bed_check_confined(&bed, processes[i].pid, allowed[i]);
	bed_remove(&bed);
}

/* ---- misuse -------------------------------------------------------------------------------------------- */

static void too_little_memory(void **state)
{
	struct error err = { 0 };
	struct load load;
	struct bed bed;

	(void)state;
	ovs_make(&bed, 2, 1);
	bed.spec.memory.megabytes = 64;
	bed_must_start(&bed);
	load_begin(&load, &bed, 0, "100", "60", "closed");
	assert_int_equal(bed_connect(&bed, &err), -ENOMEM);
	assert_non_null(strstr(err.cause, "Failed to create memory pool"));
	load_end(&load, &bed);
	bed_remove(&bed);
}

/* EAL says it, and ovs-vswitchd ends. */
static void no_memory_at_all(void **state)
{
	struct error err = { 0 };
	struct bed bed;

	(void)state;
	ovs_make(&bed, 2, 1);
	snprintf(bed.spec.memory.directory, sizeof(bed.spec.memory.directory), "%s/memory", bed.directory);
	assert_int_equal(mkdir(bed.spec.memory.directory, 0700), 0); /* and no hugetlbfs */
	assert_int_equal(bed_start(&bed, &err), -ECHILD);
	print_message("%s; %s\n", err.cause, err.remedy);
	assert_non_null(strstr(err.cause, "ovs-vswitchd "));
	assert_non_null(strstr(err.cause, ": "));
	assert_non_null(strstr(err.remedy, "memory"));
	bed_remove(&bed);
}

/* A container that listens and never says a word: its port does not forward, and nothing else comes of it. */
static void silent_peer(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct error err = { 0 };
	int listener, rc = 2;
	struct bed bed;

	(void)state;
	ovs_make(&bed, 2, 1);
	bed_must_start(&bed);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/" VHOST_USER_SOCKET, bed.port[0].host_directory);
	assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	for (int i = 0; i < 50 && rc == 2; i++) {
		rc = bed.ops->connect(bed.sw, &err);
		usleep(2000);
	}
	assert_int_equal(rc, 2);
	json_decref(bed.ops->effective(bed.sw));
	assert_int_equal(bed.ops->connect(bed.sw, &err), 2); /* it still lives */
	close(listener);
	bed_remove(&bed);
}

/* What a hostile container offers instead of a socket: never followed, never changed, never connected to. */
static void not_a_socket(void **state)
{
	struct error err = { 0 };
	char link[256], victim[256];
	struct bed bed;
	struct stat st;

	(void)state;
	ovs_make(&bed, 2, 1);
	bed_must_start(&bed);
	snprintf(victim, sizeof(victim), "%s/victim", ledger_directory(bed.ledger));
	snprintf(link, sizeof(link), "%s/" VHOST_USER_SOCKET, bed.port[1].host_directory);
	close(open(victim, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	assert_int_equal(symlink(victim, link), 0);
	assert_int_equal(bed.ops->connect(bed.sw, &err), -EPERM);
	assert_non_null(strstr(err.cause, "no socket of its own"));
	assert_int_equal(stat(victim, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	bed_remove(&bed);
}

static void path_is_too_long(void **state)
{
	struct error err = { 0 };
	struct bed bed;

	(void)state;
	ovs_make(&bed, 2, 1);
	memset(bed.port[0].directory, 'x', sizeof(bed.port[0].directory) - 1);
	bed.port[0].directory[0] = '/';
	assert_int_equal(bed_start(&bed, &err), -ENAMETOOLONG);
	bed_remove(&bed);
}

static void directory_is_not_there(void **state)
{
	struct error err = { 0 };
	struct bed bed;

	(void)state;
	ovs_make(&bed, 2, 1);
	assert_int_equal(rmdir(bed.directory), 0);
	assert_int_equal(bed_start(&bed, &err), -ENOENT);
	assert_non_null(strstr(err.cause, bed.directory));
	bed_remove(&bed);
}

/* Longer than a socket's address. */
static void deep_directory(void **state)
{
	char part[128];
	struct load load;
	struct bed bed;
	size_t length;

	(void)state;
	ovs_make(&bed, 2, 1);
	memset(part, 'd', sizeof(part));
	length = strlen(bed.directory);
	snprintf(bed.directory + length, sizeof(bed.directory) - length, "/%.110s", part);
	assert_int_equal(mkdir(bed.directory, 0700), 0);
	bed_must_start(&bed);
	load_start(&load, &bed, 0, "100", "60", "closed");
	assert_int_equal(load.received, 100);
	load_end(&load, &bed);
	bed_remove(&bed);
}

/* ---- the host as it was -------------------------------------------------------------------------------- */

/* Of a directory and what is in it: which files, and when they were changed. */
static unsigned long long directory_state(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;
	unsigned long long sum = 0;
	struct stat st;

	while (directory && (entry = readdir(directory)))
		if (strcmp(entry->d_name, "..") &&
		    !fstatat(dirfd(directory), entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
			sum = sum * 31 + st.st_ino + (unsigned long long)st.st_mtim.tv_sec * 7 +
			      (unsigned long long)st.st_mtim.tv_nsec;
	if (directory)
		closedir(directory);
	return sum;
}

/* Where an Open vSwitch of the host's, or DPDK, keeps what is its own. */
static const char *const places[] = {
	"/var/run/openvswitch", "/etc/openvswitch", "/var/lib/openvswitch", "/var/log/openvswitch", "/var/run/dpdk",
	"/dev/hugepages", "/tmp/dpdk",
};
#define PLACES (sizeof(places) / sizeof(places[0]))

static unsigned long long before[PLACES];
static unsigned links_before;

static unsigned links(void)
{
	struct if_nameindex *list = if_nameindex();
	unsigned count = 0;

	while (list && list[count].if_index)
		count++;
	if_freenameindex(list);
	return count;
}

static int group_open(void **state)
{
	(void)state;
	for (size_t i = 0; i < PLACES; i++)
		before[i] = directory_state(places[i]);
	links_before = links();
	return beds_open();
}

static int group_close(void **state)
{
	int changed = 0;

	(void)state;
	for (size_t i = 0; i < PLACES; i++)
		if (directory_state(places[i]) != before[i]) {
			print_message("%s is not as it was\n", places[i]);
			changed = 1;
		}
	if (links() != links_before) {
		print_message("%u interfaces before, %u after\n", links_before, links());
		changed = 1;
	}
	return beds_close() || changed;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forwards_everything),
		cmocka_unit_test(drops_are_counted),
		cmocka_unit_test(learns_addresses),
		cmocka_unit_test(jumbo_frames),
		cmocka_unit_test(memory_of_hugepages),
		cmocka_unit_test(says_what_is_in_effect),
		cmocka_unit_test(two_beside_each_other),
		cmocka_unit_test(death_is_seen),
		cmocka_unit_test(has_few_rights),
		cmocka_unit_test(too_little_memory),
		cmocka_unit_test(no_memory_at_all),
		cmocka_unit_test(silent_peer),
		cmocka_unit_test(not_a_socket),
		cmocka_unit_test(path_is_too_long),
		cmocka_unit_test(directory_is_not_there),
		cmocka_unit_test(deep_directory),
	};

	return cmocka_run_group_tests(tests, group_open, group_close);
}
