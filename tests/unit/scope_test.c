/* SPDX-License-Identifier: Apache-2.0 */
/* Cgroups that systemd hands over. Needs root, and a systemd that has cgroup v2: tests/integration/systemd.bats. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "system/sysfs.h"
#include "testbed/host/cpu_group.h"
#include "testbed/host/scope.h"
#include "testbed/kinds.h"

static char root[] = "/tmp/lb-scope.XXXXXX";
static struct cgroup_hierarchy hierarchy = { .path = "/sys/fs/cgroup" };

static void skip_unless_possible(void)
{
	hierarchy.unified = !access("/sys/fs/cgroup/cgroup.controllers", F_OK);
	if (geteuid() == 0 && scope_is_needed(&hierarchy))
		return;
	print_message("skipped: no systemd that has cgroup v2, or no root\n");
	skip();
}

static struct ledger *open_ledger(void)
{
	struct ledger *ledger;

	assert_int_equal(ledger_open(&ledger, NULL), 0);
	return ledger;
}

static void unit_name(const struct ledger *ledger, char name[64])
{
	snprintf(name, 64, "lb-%s-0-test", ledger_run_id(ledger));
}

/* systemd removes it when it hears that nobody is left. */
static void assert_goes(const char *path)
{
	for (int i = 0; i < 500 && !access(path, F_OK); i++)
		usleep(10000);
	assert_int_equal(access(path, F_OK), -1);
}

static void is_made_and_goes(void **state)
{
	struct ledger *ledger;
	struct error err = { 0 };
	struct scope scope;
	char name[64], path[256], group[320];

	skip_unless_possible();
	ledger = open_ledger();
	unit_name(ledger, name);
	if (scope_make(&scope, &hierarchy, name, ledger, &err))
		fail_msg("%s", err.cause);
	snprintf(path, sizeof(path), "%s", scope.path);
	assert_non_null(strstr(path, "/system.slice/"));
	assert_non_null(strstr(path, ".scope"));
	/* Nobody is in it but in a leaf: a group beside that can be made, and its controllers handed on. */
	snprintf(group, sizeof(group), "%s/cgroup.procs", path);
	assert_int_equal(sysfs_read(group, group, sizeof(group)), 0);
	assert_string_equal(group, "");
	snprintf(group, sizeof(group), "%s/%s", path, name);
	assert_int_equal(mkdir(group, 0755), 0);
	assert_int_equal(scope_make(&(struct scope){ .path = "" }, &hierarchy, name, ledger, &err), -EIO);
	assert_non_null(strstr(err.cause, "systemd makes no cgroup for lanebench"));
	assert_int_equal(rmdir(group), 0);
	scope_drop(&scope);
	assert_goes(path);
	scope_drop(&scope);
	assert_int_equal(ledger_close(ledger, NULL), 0);
}

/* Of a killed run nothing stays, neither the scope nor what was made in it. */
static void goes_with_a_killed_run(void **state)
{
	char path[256] = "";
	int report[2];
	pid_t pid;

	skip_unless_possible();
	assert_int_equal(pipe(report), 0);
	pid = fork();
	if (pid == 0) {
		struct ledger *ledger = open_ledger();
		struct scope scope;
		char name[64], group[320];

		unit_name(ledger, name);
		if (scope_make(&scope, &hierarchy, name, ledger, NULL))
			_exit(1);
		snprintf(group, sizeof(group), "%s/%s", scope.path, name);
		if (ledger_add(ledger, &cgroup_kind, name, NULL, NULL) < 0 || mkdir(group, 0755) ||
		    write(report[1], scope.path, strlen(scope.path)) < 0)
			_exit(2);
		raise(SIGKILL);
	}
	close(report[1]);
	assert_true(read(report[0], path, sizeof(path) - 1) > 0);
	close(report[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(ledger_clean(testbed_kinds, NULL, NULL, NULL), 1);
	assert_goes(path);
}

/* The whole: where v2 has the controller cpu. */
static void groups_are_made_in_scopes(void **state)
{
	struct ledger *ledger;
	struct error err = { 0 };
	struct cpu_group group;
	char name[64], path[256];
	uint64_t quota, period;

	skip_unless_possible();
	if (!cgroup_file_has_word(hierarchy.path, "cgroup.controllers", "cpu")) {
		print_message("skipped: cgroup v2 does not have the controller cpu here\n");
		skip();
	}
	ledger = open_ledger();
	unit_name(ledger, name);
	if (cpu_group_make(&group, name, 1, ledger, &err))
		fail_msg("%s", err.cause);
	snprintf(path, sizeof(path), "%s", group.scope.path);
	assert_memory_equal(group.path, path, strlen(path));
	assert_int_equal(cpu_group_limit(&group, 0.25, &err), 0);
	assert_int_equal(cpu_group_read_limit(&group, &quota, &period), 0);
	assert_int_equal(quota, 25000);
	assert_int_equal(cpu_group_remove(&group, ledger, &err), 0);
	assert_goes(path);
	assert_int_equal(ledger_close(ledger, NULL), 0);
}

static void is_not_needed_without_systemd(void **state)
{
	const struct cgroup_hierarchy v1 = { .path = "/sys/fs/cgroup/cpu" };

	assert_false(scope_is_needed(&v1));
	if (access("/run/systemd/system", F_OK))
		assert_false(scope_is_needed(&(struct cgroup_hierarchy){ .path = "/sys/fs/cgroup", .unified = true }));
}

static int set_up(void **state)
{
	return !mkdtemp(root) || setenv("LANEBENCH_STATE", root, 1);
}

static int tear_down(void **state)
{
	return rmdir(root) && errno != ENOENT;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_not_needed_without_systemd),
		cmocka_unit_test(is_made_and_goes),
		cmocka_unit_test(goes_with_a_killed_run),
		cmocka_unit_test(groups_are_made_in_scopes),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
