/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cache ways, on a tree of files as the kernel's resctrl has it (most processors that build this cannot do it). What the
 * kernel makes by itself in a new group, the test makes between cache_group_make and the rest.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "file_tree.h"
#include "system/tree.h"
#include "testbed/host/cache_group.h"

static char root[64], state_directory[64];
static struct ledger *ledger;

static int make_tree(void **state)
{
	strcpy(root, "/tmp/lanebench-test-XXXXXX");
	strcpy(state_directory, "/tmp/lanebench-test-XXXXXX");
	if (!mkdtemp(root) || !mkdtemp(state_directory) || setenv("LANEBENCH_STATE", state_directory, 1) ||
	    ledger_open(&ledger, NULL))
		return -1;
	file_put(root, "info/L3/cbm_mask", "fff\n");
	file_put(root, "info/L3/min_cbm_bits", "2\n");
	file_put(root, "schemata", "    MB:0=100;1=100\n    L3:0=fff;1=fff\n");
	return 0;
}

static int remove_tree(void **state)
{
	int rc = ledger_close(ledger, NULL);

	return tree_remove(root, NULL, NULL) || tree_remove(state_directory, NULL, NULL) || rc;
}

/* As the kernel does with a directory that somebody has made. */
static void fill_group(const struct cache_group *group)
{
	file_put(group->path, "schemata", "");
	file_put(group->path, "tasks", "");
	file_put(group->path, "mon_data/mon_L3_00/llc_occupancy", "1000\n");
	file_put(group->path, "mon_data/mon_L3_01/llc_occupancy", "24\n");
	file_put(group->path, "mon_data/mon_L3_00/mbm_total_bytes", "7000\n");
	file_put(group->path, "mon_data/mon_L3_01/mbm_total_bytes", "Unavailable\n");
}

static void empty_group(const struct cache_group *group)
{
	char path[CACHE_GROUP_PATH];

	strcpy(path, group->path);
	assert_int_equal(tree_remove(path, NULL, NULL), 0);
	assert_int_equal(mkdir(path, 0755), 0);
}

static void ways_are_set_apart_and_given_back(void **state)
{
	struct cache_reading reading;
	struct error err = { 0 };
	struct cache_group group;
	char task[16];

	assert_int_equal(cache_group_probe(root, 4, &err), 0);
	assert_int_equal(cache_group_make(&group, root, "lb-one-cache", ledger, &err), 0);
	fill_group(&group);
	assert_int_equal(cache_group_divide(&group, 4, ledger, &err), 0);
	assert_int_equal(group.ways, 4);
	assert_int_equal(group.total, 12);
	file_must_hold(group.path, "schemata", "L3:0=f00;1=f00\n");
	file_must_hold(root, "schemata", "L3:0=ff;1=ff\n");
	assert_int_equal(cache_group_enter(&group, getpid(), &err), 0);
	snprintf(task, sizeof(task), "%d", (int)getpid());
	file_must_hold(group.path, "tasks", task);
	cache_group_read(&group, &reading);
	assert_true(reading.occupancy_known && !reading.traffic_known); /* one domain cannot tell now */
	assert_int_equal(reading.occupancy_bytes, 1024);
	empty_group(&group);
	file_put(root, "schemata", "");
	assert_int_equal(cache_group_remove(&group, ledger, &err), 0);
	file_must_hold(root, "schemata", "L3:0=fff;1=fff\n");
	assert_int_equal(cache_group_probe(root, 10, &err), 0);
}

static void what_is_impossible_is_refused(void **state)
{
	struct cache_group group, other;
	struct error err = { 0 };

	assert_int_equal(cache_group_probe(root, 11, &err), -EINVAL); /* two are left for all others, at least */
	assert_non_null(strstr(err.cause, "12 ways"));
	assert_int_equal(cache_group_probe(root, 1, &err), -EINVAL);
	assert_int_equal(cache_group_probe("/nowhere", 4, &err), -ENOENT);
	assert_non_null(strstr(err.remedy, "mount -t resctrl"));
	assert_int_equal(cache_group_make(&group, root, "lb-one-cache", ledger, &err), 0);
	assert_int_equal(cache_group_make(&other, root, "lb-two-cache", ledger, &err), -EBUSY);
	assert_non_null(strstr(err.cause, "lb-one-cache"));
	assert_int_equal(cache_group_remove(&group, ledger, &err), 0);
	assert_int_equal(cache_group_remove(&(struct cache_group){ .entry = 0 }, ledger, &err), 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_tree, remove_tree)
	const struct CMUnitTest tests[] = {
		CASE(ways_are_set_apart_and_given_back),
		CASE(what_is_impossible_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
