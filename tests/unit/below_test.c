/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/below.h"

static char root[64];
static int top; /* ROOT/top: what lies beside it must not be reached */

static int setup(void **state)
{
	snprintf(root, sizeof(root), "/tmp/lb-below.XXXXXX");
	if (!mkdtemp(root) || chdir(root) || mkdir("top", 0755) || mkdir("top/in", 0755) || mkdir("out", 0755))
		return -1;
	close(open("top/in/file", O_WRONLY | O_CREAT, 0644));
	close(open("out/file", O_WRONLY | O_CREAT, 0644));
	top = open("top", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return top < 0 || symlink("../out", "top/link") || symlink("in", "top/inner") ||
	       symlink("in/file", "top/name") || mkfifo("top/pipe", 0644) ||
	       link("out/file", "top/second") || symlink("/proc/self/root", "top/magic");
}

static int teardown(void **state)
{
	char command[96];

	close(top);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return chdir("/") || system(command);
}

typedef int opener(int directory, const char *path, int flags, mode_t mode);

static void same_for_both(opener *open_below)
{
	static const struct { const char *path; int flags, result; } cases[] = {
		{ "in/file", O_RDWR, 0 },          { "in", O_RDONLY | O_DIRECTORY, 0 },
		{ "in/new", O_WRONLY | O_CREAT | O_EXCL, 0 }, { "in/new", O_WRONLY | O_CREAT | O_EXCL, -EEXIST },
		{ "link/file", O_RDONLY, -ELOOP }, { "link", O_RDONLY | O_DIRECTORY, -ELOOP },
		{ "link/made", O_WRONLY | O_CREAT, -ELOOP }, { "inner/file", O_RDONLY, -ELOOP },
		{ "name", O_RDONLY, -ELOOP },      { "magic/etc/passwd", O_RDONLY, -ELOOP },
		{ "../out/file", O_RDONLY, -EXDEV }, { "/etc/passwd", O_RDONLY, -EXDEV },
		{ "in/file/x", O_RDONLY, -ENOTDIR }, { "none", O_RDONLY, -ENOENT },
		{ "pipe", O_WRONLY, -ENXIO },      { "pipe", O_RDONLY, 0 }, /* not waited for */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int fd = open_below(top, cases[i].path, cases[i].flags, 0644);

		if (cases[i].result ? fd != cases[i].result : fd < 0)
			fail_msg("%s: %d", cases[i].path, fd);
		if (fd >= 0) {
			assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
			close(fd);
		}
	}
	assert_int_equal(access("out/made", F_OK), -1);
	assert_true(fcntl(top, F_GETFD) >= 0);
}

static void stays_below(void **state)
{
	same_for_both(below_open);
}

static void stays_below_without_openat2(void **state)
{
	same_for_both(below_open_by_parts);
}

static void takes_plain_files_alone(void **state)
{
	static const char *const refused[] = { "link/file", "name", "pipe", "in", "second" };
	struct error err = { 0 };
	int fd;

	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		fd = below_open_file(top, "rec", refused[i], strcmp(refused[i], "in") ? O_RDWR : O_RDONLY, 0, &err);
		assert_int_equal(fd, -EPERM);
		assert_non_null(strstr(err.cause, refused[i]));
		assert_non_null(strstr(err.cause, "is a link or no plain file"));
	}
	fd = below_open_file(top, "rec", "in/file", O_RDWR, 0, &err);
	assert_true(fd >= 0);
	close(fd);
	fd = below_open_file(top, "rec", "second", O_RDONLY, 0, &err); /* a copy made of hard links may be read */
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(below_open_file(top, "rec", "none", O_RDONLY, 0, &err), -ENOENT);
	assert_non_null(strstr(err.cause, "rec/none"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(stays_below, setup, teardown),
		cmocka_unit_test_setup_teardown(stays_below_without_openat2, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_plain_files_alone, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
