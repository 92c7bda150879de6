/* SPDX-License-Identifier: Apache-2.0 */
#include "system/program.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define WORDS(...) (char *const[]){ __VA_ARGS__, NULL }
#define WORD(text) ((char[]){ text })

static char *run_sh(const char *script, const struct program *more, int expected, struct error *err)
{
	struct program program = more ? *more : (struct program){ .netns = -1 };
	char *output = NULL, *copy = strdup(script);
	int rc;

	program.path = "/bin/sh";
	program.argv = WORDS(WORD("sh"), WORD("-c"), copy);
	rc = program_run(&program, expected == -ETIMEDOUT ? 300 : 3000, &output, PROCESS_NO_HOOK, err);
	free(copy);
	assert_int_equal(rc, expected);
	return output;
}

static void output_is_all_that_it_prints(void **state)
{
	struct error err = { 0 };
	char *text = run_sh("seq 1 100000", NULL, 0, &err);

	assert_int_equal(strlen(text), 588895);
	assert_memory_equal(text, "1\n2\n3\n", 6);
	assert_string_equal(text + 588895 - 7, "100000\n");
	free(text);
	text = run_sh(":", NULL, 0, &err);
	assert_string_equal(text, "");
	free(text);
}

static void failures_are_told(void **state)
{
	struct error err = { 0 };
	struct program program = { .path = "/nowhere/at-all", .argv = WORDS(WORD("at-all")), .netns = -1 };
	struct process process;

	assert_null(run_sh("echo first >&2; echo the last line >&2; exit 3", NULL, -EIO, &err));
	assert_non_null(strstr(err.cause, "sh: it exited with status 3: the last line"));
	assert_null(run_sh("kill -9 $$", NULL, -EIO, &err));
	assert_non_null(strstr(err.cause, "killed by signal 9"));
	assert_int_equal(program_run(&program, 1000, NULL, PROCESS_NO_HOOK, &err), -ENOENT);
	assert_non_null(strstr(err.cause, "/nowhere/at-all"));
	assert_int_equal(program_start(&program, &process, PROCESS_NO_HOOK, &err), -ENOENT);
	program.path = "/etc/passwd"; /* no executable */
	assert_int_equal(program_start(&program, &process, PROCESS_NO_HOOK, &err), -EACCES);
}

static void who_does_not_end_is_ended(void **state)
{
	struct error err = { 0 };

	assert_null(run_sh("echo $$; exec sleep 60", NULL, -ETIMEDOUT, &err));
	assert_non_null(strstr(err.cause, "does not end"));
	assert_null(run_sh("exec 1>&-; exec sleep 60", NULL, -ETIMEDOUT, &err));
}

static void it_has_what_it_was_given(void **state)
{
	int processor = sched_getcpu();
	const struct program program = {
		.environment = WORDS(WORD("FIRST=one two"), WORD("SECOND=$HOME")),
		.directory = "/usr", .netns = -1, .processors = &processor, .processor_count = 1,
	};
	struct error err = { 0 };
	char expected[64], *text;

	setenv("LEAK", "lanebench's own environment", 1);
	text = run_sh("echo \"$FIRST|$SECOND|$LEAK|$(pwd)\"", &program, 0, &err);
	assert_string_equal(text, "one two|$HOME||/usr\n");
	free(text);
	text = run_sh("grep -h -e Cpus_allowed_list -e CapEff -e CapBnd -e NoNewPrivs /proc/self/status | tr -d '\\t\\n '",
		      &program, 0, &err);
	snprintf(expected, sizeof(expected), "Cpus_allowed_list:%d", processor);
	assert_non_null(strstr(text, "CapEff:0000000000000000"));
	assert_non_null(strstr(text, "CapBnd:0000000000000000"));
	assert_non_null(strstr(text, "NoNewPrivs:1"));
	assert_non_null(strstr(text, expected));
	free(text);
}

static void a_daemon_writes_its_log(void **state)
{
	char path[] = "/tmp/lb-program-XXXXXX", text[64] = "";
	struct program program = { .path = "/bin/sh", .netns = -1,
				   .argv = WORDS(WORD("sh"), WORD("-c"), WORD("echo out; echo err >&2; exec sleep 60")) };
	struct process process;
	struct error err = { 0 };
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	program.log_fd = fd;
	assert_int_equal(program_start(&program, &process, PROCESS_NO_HOOK, &err), 0);
	for (int i = 0; i < 2000 && strlen(text) < 8; i++) {
		usleep(1000);
		assert_true(pread(fd, text, sizeof(text) - 1, 0) >= 0);
	}
	assert_string_equal(text, "out\nerr\n");
	assert_false(process_ended(&process));
	process_stop(&process, 1000);
	assert_true(process.reaped);
	close(fd);
	unlink(path);
}

#define USER 2010000001

/* It moves this process into a mount namespace of its own: the last of the tests. */
static void a_view_has_no_file_of_the_host(void **state)
{
	static const char script[] =
		"id -u; id -g; id -G; grep -c . /proc/meminfo >/dev/null || echo no meminfo\n"
		"for path in /etc/shadow /etc/passwd /home /root /run /var /sys/fs /dev/mem /proc/1; do\n"
		"	[ ! -e $path ] || echo seen: $path\n"
		"done\n"
		"for path in / /usr /usr/local /etc /dev /sys/devices /sys/devices/system; do\n"
		"	! touch $path/mark 2>/dev/null || echo written: $path\n"
		"done\n"
		"touch mark /tmp/mark; echo x >/dev/null; head -c 1 /dev/zero | wc -c; pwd; ls\n";
	char directory[] = "/tmp/lb-view-XXXXXX", expected[128], mark[64], *text;
	const char *const own[] = { directory, NULL };
	const struct view view = { .own = own };
	const struct program program = { .directory = directory, .netns = -1, .user = USER, .view = &view };
	struct error err = { 0 };
	struct stat made;

	if (geteuid())
		skip();
	assert_non_null(mkdtemp(directory));
	assert_int_equal(chown(directory, USER, USER), 0);
	/* What is mounted below /usr, and all may write to. */
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mount("tmpfs", "/usr/local", "tmpfs", 0, "mode=1777"), 0);
	text = run_sh(script, &program, 0, &err);
	snprintf(expected, sizeof(expected), "%d\n%d\n%d\n1\n%s\nmark\n", USER, USER, USER, directory);
	assert_string_equal(text, expected);
	free(text);
	snprintf(mark, sizeof(mark), "%s/mark", directory);
	assert_int_equal(stat(mark, &made), 0);
	assert_int_equal(made.st_uid, USER);
	assert_int_equal(access("/tmp/mark", F_OK), -1);
	unlink(mark);
	assert_int_equal(rmdir(directory), 0);
}

/* A capability stays with a user who is not root, and no other. */
static void a_user_keeps_its_capabilities_alone(void **state)
{
	static const char *const capabilities[] = { "net_admin", NULL };
	const struct program program = { .netns = -1, .user = USER, .capabilities = capabilities };
	struct error err = { 0 };
	char *text;

	if (geteuid())
		skip();
	text = run_sh("grep -h -e CapPrm -e CapEff -e CapBnd /proc/self/status | tr -d '\\t\\n'", &program, 0, &err);
	assert_string_equal(text, "CapPrm:0000000000001000CapEff:0000000000001000CapBnd:0000000000001000");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_is_all_that_it_prints),
		cmocka_unit_test(failures_are_told),
		cmocka_unit_test(who_does_not_end_is_ended),
		cmocka_unit_test(it_has_what_it_was_given),
		cmocka_unit_test(a_daemon_writes_its_log),
		cmocka_unit_test(a_user_keeps_its_capabilities_alone),
		cmocka_unit_test(a_view_has_no_file_of_the_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
