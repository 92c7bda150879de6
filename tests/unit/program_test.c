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
	struct program program = { .path = "/bin/sh", .log_path = path, .netns = -1,
				   .argv = WORDS(WORD("sh"), WORD("-c"), WORD("echo out; echo err >&2; exec sleep 60")) };
	struct process process;
	struct error err = { 0 };
	int fd = mkstemp(path);

	assert_true(fd >= 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_is_all_that_it_prints),
		cmocka_unit_test(failures_are_told),
		cmocka_unit_test(who_does_not_end_is_ended),
		cmocka_unit_test(it_has_what_it_was_given),
		cmocka_unit_test(a_daemon_writes_its_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
