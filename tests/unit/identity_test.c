/* SPDX-License-Identifier: Apache-2.0 */
/* Ids that are nobody's; with root, who may put other files in the place of /etc/subuid, passwd and group. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "system/identity.h"

static bool is_root;

static void skip_without_root(void)
{
	if (!is_root || access("/etc/subuid", F_OK))
		skip();
}

/* In this process's mount namespace alone: `more` behind what the file has, or as all that it has. */
static void put_in_place(const char *path, bool keep, const char *more)
{
	char made[] = "/tmp/identity_test.XXXXXX", byte;
	int fd = mkstemp(made), before = keep ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0644), 0);
	while (before >= 0 && read(before, &byte, 1) == 1)
		assert_int_equal(write(fd, &byte, 1), 1);
	assert_int_equal(write(fd, more, strlen(more)), strlen(more));
	assert_int_equal(mount(made, path, NULL, MS_BIND, NULL), 0);
	unlink(made);
	close(fd);
	if (before >= 0)
		close(before);
}

static void take_back(const char *path)
{
	assert_int_equal(umount2(path, MNT_DETACH), 0);
}

/* All but `free` ids at the end of the range are somebody's by /etc/subuid (or the file named). */
static void grant_all_but(const char *path, unsigned free)
{
	char line[64];

	snprintf(line, sizeof(line), "somebody:%u:%u\n", IDENTITY_FIRST, IDENTITY_LAST + 1 - IDENTITY_FIRST - free);
	put_in_place(path, false, line);
}

static void gives_each_its_own(void **state)
{
	struct identity taken[32];
	struct error err = { 0 };

	skip_without_root();
	for (unsigned i = 0; i < 32; i++) {
		assert_int_equal(identity_take(&taken[i], &err), 0);
		assert_in_range(taken[i].id, IDENTITY_FIRST, IDENTITY_LAST);
		for (unsigned k = 0; k < i; k++)
			assert_int_not_equal(taken[i].id, taken[k].id);
	}
	for (unsigned i = 0; i < 32; i++) {
		identity_release(&taken[i]);
		assert_int_equal(taken[i].id, (uid_t)-1);
	}
}

static void passes_over_what_is_granted(void **state)
{
	static const char *const files[] = { "/etc/subuid", "/etc/subgid" };
	struct error err = { 0 };
	struct identity one, two;

	skip_without_root();
	for (unsigned i = 0; i < 2; i++) {
		if (access(files[i], F_OK))
			continue;
		grant_all_but(files[i], 1);
		assert_int_equal(identity_take(&one, &err), 0);
		assert_int_equal(one.id, IDENTITY_LAST);
		/* The last one is taken. */
		assert_int_equal(identity_take(&two, &err), -EUSERS);
		assert_int_equal(two.reservation, -1);
		identity_release(&one);
		assert_int_equal(identity_take(&one, &err), 0);
		identity_release(&one);
		take_back(files[i]);
	}
}

/* Another process's, and given back when that is killed. */
static void knows_of_other_runs(void **state)
{
	struct error err = { 0 };
	struct identity one;
	int told[2];
	pid_t pid;
	char byte;

	skip_without_root();
	grant_all_but("/etc/subuid", 1);
	assert_int_equal(pipe(told), 0);
	pid = fork();
	if (pid == 0) {
		if (!identity_take(&one, NULL))
			(void)!write(told[1], "x", 1);
		pause();
		_exit(1);
	}
	assert_int_equal(read(told[0], &byte, 1), 1);
	assert_int_equal(identity_take(&one, &err), -EUSERS);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(identity_take(&one, &err), 0);
	identity_release(&one);
	close(told[0]);
	close(told[1]);
	take_back("/etc/subuid");
}

static void passes_over_what_has_a_name(void **state)
{
	struct error err = { 0 };
	struct identity one;
	char line[64];

	skip_without_root();
	grant_all_but("/etc/subuid", 3);
	snprintf(line, sizeof(line), "somebody:x:%u:%u::/:/bin/false\n", IDENTITY_LAST - 2, 65534u);
	put_in_place("/etc/passwd", true, line);
	snprintf(line, sizeof(line), "somebodies:x:%u:\n", IDENTITY_LAST - 1);
	put_in_place("/etc/group", true, line);
	assert_int_equal(identity_take(&one, &err), 0);
	assert_int_equal(one.id, IDENTITY_LAST);
	identity_release(&one);
	take_back("/etc/group");
	take_back("/etc/passwd");
	take_back("/etc/subuid");
}

static void passes_over_what_runs(void **state)
{
	struct error err = { 0 };
	struct identity one;
	char byte;
	int told[2];
	pid_t pid;

	skip_without_root();
	grant_all_but("/etc/subuid", 1);
	assert_int_equal(pipe(told), 0);
	pid = fork();
	if (pid == 0) {
		char *argv[] = { (char[]){ "cat" }, NULL }, *none[] = { NULL };
		int forever[2];

		close(told[0]);
		/* Its end tells that cat runs: until then /proc shows who changed its user as root's. */
		fcntl(told[1], F_SETFD, FD_CLOEXEC);
		if (pipe(forever) || dup2(forever[0], 0) < 0 || setresuid(IDENTITY_LAST, IDENTITY_LAST, IDENTITY_LAST))
			_exit(1);
		execve("/bin/cat", argv, none);
		_exit(1);
	}
	close(told[1]);
	assert_int_equal(read(told[0], &byte, 1), 0);
	close(told[0]);
	assert_int_equal(identity_take(&one, &err), -EUSERS);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	take_back("/etc/subuid");
}

static void says_so_in_a_user_namespace(void **state)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct identity one;

		if (unshare(CLONE_NEWUSER))
			_exit(77);
		_exit(identity_take(&one, NULL) == -ENOTSUP ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_each_its_own),
		cmocka_unit_test(passes_over_what_is_granted),
		cmocka_unit_test(knows_of_other_runs),
		cmocka_unit_test(passes_over_what_has_a_name),
		cmocka_unit_test(passes_over_what_runs),
		cmocka_unit_test(says_so_in_a_user_namespace),
	};

	is_root = geteuid() == 0 && !unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
