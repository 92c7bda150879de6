/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The switches that are one DPDK process, on real sockets with real traffic; and what becomes of them when
 * they are misused. Memory without hugepages but for one, so that these tests run everywhere.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger/ledger.h"
#include "testbed/switch/socket_port.h"
#include "testbed/switch/switch.h"
#include "testbed/switch/vhost_user.h"

#include "switch_bed.h"

/* ---- tests --------------------------------------------------------------------------------------------- */

static void forwards_everything(const char *name)
{
	static const char *const sizes[] = { "60", "1514" };
	struct bed bed;
	struct load load;

	bed_make(&bed, name, 2, 1);
	bed_must_start(&bed);
	for (int i = 0; i < 2; i++) {
		load_start(&load, &bed, 0, "20000", sizes[i], "closed");
		assert_int_equal(load.sent, 20000);
		assert_int_equal(load.received, 20000);
		assert_int_equal(load.wrong, 0);
		assert_int_equal(bed_dropped(&bed), 0);
		load_end(&load, &bed); /* and the same switch serves the next */
	}
	bed_remove(&bed);
}

/* A receiver that does not read: its ring takes what it can, and the switch has dropped the rest. */
static void drops_are_counted(const char *name)
{
	struct bed bed;
	struct load load;

	bed_make(&bed, name, 2, 1);
	bed_must_start(&bed);
	load_start(&load, &bed, 0, "50000", "60", "flood");
	assert_int_equal(load.sent, 50000);
	assert_in_range(load.received, 1, 1000);
	assert_int_equal(load.wrong, 0);
	assert_int_equal(bed_dropped(&bed), load.sent - load.received);
	load_end(&load, &bed);
	assert_int_equal(bed_dropped(&bed), load.sent - load.received);
	bed_remove(&bed);
}

/* Less than a burst is not kept for ever. */
static void a_lone_frame_arrives(const char *name)
{
	struct bed bed;
	struct load load;

	bed_make(&bed, name, 2, 1);
	bed_must_start(&bed);
	load_start(&load, &bed, 0, "1", "60", "closed");
	assert_int_equal(load.received, 1);
	assert_int_equal(load.wrong, 0);
	assert_int_equal(bed_dropped(&bed), 0);
	load_end(&load, &bed);
	bed_remove(&bed);
}

static void both_directions_at_once(const char *name)
{
	struct bed bed;
	struct load load;

	for (unsigned threads = 1; threads <= 2; threads++) {
		bed_make(&bed, name, 2, threads);
		bed_must_start(&bed);
		load_start(&load, &bed, 0, "10000", "60", "both");
		assert_int_equal(load.sent, 20000);
		assert_int_equal(load.received, 20000);
		assert_int_equal(load.wrong, 0);
		assert_int_equal(bed_dropped(&bed), 0);
		load_end(&load, &bed);
		bed_remove(&bed);
	}
}

static void pairs_are_apart(const char *name)
{
	struct bed bed;
	struct load load[2];

	bed_make(&bed, name, 4, 2); /* its threads share a processor here; elsewhere each has its own */
	bed_must_start(&bed);
	for (unsigned pair = 0; pair < 2; pair++)
		load_start(&load[pair], &bed, pair, "5000", "60", "closed");
	for (unsigned pair = 0; pair < 2; pair++) {
		assert_int_equal(load[pair].sent, 5000);
		assert_int_equal(load[pair].received, 5000);
		load_end(&load[pair], &bed);
	}
	bed_remove(&bed);
}

/* A chain of four hops is five links; nobody waits long for its switch, and its last link forwards like the first. */
static void ten_ports_are_up_soon(const char *name)
{
	struct timespec begin, end;
	struct bed bed;
	struct load load;

	bed_make(&bed, name, 10, 1);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	bed_must_start(&bed);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true((double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9 < 1);
	load_start(&load, &bed, 4, "5000", "60", "closed");
	assert_int_equal(load.received, 5000);
	assert_int_equal(load.wrong, 0);
	load_end(&load, &bed);
	bed_remove(&bed);
}

static void jumbo_frames(const char *name)
{
	struct bed bed;
	struct load load;

	bed_make(&bed, name, 2, 1);
	bed.spec.mtu = 9000;
	bed.spec.max_frame = 9014;
	bed.spec.memory.megabytes = bed.ops->megabytes(2, 1, 256, 9014);
	bed_must_start(&bed);
	load_start(&load, &bed, 0, "2000", "9014", "closed");
	assert_int_equal(load.received, 2000);
	assert_int_equal(load.wrong, 0);
	load_end(&load, &bed);
	bed_remove(&bed);
}

/* In a mount whose limit is what the switch asked for: so that suffices. */
static void memory_of_hugepages(const char *name)
{
	struct hugepages_mount mount = { 0 };
	struct bed bed;
	struct load load;
	json_t *effective;

	bed_make(&bed, name, 2, 1);
	bed_mount(&bed, &mount);
	bed_must_start(&bed);
	load_start(&load, &bed, 0, "20000", "1514", "closed");
	assert_int_equal(load.received, 20000);
	effective = bed.ops->effective(bed.sw);
	assert_int_equal(json_integer_value(json_object_get(effective, "page_kb")), 2048);
	json_decref(effective);
	load_end(&load, &bed);
	bed_remove_mounted(&bed, &mount);
}

static void says_what_is_in_effect(const char *name)
{
	struct bed bed;
	struct load load;
	json_t *effective, *buffers, *port, *virtio;
	char version[128] = "";

	bed_make(&bed, name, 2, 1);
	bed_must_start(&bed);
	effective = bed.ops->effective(bed.sw);
	assert_non_null(effective);
	port = json_array_get(json_object_get(effective, "ports"), 0);
	assert_true(json_is_null(json_object_get(port, "virtio"))); /* nobody has connected */
	json_decref(effective);
	load_start(&load, &bed, 0, "100", "60", "closed");
	effective = bed.ops->effective(bed.sw);
	assert_int_equal(json_integer_value(json_object_get(effective, "threads")), 1);
	assert_int_equal(json_integer_value(json_object_get(effective, "burst")), 32);
	assert_int_equal(json_integer_value(json_object_get(effective, "page_kb")), 4);
	buffers = json_object_get(effective, "buffers");
	assert_true(json_integer_value(json_object_get(buffers, "count")) >= 2048);
	for (size_t i = 0; i < 2; i++) {
		port = json_array_get(json_object_get(effective, "ports"), i);
		virtio = json_object_get(port, "virtio");
		assert_true(json_is_true(json_object_get(virtio, "version_1")));
		assert_string_equal(json_string_value(json_object_get(virtio, "ring")), "split");
		if (json_object_get(port, "rx_ring")) {
			assert_int_equal(json_integer_value(json_object_get(port, "rx_ring")), 256);
			assert_int_equal(json_integer_value(json_object_get(port, "tx_ring")), 256);
		}
	}
	assert_true(json_object_get(port, "rx_ring") || !strcmp(name, "testpmd")); /* which cannot tell */
	json_decref(effective);
	bed.ops->version(version, sizeof(version));
	assert_non_null(strstr(version, "DPDK "));
	load_end(&load, &bed);
	bed_remove(&bed);
}

static void sockets_are_their_owners_alone(const char *name)
{
	struct bed bed;
	struct stat st;

	bed_make(&bed, name, 2, 1);
	bed_must_start(&bed);
	for (unsigned i = 0; i < 2; i++) {
		const struct port *port = &bed.port[i].port;

		assert_memory_equal(port->address, bed.port[i].directory, strlen(bed.port[i].directory));
		assert_false(port->listens);
		assert_int_equal(stat(port->address, &st), 0);
		assert_true(S_ISSOCK(st.st_mode));
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(st.st_uid, owner());
	}
	bed_remove(&bed);
}

/* No capability, no way to gain one. */
static void has_no_rights(const char *name)
{
	struct bed bed;
	struct process *processes;
	unsigned count = 0;

	bed_make(&bed, name, 2, 1);
	bed_must_start(&bed);
	processes = bed.ops->processes(bed.sw, &count);
	assert_int_equal(count, 1);
	bed_check_confined(&bed, processes[0].pid, 0);
	bed_remove(&bed);
}

static void death_is_seen(const char *name)
{
	struct bed bed;
	struct load load;
	struct process *process;
	struct timespec begin, end;
	uint64_t dropped;
	unsigned count;

	bed_make(&bed, name, 2, 1);
	bed_must_start(&bed);
	load_start(&load, &bed, 0, "100", "60", "closed");
	process = bed.ops->processes(bed.sw, &count);
	assert_false(process_ended(process));
	assert_int_equal(kill(process->pid, SIGKILL), 0);
	assert_true(process_wait(process, 2000));
	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_true(bed.ops->dropped(bed.sw, &dropped) < 0);
	json_decref(bed.ops->effective(bed.sw));
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - begin.tv_sec < 3);
	load_end(&load, &bed);
	bed_remove(&bed);
}

static void too_little_memory(const char *name)
{
	struct error err = { 0 };
	struct bed bed;

	bed_make(&bed, name, 2, 1);
	bed.spec.memory.megabytes = 4;
	assert_true(bed_start(&bed, &err) < 0);
	print_message("%s; %s\n", err.cause, err.remedy);
	assert_non_null(strstr(err.cause, "exited with status 1: "));
	bed_remove(&bed);
}

/* What a hostile container has put where its socket is to go is neither followed nor overwritten. */
static void something_is_there_already(const char *name)
{
	struct error err = { 0 };
	char link[256], victim[256];
	struct bed bed;
	struct stat st;

	bed_make(&bed, name, 2, 1);
	snprintf(victim, sizeof(victim), "%s/victim", ledger_directory(bed.ledger));
	snprintf(link, sizeof(link), "%s/" VHOST_USER_SOCKET, bed.port[1].host_directory);
	close(open(victim, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	assert_int_equal(symlink(victim, link), 0);
	assert_int_equal(bed_start(&bed, &err), -EEXIST);
	assert_non_null(strstr(err.cause, bed.port[1].host_directory));
	assert_int_equal(stat(victim, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(st.st_uid, geteuid());
	bed_remove(&bed);
}

static void path_is_too_long(const char *name)
{
	struct error err = { 0 };
	struct bed bed;

	bed_make(&bed, name, 2, 1);
	memset(bed.port[0].directory, 'x', sizeof(bed.port[0].directory) - 1);
	bed.port[0].directory[0] = '/';
	assert_int_equal(bed_start(&bed, &err), -ENAMETOOLONG);
	assert_non_null(strstr(err.cause, "107 bytes"));
	bed_remove(&bed);
}

/* It cannot make its files there: named with its own words, at once. */
static void directory_is_not_there(const char *name)
{
	struct error err = { 0 };
	struct bed bed;

	bed_make(&bed, name, 2, 1);
	assert_int_equal(rmdir(bed.directory), 0);
	assert_int_equal(bed_start(&bed, &err), -ENOENT);
	assert_non_null(strstr(err.cause, bed.directory));
	bed_remove(&bed);
}

static void processor_is_not_there(const char *name)
{
	struct error err = { 0 };
	struct bed bed;

	bed_make(&bed, name, 2, 1);
	bed.processors[0] = CPU_SETSIZE - 1;
	assert_true(bed_start(&bed, &err) < 0);
	assert_true(err.cause[0]);
	bed_remove(&bed);
}

/* A directory far longer than a socket's address: all is done by relative paths. */
static void deep_directory(const char *name)
{
	char part[128];
	struct bed bed;
	size_t length;

	bed_make(&bed, name, 2, 1);
	memset(part, 'd', sizeof(part));
	length = strlen(bed.directory);
	snprintf(bed.directory + length, sizeof(bed.directory) - length, "/%.110s", part);
	assert_int_equal(mkdir(bed.directory, 0700), 0);
	bed_must_start(&bed);
	assert_int_equal(bed_dropped(&bed), 0);
	bed_remove(&bed);
}

/* It rewrites the addresses of each frame, as DPDK's sample does. */
static void l2fwd_writes_addresses(void **state)
{
	struct bed bed;
	struct load load;

	(void)state;
	bed_make(&bed, "l2fwd", 4, 1);
	bed_must_start(&bed);
	load_start(&load, &bed, 1, "5000", "60", "blank");
	assert_int_equal(load.sent, 5000);
	assert_int_equal(load.received, 5000);
	assert_int_equal(load.wrong, 0);
	assert_int_equal(bed_dropped(&bed), 0);
	load_end(&load, &bed);
	bed_remove(&bed);
}

static void memif_names_one_socket_for_both(void **state)
{
	struct error err = { 0 };
	struct bed bed;

	(void)state;
	bed_make(&bed, "memif", 4, 0);
	assert_true(bed.ops->link_directory);
	for (unsigned i = 0; i < 4; i++)
		snprintf(bed.port[i].directory, sizeof(bed.port[i].directory), "/link-%u", i / 2);
	assert_int_equal(bed_start(&bed, &err), 0);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(bed.port[i].port.listens, i % 2);
		assert_string_equal(bed.port[i].port.address, bed.port[i ^ 1].port.address);
	}
	assert_string_equal(bed.port[0].port.address, "/link-0/memif");
	assert_string_equal(bed.port[3].port.address, "/link-1/memif");
	bed_remove(&bed);
}

/* ---- the host as it was -------------------------------------------------------------------------------- */

/* Where DPDK leaves files unless it is told better. */
static unsigned long long host_files(void)
{
	static const char *const places[] = { "/var/run/dpdk", "/dev/hugepages", "/tmp/dpdk", NULL };
	unsigned long long sum = 0;

	for (const char *const *place = places; *place; place++) {
		DIR *directory = opendir(*place);
		const struct dirent *entry;

		while (directory && (entry = readdir(directory)))
			sum += entry->d_ino;
		if (directory)
			closedir(directory);
	}
	return sum;
}

static unsigned long long files_before;

static int group_open(void **state)
{
	(void)state;
	files_before = host_files();
	return beds_open();
}

static int group_close(void **state)
{
	(void)state;
	if (host_files() != files_before)
		print_message("files were left in /var/run/dpdk or /dev/hugepages\n");
	return beds_close() || host_files() != files_before;
}

/* ---- all of them --------------------------------------------------------------------------------------- */

typedef void test_of_switch(const char *name);

static const struct {
	const char *name;
	test_of_switch *run;
} tests[] = {
#define TEST(function) { #function, function }
	/* Of each switch: what its own program does with packets. */
	TEST(forwards_everything),
	TEST(drops_are_counted),
	TEST(a_lone_frame_arrives),
	TEST(pairs_are_apart),
#define TESTS_OF_EACH 4
	/* Of one of them: what they share. */
	TEST(both_directions_at_once),
	TEST(ten_ports_are_up_soon),
	TEST(jumbo_frames),
	TEST(memory_of_hugepages),
	TEST(says_what_is_in_effect),
	TEST(sockets_are_their_owners_alone),
	TEST(has_no_rights),
	TEST(death_is_seen),
	TEST(too_little_memory),
	TEST(something_is_there_already),
	TEST(path_is_too_long),
	TEST(directory_is_not_there),
	TEST(processor_is_not_there),
	TEST(deep_directory),
};

#define TESTS (sizeof(tests) / sizeof(tests[0]))
#define SWITCHES_MAX 16

/* Which of the tests, and of which switch. */
struct case_of_switch {
	char title[96];
	const char *name;
	test_of_switch *run;
};

static void run_case(void **state)
{
	const struct case_of_switch *one = *state;

	one->run(one->name);
}

/* The switches that this file is about: those that join links by vhost-user, whoever has added them. */
static bool is_subject(const struct switch_ops *ops)
{
	return ops->ports & PORT_BIT(PORT_VHOST_USER) && !ops->learns;
}

int main(void)
{
	static struct case_of_switch cases[SWITCHES_MAX * TESTS];
	static struct CMUnitTest list[SWITCHES_MAX * TESTS + 2] = {
		cmocka_unit_test(l2fwd_writes_addresses),
		cmocka_unit_test(memif_names_one_socket_for_both),
	};
	size_t count = 2, made = 0;

	for (const struct switch_ops *const *sw = switch_table; *sw && made + TESTS <= SWITCHES_MAX * TESTS; sw++) {
		size_t of_this = made ? TESTS_OF_EACH : TESTS;

		if (!is_subject(*sw))
			continue;
#ifdef __SANITIZE_ADDRESS__ /* on this side of the sockets they are all the same code: one will do */
		if (made)
			break;
#endif
		for (size_t i = 0; i < of_this; i++) {
			struct case_of_switch *one = &cases[made++];

			*one = (struct case_of_switch){ .name = (*sw)->name, .run = tests[i].run };
			snprintf(one->title, sizeof(one->title), "%s_%s", (*sw)->name, tests[i].name);
			list[count++] = (struct CMUnitTest){
				.name = one->title, .test_func = run_case, .initial_state = one,
			};
		}
	}
	return _cmocka_run_group_tests("switch_dpdk", list, count, group_open, group_close);
}
