/* SPDX-License-Identifier: Apache-2.0 */
/* A pid that is given to another process between the look at it and the signal: the other one lives. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "system/kill.h"
#include "system/start_time.h"
#include "system/sysfs.h"
#include "testbed/host/cgroup.h"

static pid_t start_sleeper(pid_t wanted)
{
	struct clone_args arguments = { .exit_signal = SIGCHLD, .set_tid = wanted ? (uintptr_t)&wanted : 0,
					.set_tid_size = wanted != 0 };
	pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));

	if (!pid && prctl(PR_SET_PDEATHSIG, SIGKILL))
		_exit(1);
	while (!pid)
		pause();
	assert_true(pid > 0);
	return pid;
}

static bool lives(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) == 0;
}

static void end(pid_t pid)
{
	syscall(SYS_kill, pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* The process ends, and a stranger gets its pid. */
static void replace(pid_t pid)
{
	end(pid);
	usleep(20000); /* start times are ticks */
	assert_int_equal(start_sleeper(pid), pid);
}

/* Who sends a signal by number, or by a descriptor, does it too late. */
static pid_t victim;

static void too_late(pid_t pid)
{
	if (!victim || pid != victim)
		return;
	victim = 0;
	replace(pid);
}

int kill(pid_t pid, int number)
{
	too_late(pid);
	return (int)syscall(SYS_kill, pid, number);
}

int pidfd_send_signal(int fd, int number, siginfo_t *info, unsigned int flags)
{
	too_late(victim);
	return (int)syscall(SYS_pidfd_send_signal, fd, number, info, flags);
}

static void kills_and_reaps_the_one_that_is_meant(void **state)
{
	struct error err = { 0 };
	pid_t pid = start_sleeper(0);

	assert_int_equal(process_kill(pid, process_start_time(pid), 2000, &err), 0);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
	assert_int_equal(process_kill(pid, 1, 2000, &err), 0); /* is gone already */
}

static void leaves_a_later_process_of_the_same_pid(void **state)
{
	struct error err = { 0 };
	pid_t pid = start_sleeper(0);
	unsigned long long start = process_start_time(pid);

	replace(pid);
	assert_true(process_start_time(pid) != start);
	assert_int_equal(process_kill(pid, start, 2000, &err), 0);
	assert_true(lives(pid));
	end(pid);
}

static void leaves_one_that_comes_at_the_last_moment(void **state)
{
	struct error err = { 0 };
	pid_t pid = victim = start_sleeper(0);

	assert_int_equal(process_kill(pid, process_start_time(pid), 100, &err), 0);
	assert_int_equal(victim, 0);
	assert_true(lives(pid));
	end(pid);
}

/* Its list of members is read, and then it is too late. */
static void kill_members(const char *hierarchy)
{
	char name[32], path[256], procs[300], text[16];
	struct error err = { 0 };
	pid_t pid;

	snprintf(name, sizeof(name), "lb-kill-test-%d", (int)getpid());
	snprintf(path, sizeof(path), "%s/%s", hierarchy, name);
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", path);
	assert_int_equal(mkdir(path, 0755), 0);
	pid = start_sleeper(0);
	snprintf(text, sizeof(text), "%d", (int)pid);
	assert_int_equal(sysfs_write(procs, text), 0);
	victim = pid;
	assert_int_equal(cgroup_remove(name, 2000, &err), 1);
	if (victim) { /* nobody sent a signal: the kernel has killed its members */
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		victim = 0;
	} else {
		assert_true(lives(pid));
		end(pid);
	}
}

static void kills_members_of_a_cgroup_alone(void **state)
{
	static const char *const hierarchies[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/cpu" };
	unsigned tried = 0;
	char path[64];

	for (size_t i = 0; i < sizeof(hierarchies) / sizeof(*hierarchies); i++) {
		snprintf(path, sizeof(path), "%s/cgroup.procs", hierarchies[i]);
		if (access(path, W_OK))
			continue;
		kill_members(hierarchies[i]);
		tried++;
	}
	if (!tried)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kills_and_reaps_the_one_that_is_meant),
		cmocka_unit_test(leaves_a_later_process_of_the_same_pid),
		cmocka_unit_test(leaves_one_that_comes_at_the_last_moment),
		cmocka_unit_test(kills_members_of_a_cgroup_alone),
	};

	if (geteuid()) {
		print_message("skipped: pids are root's to choose\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
