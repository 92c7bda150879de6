/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Controllers of the kernel's own cgroup v2, switched on and off for the groups below one of the test's own.
 * Needs root, and a controller that cgroup v1 has not taken.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "system/sysfs.h"
#include "testbed/host/cgroup.h"
#include "testbed/host/controller.h"
#include "testbed/kinds.h"

/* A controller, and a limit that its groups have: where, and what it is set to. */
struct limited {
	const char *controller, *knob, *value;
};

static const struct limited known[] = {
	{ "pids", "pids.max", "1000" },
	{ "hugetlb", "hugetlb.2MB.max", "4194304" },
	{ "memory", "memory.max", "1073741824" },
	{ "cpu", "cpu.max", "50000 100000" },
};

static char state_path[] = "/tmp/lb-controller.XXXXXX";
static char parent[300]; /* "": none of these controllers can be had here */
static struct limited limited;
static struct ledger *outer;

static struct ledger *open_ledger(void)
{
	struct ledger *ledger;
	struct error err = { 0 };

	if (ledger_open(&ledger, &err))
		fail_msg("%s", err.cause);
	return ledger;
}

static void switch_on(struct ledger *ledger)
{
	struct error err = { 0 };

	if (controller_switch_on(parent, limited.controller, ledger, &err))
		fail_msg("%s", err.cause);
}

static bool is_on(void)
{
	return cgroup_file_has_word(parent, "cgroup.subtree_control", limited.controller);
}

static unsigned groups(void)
{
	DIR *dir = opendir(parent);
	struct dirent *entry;
	unsigned count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += entry->d_type == DT_DIR && entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static void skip_unless_possible(void)
{
	if (!parent[0]) {
		print_message("skipped: no controller of cgroup v2 can be switched on here\n");
		skip();
	}
}

static const char *group_file(const char *group, const char *file)
{
	static char path[600];

	snprintf(path, sizeof(path), "%s/%s/%s", parent, group, file);
	return path;
}

/* As its user would, who has it now. */
static void switch_off(void)
{
	char off[32];

	snprintf(off, sizeof(off), "-%s", limited.controller);
	assert_int_equal(sysfs_write(group_file(".", "cgroup.subtree_control"), off), 0);
}

static void make_group(const char *group)
{
	assert_int_equal(mkdir(group_file(group, ""), 0755), 0);
}

static void remove_group(const char *group)
{
	assert_int_equal(rmdir(group_file(group, "")), 0);
}

/* Also where there are groups that have set nothing: what they lose is nothing. */
static void is_switched_off_again(void **state)
{
	struct ledger *ledger;

	skip_unless_possible();
	make_group("before");
	ledger = open_ledger();
	switch_on(ledger);
	switch_on(ledger);
	assert_true(is_on());
	make_group("meanwhile");
	assert_int_equal(ledger_close(ledger, NULL), 0);
	assert_false(is_on());
	assert_int_equal(groups(), 2);
	remove_group("before");
	remove_group("meanwhile");
}

static void takes_no_limit_from_others(void **state)
{
	struct ledger *ledger;
	char text[64];

	skip_unless_possible();
	ledger = open_ledger();
	switch_on(ledger);
	make_group("theirs");
	assert_int_equal(sysfs_write(group_file("theirs", limited.knob), limited.value), 0);
	assert_int_equal(ledger_close(ledger, NULL), 0);
	assert_true(is_on());
	assert_int_equal(sysfs_read(group_file("theirs", limited.knob), text, sizeof(text)), 0);
	assert_string_equal(text, limited.value);
	assert_int_equal(groups(), 1);
	/* It is theirs now: no run of ours switches it off, even if they go. */
	remove_group("theirs");
	ledger = open_ledger();
	switch_on(ledger);
	assert_int_equal(ledger_close(ledger, NULL), 0);
	assert_true(is_on());
	switch_off();
	assert_false(is_on());
}

/* The kernel itself keeps one that a group hands on to those below it. */
static void leaves_what_is_handed_on(void **state)
{
	struct ledger *ledger;
	char on[32];

	skip_unless_possible();
	snprintf(on, sizeof(on), "+%s", limited.controller);
	ledger = open_ledger();
	switch_on(ledger);
	make_group("theirs");
	assert_int_equal(sysfs_write(group_file("theirs", "cgroup.subtree_control"), on), 0);
	assert_int_equal(ledger_close(ledger, NULL), 0);
	assert_true(is_on());
	remove_group("theirs");
	switch_off();
}

static void the_last_of_two_runs_switches_it_off(void **state)
{
	struct ledger *first, *second;

	skip_unless_possible();
	first = open_ledger();
	second = open_ledger();
	switch_on(first);
	switch_on(second);
	assert_int_equal(ledger_close(first, NULL), 0);
	assert_true(is_on());
	assert_int_equal(ledger_close(second, NULL), 0);
	assert_false(is_on());
}

/* However they interleave: none finds it off that it needs, and the last one leaves it off. */
static void many_at_once(void **state)
{
	pid_t children[6];
	int status;

	skip_unless_possible();
	for (int i = 0; i < 6; i++) {
		children[i] = fork();
		if (children[i])
			continue;
		for (int round = 0; round < 60; round++) {
			struct ledger *ledger;

			if (ledger_open(&ledger, NULL) ||
			    controller_switch_on(parent, limited.controller, ledger, NULL))
				_exit(1);
			if (!is_on())
				_exit(2);
			if (ledger_close(ledger, NULL))
				_exit(3);
		}
		_exit(0);
	}
	for (int i = 0; i < 6; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	assert_false(is_on());
	assert_int_equal(groups(), 0);
}

static void a_killed_run_leaves_it_to_clean(void **state)
{
	struct ledger *ledger;
	struct error err = { 0 };
	pid_t pid;

	skip_unless_possible();
	pid = fork();
	if (pid == 0) {
		if (ledger_open(&ledger, NULL) || controller_switch_on(parent, limited.controller, ledger, NULL))
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(is_on());
	if (ledger_clean(testbed_kinds, NULL, NULL, &err) != 1)
		fail_msg("%s", err.cause);
	assert_false(is_on());
}

/* A group of our own, to whose children one of the controllers can be given. */
static int set_up(void **state)
{
	struct cgroup_hierarchy found;

	if (!mkdtemp(state_path) || setenv("LANEBENCH_STATE", state_path, 1) || ledger_open(&outer, NULL))
		return -1;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]) && !parent[0]; i++) {
		if (cgroup_find(known[i].controller, &found, NULL) || !found.unified ||
		    controller_switch_on(found.path, known[i].controller, outer, NULL))
			continue;
		limited = known[i];
		snprintf(parent, sizeof(parent), "%s/lb-test-%d", found.path, getpid());
		if (mkdir(parent, 0755))
			parent[0] = 0;
	}
	return 0;
}

static int tear_down(void **state)
{
	if (parent[0])
		rmdir(parent);
	return ledger_close(outer, NULL) || (rmdir(state_path) && errno != ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_switched_off_again),
		cmocka_unit_test(takes_no_limit_from_others),
		cmocka_unit_test(leaves_what_is_handed_on),
		cmocka_unit_test(the_last_of_two_runs_switches_it_off),
		cmocka_unit_test(many_at_once),
		cmocka_unit_test(a_killed_run_leaves_it_to_clean),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
