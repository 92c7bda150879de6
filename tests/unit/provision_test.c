/* SPDX-License-Identifier: Apache-2.0 */
/* What a testbed's ports need on the host: whose, how much of it and on which node. With root, in a mount namespace. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "testbed/provision.h"

static char state_directory[] = "/tmp/provision_test.XXXXXX";

struct bed {
	struct ledger *ledger;
	struct topology topology;
	struct placement placement;
	struct provision_spec spec;
	struct provision provision;
	int endpoints[4], threads[1];
};

static void bed_make(struct bed *bed, const char *switch_name, enum port_kind kind)
{
	const struct topology_spec pairs = { .kind = TOPOLOGY_PAIRS, .groups = 2 };
	struct error err = { 0 };

	if (geteuid())
		skip();
	*bed = (struct bed){ .endpoints = { 0, 1, 0, 1 }, .threads = { 1 } };
	assert_int_equal(topology_make(&bed->topology, &pairs), 0);
	bed->placement = (struct placement){ .endpoint = bed->endpoints, .endpoints = 4, .switch_thread = bed->threads,
					     .switch_threads = 1 };
	bed->spec = (struct provision_spec){
		.runtime = container_find("lxc"), .ops = switch_find(switch_name), .port_kind = kind,
		.topology = &bed->topology, .ring = 256, .queues = 1, .max_frame = 1514, .max_burst = 32, .hugepages = "none",
		.placement = &bed->placement,
	};
	assert_int_equal(ledger_open(&bed->ledger, &err), 0);
	if (provision_make(&bed->provision, &bed->spec, bed->ledger, &err))
		fail_msg("%s", err.cause);
}

static void bed_remove(struct bed *bed)
{
	struct error err = { 0 };

	assert_int_equal(provision_remove(&bed->provision, bed->ledger, &err), 0);
	assert_int_equal(ledger_close(bed->ledger, &err), 0);
	topology_free(&bed->topology);
}

static void look(const struct bed *bed, const char *name, struct stat *found)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", bed->provision.directory, name);
	assert_int_equal(stat(path, found), 0);
}

static void each_directory_is_its_users_alone(void **state)
{
	struct stat one, two;
	struct bed bed;

	bed_make(&bed, "testpmd", PORT_VHOST_USER);
	look(&bed, "port-0", &one);
	look(&bed, "port-1", &two);
	assert_int_equal(one.st_mode & 07777, 0700);
	assert_int_equal(one.st_uid, bed.provision.places[0].user);
	assert_int_equal(one.st_gid, one.st_uid);
	assert_int_equal(two.st_uid, bed.provision.places[1].user);
	assert_int_not_equal(one.st_uid, two.st_uid);
	assert_int_not_equal(one.st_uid, geteuid());
	bed_remove(&bed);
}

/* Users of their own, of one group. */
static void those_of_a_link_share_its_directory(void **state)
{
	struct stat link;
	struct bed bed;

	bed_make(&bed, "memif", PORT_MEMIF);
	look(&bed, "link-0", &link);
	assert_int_equal(link.st_mode & 07777, 0770);
	assert_int_equal(link.st_gid, bed.provision.places[0].group);
	assert_int_equal(link.st_gid, bed.provision.places[1].group);
	assert_int_not_equal(bed.provision.places[0].user, bed.provision.places[1].user);
	bed_remove(&bed);
}

/* And what is in there is gone with it. */
static void sockets_lie_in_a_file_system_of_limited_size(void **state)
{
	struct stat directory, above;
	struct statvfs limits;
	char path[256];
	struct bed bed;

	bed_make(&bed, "testpmd", PORT_VHOST_USER);
	look(&bed, ".", &directory);
	look(&bed, "..", &above);
	assert_int_not_equal(directory.st_dev, above.st_dev);
	assert_int_equal(statvfs(bed.provision.directory, &limits), 0);
	assert_in_range((uint64_t)limits.f_blocks * limits.f_frsize, 1 << 20, 64 << 20);
	assert_in_range(limits.f_files, 100, 4096);
	assert_int_equal(limits.f_flag & (ST_NOEXEC | ST_NOSUID | ST_NODEV), ST_NOEXEC | ST_NOSUID | ST_NODEV);
	snprintf(path, sizeof(path), "%s", bed.provision.directory);
	bed_remove(&bed);
	assert_int_equal(access(path, F_OK), -1);
}

/* Where the kernel says which node a processor is of: as if these were of two. */
static void say_node(int processor, int node)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d", processor);
	assert_int_equal(mount("none", path, "tmpfs", 0, NULL), 0);
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/node%d", processor, node);
	assert_int_equal(mkdir(path, 0755), 0);
}

static void memory_is_on_the_node_of_who_uses_it(void **state)
{
	struct bed bed;

	if (geteuid() || access("/sys/devices/system/cpu/cpu1", F_OK))
		skip();
	say_node(0, 3);
	say_node(1, 5);
	bed_make(&bed, "testpmd", PORT_VHOST_USER);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(bed.provision.places[i].node, i % 2 ? 5 : 3);
	assert_int_equal(bed.provision.places[4].node, 5);
	bed_remove(&bed);
	umount2("/sys/devices/system/cpu/cpu0", MNT_DETACH);
	umount2("/sys/devices/system/cpu/cpu1", MNT_DETACH);
}

static int make_state(void **state)
{
	char path[128];

	if (!mkdtemp(state_directory))
		return -1;
	snprintf(path, sizeof(path), "%s/state", state_directory);
	setenv("LANEBENCH_STATE", path, 1);
	return geteuid() == 0 && (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL));
}

static int drop_state(void **state)
{
	return rmdir(state_directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_directory_is_its_users_alone),
		cmocka_unit_test(those_of_a_link_share_its_directory),
		cmocka_unit_test(sockets_lie_in_a_file_system_of_limited_size),
		cmocka_unit_test(memory_is_on_the_node_of_who_uses_it),
	};

	return cmocka_run_group_tests(tests, make_state, drop_state);
}
