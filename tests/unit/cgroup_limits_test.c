/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of cgroups, from trees of files as kernels with v1, with v2, and containers show them. */
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
#include "system/cgroup_limits.h"
#include "system/tree.h"

static char root[] = "/tmp/lanebench-test-XXXXXX";

static int make_root(void **state)
{
	strcpy(strrchr(root, '-') + 1, "XXXXXX");
	return !mkdtemp(root);
}

static int remove_root(void **state)
{
	return tree_remove(root, NULL, NULL);
}

static void v1(void)
{
	file_put(root, "proc/self/cgroup", "12:hugetlb:/\n5:cpu,cpuacct:/a/b\n4:memory:/a\n3:cpuset:/a\n0::/elsewhere\n");
	file_put(root, "proc/self/mountinfo",
	    "30 1 0:1 / /c/cpu rw - cgroup cgroup rw,cpu,cpuacct\n31 1 0:2 / /c/memory rw - cgroup cgroup rw,memory\n"
	    "32 1 0:3 / /c/hugetlb rw - cgroup cgroup rw,hugetlb\n33 1 0:4 / /c/cpuset rw - cgroup cgroup rw,cpuset\n");
	file_put(root, "c/cpu/cpu.cfs_quota_us", "-1\n");
	file_put(root, "c/cpu/cpu.cfs_period_us", "100000\n");
	file_put(root, "c/cpu/a/cpu.cfs_quota_us", "150000\n");
	file_put(root, "c/cpu/a/cpu.cfs_period_us", "100000\n");
	file_put(root, "c/cpu/a/cpu.stat", "nr_periods 10\nnr_throttled 4\nthrottled_time 5000\n");
	file_put(root, "c/cpu/a/b/cpu.cfs_quota_us", "400000\n");
	file_put(root, "c/cpu/a/b/cpu.cfs_period_us", "100000\n");
	file_put(root, "c/cpu/a/b/cpu.stat", "nr_periods 20\nnr_throttled 1\nthrottled_time 70\n");
	file_put(root, "c/memory/memory.limit_in_bytes", "9223372036854771712\n");
	file_put(root, "c/memory/a/memory.limit_in_bytes", "1000000\n");
	file_put(root, "c/memory/a/memory.usage_in_bytes", "700000\n");
	file_put(root, "c/memory/a/memory.stat", "inactive_file 1\ntotal_inactive_file 100000\ntotal_active_file 50000\n");
	file_put(root, "c/cpuset/a/cpuset.effective_cpus", "2-3\n");
}

static void the_tightest_quota_of_v1(void **state)
{
	struct cgroup_throttling throttling;
	struct cgroup_limits limits;
	struct cgroup_limit hugepages;
	char file[300];

	v1();
	cgroup_limits_read(root, &limits);
	cgroup_hugepages_read(root, 2048, &hugepages);
	assert_true(limits.processors == 1.5);
	snprintf(file, sizeof(file), "%s/c/cpu/a/cpu.cfs_quota_us", root);
	assert_string_equal(limits.quota_file, file);
	assert_int_equal(limits.memory.bytes, 1000000);
	assert_int_equal(limits.memory.left, 450000); /* what is of files can be taken back */
	assert_true(hugepages.bytes == UINT64_MAX && hugepages.left == UINT64_MAX);
	assert_string_equal(limits.cpuset, "2-3");
	cgroup_throttling_read(root, &throttling);
	assert_int_equal(throttling.periods, 30);
	assert_int_equal(throttling.throttled, 5);
	assert_int_equal(throttling.throttled_ns, 5070);
}

/* The tightest limit and the one that leaves least are two levels. */
static void limits_of_v2(void **state)
{
	struct cgroup_throttling throttling;
	struct cgroup_limits limits;
	struct cgroup_limit hugepages;
	char file[300];

	file_put(root, "proc/self/cgroup", "0::/pod/one\n");
	file_put(root, "proc/self/mountinfo", "30 1 0:1 / /g rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n");
	file_put(root, "g/pod/cpu.max", "max 100000\n");
	file_put(root, "g/pod/memory.max", "5000\n");
	file_put(root, "g/pod/memory.current", "4900\n");
	file_put(root, "g/pod/one/cpu.max", "50000 100000\n");
	file_put(root, "g/pod/one/cpu.stat", "usage_usec 1\nnr_periods 3\nnr_throttled 2\nthrottled_usec 7\n");
	file_put(root, "g/pod/one/memory.max", "2000\n");
	file_put(root, "g/pod/one/memory.current", "500\n");
	file_put(root, "g/pod/one/hugetlb.1GB.max", "0\n");
	file_put(root, "g/pod/one/hugetlb.1GB.current", "0\n");
	file_put(root, "g/pod/one/hugetlb.2MB.max", "max\n");
	file_put(root, "g/pod/one/cpuset.cpus.effective", "0,4\n");
	cgroup_limits_read(root, &limits);
	assert_true(limits.processors == 0.5);
	assert_int_equal(limits.memory.bytes, 2000);
	assert_int_equal(limits.memory.left, 100);
	snprintf(file, sizeof(file), "%s/g/pod/memory.max", root);
	assert_string_equal(limits.memory.file, file);
	cgroup_hugepages_read(root, 1048576, &hugepages);
	assert_int_equal(hugepages.left, 0);
	assert_string_equal(limits.cpuset, "0,4");
	cgroup_hugepages_read(root, 2048, &hugepages);
	assert_true(hugepages.left == UINT64_MAX);
	cgroup_throttling_read(root, &throttling);
	assert_int_equal(throttling.throttled_ns, 7000);
}

/* Of an engine that mounts only the container's own part, with and without a namespace of cgroups. */
static void a_container_sees_its_own_part(void **state)
{
	static const char *const own[] = { "0::/docker/x\n", "0::/\n", "0::/../other\n" };
	static const char *const mounted[] = { "/docker/x", "/", "/" };
	struct cgroup_limits limits;
	char line[128];

	file_put(root, "g/cpu.max", "20000 100000\n");
	for (unsigned i = 0; i < 3; i++) {
		file_put(root, "proc/self/cgroup", own[i]);
		snprintf(line, sizeof(line), "30 1 0:1 %s /g rw - cgroup2 cgroup rw\n", mounted[i]);
		file_put(root, "proc/self/mountinfo", line);
		cgroup_limits_read(root, &limits);
		assert_true(limits.processors == 0.2);
	}
}

static void no_cgroups_no_limits(void **state)
{
	struct cgroup_throttling throttling;
	struct cgroup_limits limits;

	cgroup_limits_read(root, &limits);
	assert_true(limits.processors == 0 && limits.memory.bytes == UINT64_MAX && !*limits.cpuset);
	cgroup_throttling_read(root, &throttling);
	assert_int_equal(throttling.periods, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)
	const struct CMUnitTest tests[] = {
		CASE(the_tightest_quota_of_v1),
		CASE(limits_of_v2),
		CASE(a_container_sees_its_own_part),
		CASE(no_cgroups_no_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
