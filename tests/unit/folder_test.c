/* SPDX-License-Identifier: Apache-2.0 */
/* Folders that are replaced as a whole: what is ours goes, what is a user's stays. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "results/folder.h"
#include "sample_record.h"

#define SEAL "page.html"

static char place[512];

static int setup(void **state)
{
	(void)state;
	snprintf(place, sizeof(place), "%s", sample_directory());
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sample_remove(place);
	return 0;
}

static const char *at(const char *name)
{
	static char path[2][1024];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", place, name);
	return path[turn];
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void assert_holds(const char *path, const char *text)
{
	char buffer[64] = "";
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	assert_non_null(fgets(buffer, sizeof(buffer), file));
	fclose(file);
	assert_string_equal(buffer, text);
}

static unsigned entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

/* One folder from begin to commit, with `text` in both of its files. */
static void make(struct folder *folder, const char *name, const char *text)
{
	struct error err = { 0 };
	char path[128];

	assert_int_equal(folder_begin(folder, at(name), SEAL, &err), 0);
	snprintf(path, sizeof(path), "%s/plots", folder->path);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/plots/one", folder->path);
	put(path, text);
	snprintf(path, sizeof(path), "%s/" SEAL, folder->path);
	put(path, text);
	assert_int_equal(folder_commit(folder, SEAL, &err), 0);
	folder_end(folder);
}

/* A change by hand, a while after the folder was made. */
static void touch_later(const char *path)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_NOW } };
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	times[1] = (struct timespec){ st.st_mtim.tv_sec + 5, 0 };
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void unchanged_one_is_replaced(void **state)
{
	struct folder folder;

	(void)state;
	make(&folder, "report", "first");
	make(&folder, "report/", "second");
	assert_holds(at("report/" SEAL), "second");
	assert_holds(at("report/plots/one"), "second");
	assert_string_equal(folder.kept, "");
	assert_int_equal(entries(place), 1);
}

static void changed_one_is_kept(void **state)
{
	struct folder folder;

	(void)state;
	make(&folder, "report", "first");
	touch_later(at("report/plots/one"));
	make(&folder, "report", "second");
	assert_string_equal(folder.kept, "report-1");
	assert_holds(at("report-1/plots/one"), "first");
	put(at("report/notes"), "mine");
	touch_later(at("report/notes"));
	make(&folder, "report", "third");
	assert_string_equal(folder.kept, "report-2");
	assert_holds(at("report-2/notes"), "mine");
	assert_holds(at("report/plots/one"), "third");
}

static void what_is_not_ours_is_refused(void **state)
{
	struct folder folder;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(mkdir(at("report"), 0755), 0);
	put(at("report/thesis.tex"), "mine");
	assert_int_equal(folder_begin(&folder, at("report"), SEAL, &err), -EEXIST);
	folder_end(&folder);
	assert_non_null(strstr(err.cause, "report"));
	assert_holds(at("report/thesis.tex"), "mine");
	put(at("file"), "mine");
	assert_int_equal(folder_begin(&folder, at("file"), SEAL, &err), -EEXIST);
	folder_end(&folder);
	assert_int_equal(symlink("report", at("link")), 0);
	assert_int_equal(folder_begin(&folder, at("link"), SEAL, &err), -EEXIST);
	folder_end(&folder);
	assert_holds(at("report/thesis.tex"), "mine");
	assert_int_equal(symlink("thesis.tex", at("report/" SEAL)), 0); /* no seal of ours */
	assert_int_equal(folder_begin(&folder, at("report"), SEAL, &err), -EEXIST);
	folder_end(&folder);
	assert_int_equal(folder_begin(&folder, at(".."), SEAL, &err), -EINVAL);
	folder_end(&folder);
	assert_int_equal(folder_begin(&folder, "/", SEAL, &err), -EINVAL);
	folder_end(&folder);
}

static void given_up_leaves_nothing(void **state)
{
	struct folder folder;
	struct error err = { 0 };
	char path[128];

	(void)state;
	assert_int_equal(folder_begin(&folder, at("report"), SEAL, &err), 0);
	snprintf(path, sizeof(path), "%s/half", folder.path);
	put(path, "half");
	folder_end(&folder);
	assert_int_equal(entries(place), 0);
}

static void leftover_of_a_killed_one_goes(void **state)
{
	struct folder folder;

	(void)state;
	make(&folder, "report", "first");
	assert_int_equal(mkdir(at(".report.new"), 0755), 0);
	put(at(".report.new/half"), "half");
	make(&folder, "report", "second");
	assert_int_equal(entries(place), 1);
	assert_int_equal(entries(at("report")), 2);
}

static void one_at_a_time(void **state)
{
	struct folder one, two;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(folder_begin(&one, at("report"), SEAL, &err), 0);
	assert_int_equal(folder_begin(&two, at("report"), SEAL, &err), -EBUSY);
	folder_end(&two);
	assert_int_equal(entries(place), 2); /* the first one's, unharmed, and its lock */
	folder_end(&one);
}

/* Who may only read the place keeps nobody from writing. */
static void cannot_be_locked_by_readers(void **state)
{
	int reader = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct folder folder;
	struct error err = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(flock(reader, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(folder_begin(&folder, at("report"), SEAL, &err), 0);
	assert_int_equal(stat(at(".report.lock"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	folder_end(&folder);
	close(reader);
	assert_int_equal(entries(place), 0);
}

/* The place is the directory that was opened, whatever its path leads to meanwhile. */
static void stays_in_the_directory_that_was_opened(void **state)
{
	struct folder folder;
	struct error err = { 0 };
	int dir;

	(void)state;
	assert_int_equal(mkdir(at("record"), 0755) | mkdir(at("elsewhere"), 0755), 0);
	dir = open(at("record"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(rename(at("record"), at("moved")) | symlink("elsewhere", at("record")), 0);
	assert_int_equal(folder_begin_in(&folder, dir, at("record"), "report", SEAL, &err), 0);
	assert_int_equal(folder_commit(&folder, SEAL, &err), 0);
	folder_end(&folder);
	close(dir);
	assert_int_equal(entries(at("elsewhere")), 0);
	assert_int_equal(entries(at("moved")), 1);
}

static void belongs_to_the_owner_of_its_place(void **state)
{
	struct folder folder;
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(place, 12345, 54321), 0);
	make(&folder, "report", "text");
	assert_int_equal(stat(at("report/plots/one"), &st), 0);
	assert_int_equal(st.st_uid, 12345);
	assert_int_equal(st.st_gid, 54321);
	assert_int_equal(stat(at("report"), &st), 0);
	assert_int_equal(st.st_uid, 12345);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(unchanged_one_is_replaced),
		TEST(changed_one_is_kept),
		TEST(what_is_not_ours_is_refused),
		TEST(given_up_leaves_nothing),
		TEST(leftover_of_a_killed_one_goes),
		TEST(one_at_a_time),
		TEST(cannot_be_locked_by_readers),
		TEST(stays_in_the_directory_that_was_opened),
		TEST(belongs_to_the_owner_of_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
