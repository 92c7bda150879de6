/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "results/record.h"
#include "sample_record.h"

static char root[256], directory[300];
static struct error err;

static int setup(void **state)
{
	snprintf(root, sizeof(root), "%s", sample_directory());
	snprintf(directory, sizeof(directory), "%s/results/x", root);
	return 0;
}

static int teardown(void **state)
{
	sample_remove(root);
	return 0;
}

static const char *file_of(const char *name)
{
	static char path[400];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static off_t size_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(file_of(name), &st), 0);
	return st.st_size;
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(file_of(name), "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static struct record *create(void)
{
	json_t *run = sample_run("x", "running", NULL);
	struct record *record;

	assert_int_equal(record_create(&record, directory, run, &err), 0);
	json_decref(run);
	return record;
}

static int append(struct record *record, int repeat)
{
	struct sample s = sample_plain;
	json_t *trial;
	int rc;

	s.repeat = repeat;
	trial = sample_trial(&s, NULL);
	rc = record_append(record, trial, &err);
	json_decref(trial);
	return rc;
}

static int64_t repeat_of(const json_t *trial)
{
	return json_integer_value(json_object_get(trial, "repeat"));
}

static void writes_what_it_reads(void **state)
{
	struct record *record = create();
	struct record_view view;
	struct stat st;

	assert_string_equal(record_directory(record), directory);
	for (int i = 1; i <= 3; i++)
		assert_int_equal(append(record, i), 0);
	json_object_set_new(record_run(record), "state", json_string("done"));
	assert_int_equal(record_update(record, &err), 0);
	record_close(record);

	assert_int_equal(stat(file_of("logs"), &st), 0);
	assert_int_equal(stat(file_of("run.json.new"), &st), -1);
	assert_int_equal(record_read(&view, directory, &err), 0);
	assert_int_equal(view.count, 3);
	assert_string_equal(view.warning, "");
	assert_int_equal(repeat_of(view.trials[2]), 3);
	assert_int_equal(json_integer_value(json_object_get(view.run, "schema")), RECORD_SCHEMA);
	assert_string_equal(json_string_value(json_object_get(view.run, "state")), "done");
	record_view_free(&view);
}

static void refuses_a_directory_with_content(void **state)
{
	json_t *run = sample_run("x", "running", NULL);
	struct record *record = create();

	record_close(record);
	assert_int_equal(record_create(&record, directory, run, &err), -EEXIST);
	assert_null(record);
	assert_non_null(strstr(err.cause, "is not empty"));
	assert_non_null(strstr(err.remedy, "--resume"));
	assert_true(size_of("run.json") > 0);
	json_decref(run);
}

static void takes_an_empty_directory(void **state)
{
	struct record *record;

	snprintf(directory, sizeof(directory), "%s", root);
	record = create();
	record_close(record);
}

static void leaves_nothing_of_a_record_that_cannot_be(void **state)
{
	struct record *record;
	json_t *run = json_array(); /* not an object */

	assert_int_equal(record_create(&record, directory, run, &err), -EINVAL);
	assert_null(record);
	assert_int_equal(access(directory, F_OK), -1);
	json_decref(run);
	snprintf(directory, sizeof(directory), "/proc/nowhere/x");
	run = sample_run("x", "running", NULL);
	assert_true(record_create(&record, directory, run, &err) < 0);
	assert_non_null(strstr(err.cause, "/proc/nowhere"));
	json_decref(run);
}

/* A kill in the middle of a write leaves any part of the line: try every length there is. */
static void survives_a_cut_at_every_byte(void **state)
{
	struct record *record = create();
	struct record_view view;
	off_t two, three;

	append(record, 1);
	append(record, 2);
	two = size_of("trials.jsonl");
	append(record, 3);
	three = size_of("trials.jsonl");
	record_close(record);
	for (off_t cut = three - 1; cut >= two; cut--) {
		assert_int_equal(truncate(file_of("trials.jsonl"), cut), 0);
		assert_int_equal(record_read(&view, directory, &err), 0);
		assert_int_equal(view.count, 2);
		assert_int_equal(strncmp(view.warning, "trials.jsonl:3: ", cut > two ? 16 : 0), 0);
		assert_int_equal(*view.warning == 0, cut == two);
		record_view_free(&view);
		if (cut % 16) /* each resume syncs: some of them are enough */
			continue;
		assert_int_equal(record_resume(&record, directory, &err), 0);
		assert_int_equal(size_of("trials.jsonl"), two);
		assert_int_equal(append(record, 4), 0);
		record_close(record);
		assert_int_equal(record_read(&view, directory, &err), 0);
		assert_int_equal(view.count, 3);
		assert_string_equal(view.warning, "");
		assert_int_equal(repeat_of(view.trials[2]), 4);
		record_view_free(&view);
	}
}

/* Nothing but a piece, longer than a block of the search for its beginning: the first trial was cut off. */
static void mends_a_file_of_one_long_piece(void **state)
{
	struct record *record = create();
	char *piece = malloc(50001);

	record_close(record);
	memset(piece, 'x', 50000);
	piece[50000] = 0;
	write_file("trials.jsonl", piece);
	assert_int_equal(record_resume(&record, directory, &err), 0);
	assert_int_equal(size_of("trials.jsonl"), 0);
	record_close(record);
	memcpy(piece, "{}\n", 3);
	write_file("trials.jsonl", piece);
	assert_int_equal(record_resume(&record, directory, &err), 0);
	assert_int_equal(size_of("trials.jsonl"), 3);
	record_close(record);
	free(piece);
}

static void has_one_writer(void **state)
{
	struct record *record = create(), *second;

	assert_int_equal(record_resume(&second, directory, &err), -EBUSY);
	assert_null(second);
	assert_non_null(strstr(err.cause, "another run is writing"));
	record_close(record);
	assert_int_equal(record_resume(&second, directory, &err), 0);
	record_close(second);
}

/* The lock must end with the process, however that ends. */
static void lock_dies_with_its_process(void **state)
{
	int ready[2];
	struct record *record;
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		create();
		if (write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(record_resume(&record, directory, &err), -EBUSY);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(record_resume(&record, directory, &err), 0);
	record_close(record);
	close(ready[0]);
	close(ready[1]);
}

/* Who may only read the record keeps nobody from going on with it. */
static void cannot_be_locked_by_readers(void **state)
{
	struct record *record = create();
	struct stat st;
	int reader;

	assert_int_equal(stat(file_of(".lock"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	record_close(record);
	assert_int_equal(stat(file_of(".lock"), &st), -1);
	reader = open(file_of("trials.jsonl"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(reader, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(record_resume(&record, directory, &err), 0);
	record_close(record);
	close(reader);
}

/* A lock whose file somebody has removed is none, and its holder takes nobody else's away at his end. */
static void leaves_the_lock_of_the_next(void **state)
{
	struct record *first = create(), *second, *third;

	assert_int_equal(unlink(file_of(".lock")), 0);
	assert_int_equal(record_resume(&second, directory, &err), 0);
	record_close(first);
	assert_int_equal(record_resume(&third, directory, &err), -EBUSY);
	record_close(second);
}

/* Once it is open, a record is its directory, whatever its path leads to meanwhile. */
static void stays_in_its_directory(void **state)
{
	struct record *record = create();
	struct record_view view;
	char moved[320], elsewhere[320];
	struct stat st;

	snprintf(moved, sizeof(moved), "%s/moved", root);
	snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", root);
	assert_int_equal(rename(directory, moved) | mkdir(elsewhere, 0755) | symlink(elsewhere, directory), 0);
	assert_int_equal(append(record, 1), 0);
	assert_int_equal(record_update(record, &err), 0);
	assert_int_equal(record_read_own(&view, record, &err), 0);
	assert_int_equal(view.count, 1);
	record_view_free(&view);
	assert_int_equal(fstat(record_logs_fd(record), &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	record_close(record);
	assert_int_equal(rmdir(elsewhere), 0); /* nothing came into it */
	assert_int_equal(unlink(directory) | rename(moved, directory), 0);
}

/* What somebody has put into the place of a file of his record is neither written nor read. */
static void takes_no_links_and_devices(void **state)
{
	static const char *const names[] = { "trials.jsonl", "run.json" };
	static const char *const targets[] = { "/dev/zero", "/etc/passwd", NULL };
	struct record *record = create();
	struct record_view view;

	record_close(record);
	for (size_t i = 0; i < 2; i++) {
		char kept[400];

		snprintf(kept, sizeof(kept), "%s/kept", root);
		assert_int_equal(rename(file_of(names[i]), kept), 0);
		for (size_t j = 0; j < 3; j++) {
			if (targets[j])
				assert_int_equal(symlink(targets[j], file_of(names[i])), 0);
			else
				assert_int_equal(mkfifo(file_of(names[i]), 0644), 0);
			assert_int_equal(record_read(&view, directory, &err), -EPERM);
			assert_non_null(strstr(err.cause, names[i]));
			assert_non_null(strstr(err.cause, "is a link or no plain file"));
			assert_int_equal(record_resume(&record, directory, &err), -EPERM);
			assert_int_equal(unlink(file_of(names[i])), 0);
		}
		assert_int_equal(rename(kept, file_of(names[i])), 0);
	}
	assert_int_equal(rmdir(file_of("logs")) | symlink("/tmp", file_of("logs")), 0);
	assert_int_equal(record_resume(&record, directory, &err), -EPERM);
	assert_non_null(strstr(err.cause, "logs is no directory"));
}

/* A file with a hole in it is a line that never ends. */
static void bounds_a_line(void **state)
{
	struct record *record = create();
	struct record_view view;

	assert_int_equal(append(record, 1), 0);
	record_close(record);
	assert_int_equal(truncate(file_of("trials.jsonl"), 1024L << 20), 0);
	assert_int_equal(record_read(&view, directory, &err), -EFBIG);
	assert_non_null(strstr(err.cause, "trials.jsonl:2: the line is too long"));
	assert_int_equal(truncate(file_of("run.json"), 1024L << 20), 0);
	assert_int_equal(record_read(&view, directory, &err), -EFBIG);
	assert_non_null(strstr(err.cause, "run.json is too large"));
}

/* A tiny tmpfs in a mount namespace of its own; without the privilege there is nothing to fill. */
static bool mount_tiny(void)
{
	return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tiny", root, "tmpfs", 0, "size=64k") == 0;
}

static int full_disk_child(void)
{
	struct record_view view;
	struct record *record;
	int rc = 0, done = 0;
	struct statfs fs;
	off_t before;

	if (!mount_tiny())
		return 77;
	record = create();
	for (;;) {
		before = size_of("trials.jsonl");
		rc = append(record, done + 1);
		if (rc)
			break;
		done++;
		assert_in_range(done, 1, 1000);
	}
	assert_int_equal(rc, -ENOSPC);
	assert_true(done > 5);
	assert_non_null(strstr(err.cause, "No space left"));
	assert_non_null(strstr(err.remedy, "-o DIR"));
	/* Every whole trial is there, nothing of the one that was not, and its space is free again. */
	assert_int_equal(size_of("trials.jsonl"), before);
	assert_int_equal(statfs(root, &fs), 0);
	assert_int_equal(record_read(&view, directory, &err), 0);
	assert_int_equal(view.count, done);
	assert_string_equal(view.warning, "");
	record_view_free(&view);

	/* run.json that cannot be rewritten stays as it was. */
	while (fs.f_bavail--) {
		char name[32];
		int fd;

		snprintf(name, sizeof(name), "fill%d", (int)fs.f_bavail);
		fd = open(file_of(name), O_CREAT | O_WRONLY, 0600);
		if (fd < 0 || write(fd, name, 1) < 0)
			break;
		close(fd);
	}
	json_object_set_new(record_run(record), "state", json_string("done"));
	assert_int_equal(record_update(record, &err), -ENOSPC);
	record_close(record);
	assert_int_equal(record_read(&view, directory, &err), 0);
	assert_string_equal(json_string_value(json_object_get(view.run, "state")), "running");
	record_view_free(&view);
	return 0;
}

static void keeps_whole_lines_on_a_full_disk(void **state)
{
	pid_t pid;
	int status;

	if (geteuid() != 0) {
		skip();
		return;
	}
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		_exit(full_disk_child());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void belongs_to_the_user_of_sudo(void **state)
{
	static const char *const names[] = { "", "logs", "run.json", "trials.jsonl" };
	struct record *record;
	struct stat st;

	if (geteuid() != 0) {
		skip();
		return;
	}
	setenv("SUDO_UID", "12345", 1);
	setenv("SUDO_GID", "12346", 1);
	record = create();
	unsetenv("SUDO_UID");
	unsetenv("SUDO_GID");
	/* Rewritten later, without sudo's variables: still theirs. */
	assert_int_equal(record_update(record, &err), 0);
	record_close(record);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_int_equal(stat(file_of(names[i]), &st), 0);
		assert_int_equal(st.st_uid, 12345);
		assert_int_equal(st.st_gid, 12346);
	}
	snprintf(directory, sizeof(directory), "%s/results", root); /* the parent was made as well */
	assert_int_equal(stat(directory, &st), 0);
	assert_int_equal(st.st_uid, 12345);
	assert_int_equal(stat(root, &st), 0);
	assert_int_equal(st.st_uid, 0);
}

static void expect_read_error(int code, const char *cause)
{
	struct record_view view;

	error_clear(&err);
	assert_int_equal(record_read(&view, directory, &err), -code);
	if (!strstr(err.cause, cause))
		fail_msg("'%s' is not in '%s'", cause, err.cause);
	assert_null(view.run);
	assert_int_equal(view.count, 0);
}

static void names_what_is_wrong_with_run_json(void **state)
{
	struct record *record;

	expect_read_error(ENOENT, "cannot open the record");
	record = create();
	record_close(record);
	write_file("run.json", "");
	expect_read_error(EPROTO, "/run.json:1:0: ");
	write_file("run.json", "{\n \"schema\": 1,\n \"na");
	expect_read_error(EPROTO, "/run.json:3:");
	write_file("run.json", "[1, 2]");
	expect_read_error(EPROTO, "is not of lanebench");
	write_file("run.json", "{\"schema\": \"1\"}");
	expect_read_error(EPROTO, "is not of lanebench");
	write_file("run.json", "{\"schema\": 2}");
	expect_read_error(EPROTO, "schema 2 is newer");
	write_file("run.json", "{\"schema\": 0}");
	expect_read_error(EPROTO, "no schema 0");
	assert_int_equal(record_resume(&record, directory, &err), -EPROTO);
	unlink(file_of("run.json"));
	expect_read_error(ENOENT, "/run.json: No such file");
	write_file("run.json", "{\"schema\": 1}");
	unlink(file_of("trials.jsonl"));
	expect_read_error(ENOENT, "/trials.jsonl: No such file");
}

static void names_the_broken_line(void **state)
{
	static const char good[] = "{\"test\": {}, \"status\": \"ok\"}\n";
	static const struct { const char *line, *cause; } broken[] = {
		{ "{\"test\": {}, \"stat\n", "/trials.jsonl:2:" },
		{ "\n", "/trials.jsonl:2:" },
		{ "[]\n", "/trials.jsonl:2: not a trial of lanebench: it has no object 'test'" },
		{ "{\"test\": {}}\n", "/trials.jsonl:2: not a trial of lanebench: it has no text 'status'" },
		{ "{\"test\": {}, \"status\": \"fine\"}\n", "none of ok, void, failed, skipped" },
		{ "{\"test\": {}, \"status\": \"ok\"} {}\n", "/trials.jsonl:2:" },
	};
	char text[256];

	record_close(create());
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		snprintf(text, sizeof(text), "%s%s%s", good, broken[i].line, good);
		write_file("trials.jsonl", text);
		expect_read_error(EPROTO, broken[i].cause);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(writes_what_it_reads, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_a_directory_with_content, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_an_empty_directory, setup, teardown),
		cmocka_unit_test_setup_teardown(leaves_nothing_of_a_record_that_cannot_be, setup, teardown),
		cmocka_unit_test_setup_teardown(survives_a_cut_at_every_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(mends_a_file_of_one_long_piece, setup, teardown),
		cmocka_unit_test_setup_teardown(has_one_writer, setup, teardown),
		cmocka_unit_test_setup_teardown(lock_dies_with_its_process, setup, teardown),
		cmocka_unit_test_setup_teardown(cannot_be_locked_by_readers, setup, teardown),
		cmocka_unit_test_setup_teardown(leaves_the_lock_of_the_next, setup, teardown),
		cmocka_unit_test_setup_teardown(stays_in_its_directory, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_no_links_and_devices, setup, teardown),
		cmocka_unit_test_setup_teardown(bounds_a_line, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_whole_lines_on_a_full_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(belongs_to_the_user_of_sudo, setup, teardown),
		cmocka_unit_test_setup_teardown(names_what_is_wrong_with_run_json, setup, teardown),
		cmocka_unit_test_setup_teardown(names_the_broken_line, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
