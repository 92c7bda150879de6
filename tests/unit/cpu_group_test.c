/* SPDX-License-Identifier: Apache-2.0 */
/* Against the kernel's own cgroups; needs root. */
#include "file_tree.h"
#include "testbed/host/cpu_group.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "testbed/host/cgroup.h"

struct fixture {
	struct ledger *ledger;
	char state[64], name[64];
};

static int setup(void **state)
{
	static struct fixture fixture;

	snprintf(fixture.state, sizeof(fixture.state), "/tmp/lb-cpu-group.XXXXXX");
	if (!mkdtemp(fixture.state) || setenv("LANEBENCH_STATE", fixture.state, 1) ||
	    ledger_open(&fixture.ledger, NULL))
		return -1;
	snprintf(fixture.name, sizeof(fixture.name), "lb-%s-0-test", ledger_run_id(fixture.ledger));
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	int rc = ledger_close(fixture->ledger, NULL);

	rmdir(fixture->state);
	return rc;
}

static bool impossible(void)
{
	struct error err = { 0 };

	if (!cpu_group_probe(&err))
		return false;
	print_message("not here: %s\n", err.cause);
	return true;
}

/* A child that is busy until it is killed. */
static pid_t busy_child(void)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	for (volatile unsigned i = 0;; i++)
		;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static double processor_seconds(pid_t pid)
{
	struct timespec time;
	clockid_t clock;

	assert_int_equal(clock_getcpuclockid(pid, &clock), 0);
	assert_int_equal(clock_gettime(clock, &time), 0);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void pause_ms(long ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static double share_over_a_second(pid_t pid)
{
	struct timespec begin, end;
	double before, used;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	before = processor_seconds(pid);
	pause_ms(1000);
	used = processor_seconds(pid) - before;
	clock_gettime(CLOCK_MONOTONIC, &end);
	return used / ((double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
}

static void a_quota_is_kept(void **state)
{
	struct fixture *fixture = *state;
	struct cpu_throttling throttling;
	struct cpu_group group;
	uint64_t quota, period;
	struct error err = { 0 };
	double share;
	pid_t pid;

	if (impossible())
		skip();
	assert_int_equal(cpu_group_make(&group, fixture->name, 1, fixture->ledger, &err), 0);
	assert_int_equal(cpu_group_read_limit(&group, &quota, &period), 0);
	assert_int_equal(quota, 0);
	pid = busy_child();
	assert_int_equal(cpu_group_enter(&group, pid, &err), 0);
	assert_int_equal(cpu_group_count(&group), 1);
	assert_int_equal(cpu_group_limit(&group, 0.25, &err), 0);
	assert_int_equal(cpu_group_read_limit(&group, &quota, &period), 0);
	assert_int_equal(period, CPU_GROUP_PERIOD_US);
	assert_int_equal(quota, period / 4);
	share = share_over_a_second(pid);
	assert_int_equal(cpu_group_read_throttling(&group, &throttling), 0);
	end_child(pid);
	print_message("a quota of 0.25 gave %.3f; %d of %d periods throttled\n", share, (int)throttling.throttled,
		      (int)throttling.periods);
	assert_true(share > 0.15 && share < 0.35);
	assert_in_range(throttling.periods, 5, 13);
	/* On a busy machine it waits for its processor for a part of the rest of each period. */
	assert_in_range(throttling.throttled, 1, throttling.periods);
	assert_in_range(throttling.throttled_ns, 1000000, 1100000000);

	/* Without it again: more than it had, whoever else is busy. */
	pid = busy_child();
	assert_int_equal(cpu_group_enter(&group, pid, &err), 0);
	assert_int_equal(cpu_group_limit(&group, 0.01, &err), 0);
	assert_int_equal(cpu_group_limit(&group, 0, &err), 0);
	assert_int_equal(cpu_group_read_limit(&group, &quota, &period), 0);
	assert_int_equal(quota, 0);
	end_child(pid);
	assert_int_equal(cpu_group_remove(&group, fixture->ledger, &err), 0);
}

static void removal_ends_what_is_in_it(void **state)
{
	struct fixture *fixture = *state;
	struct cpu_group group;
	char path[sizeof(group.path)];
	struct error err = { 0 };
	int status;
	pid_t pid;

	if (impossible())
		skip();
	assert_int_equal(cpu_group_make(&group, fixture->name, 2, fixture->ledger, &err), 0);
	snprintf(path, sizeof(path), "%s", group.path);
	pid = fork();
	if (!pid) {
		if (cpu_group_enter(&group, getpid(), NULL))
			_exit(1);
		if (fork()) /* leaves a child behind */
			_exit(0);
		pause();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(cpu_group_count(&group), 1);
	assert_int_equal(cpu_group_remove(&group, fixture->ledger, &err), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(group.entry, 0);
	assert_int_equal(cpu_group_remove(&group, fixture->ledger, &err), 0);
}

static void the_ledger_removes_it(void **state)
{
	struct fixture *fixture = *state;
	struct cpu_group group;
	struct error err = { 0 };
	pid_t pid;

	if (impossible())
		skip();
	assert_int_equal(cpu_group_make(&group, fixture->name, 1, fixture->ledger, &err), 0);
	pid = busy_child();
	assert_int_equal(cpu_group_enter(&group, pid, &err), 0);
	assert_int_equal(cpu_group_make(&(struct cpu_group){ 0 }, fixture->name, 1, fixture->ledger, &err), -EEXIST);
	assert_int_equal(ledger_undo(fixture->ledger, group.entry, &err), 0);
	assert_int_equal(access(group.path, F_OK), -1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void controllers_are_found(void **state)
{
	struct cgroup_hierarchy found;
	struct error err = { 0 };

	assert_int_equal(cgroup_find("no-such-controller", &found, &err), -ENOENT);
	assert_non_null(strstr(err.cause, "no-such-controller"));
	assert_true(err.remedy[0]);
	if (!cgroup_find("cpu", &found, NULL))
		assert_int_equal(access(found.path, F_OK), 0);
}

static void assert_file(const char *directory, const char *name, const char *expected)
{
	char path[320], text[64] = "";
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_string_equal(text, expected);
	assert_int_equal(unlink(path), 0);
}

/*
 * Few machines have the controller in both versions: of the other one, at least what is written and read, in
 * files that hold what the kernel's documentation says.
 */
static void files_of_v2(void **state)
{
	struct cpu_group group = { .unified = true };
	struct cpu_throttling throttling;
	struct error err = { 0 };
	uint64_t quota, period;

	strcpy(group.path, "/tmp/lb-cgroup.XXXXXX");
	assert_non_null(mkdtemp(group.path));
	file_put(group.path, "cpu.max", "");
	assert_int_equal(cpu_group_limit(&group, 0.125, &err), 0);
	assert_int_equal(cpu_group_read_limit(&group, &quota, &period), 0);
	assert_int_equal(quota, 12500);
	assert_int_equal(period, 100000);
	assert_file(group.path, "cpu.max", "12500 100000");
	file_put(group.path, "cpu.max", "");
	assert_int_equal(cpu_group_limit(&group, 0, &err), 0);
	assert_file(group.path, "cpu.max", "max 100000");
	file_put(group.path, "cpu.max", "max 100000\n");
	assert_int_equal(cpu_group_read_limit(&group, &quota, &period), 0);
	assert_int_equal(quota, 0);
	assert_file(group.path, "cpu.max", "max 100000\n");
	file_put(group.path, "cpu.stat", "usage_usec 5\nuser_usec 3\nsystem_usec 2\nnr_periods 20\nnr_throttled 7\n"
		   "throttled_usec 1500\nnr_bursts 0\nburst_usec 0\n");
	assert_int_equal(cpu_group_read_throttling(&group, &throttling), 0);
	assert_int_equal(throttling.periods, 20);
	assert_int_equal(throttling.throttled, 7);
	assert_int_equal(throttling.throttled_ns, 1500000);
	assert_file(group.path, "cpu.stat", "usage_usec 5\n");
	assert_int_equal(rmdir(group.path), 0);
	/* a group that is gone */
	assert_int_equal(cpu_group_limit(&group, 1, &err), -ENOENT);
	assert_int_equal(cpu_group_read_limit(&group, &quota, &period), -ENOENT);
	assert_int_equal(cpu_group_read_throttling(&group, &throttling), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_quota_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(removal_ends_what_is_in_it, setup, teardown),
		cmocka_unit_test_setup_teardown(the_ledger_removes_it, setup, teardown),
		cmocka_unit_test(controllers_are_found),
		cmocka_unit_test(files_of_v2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
