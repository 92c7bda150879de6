/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger, with real files, processes and mounts, and owners that are killed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/file.h"
#include "system/process.h"
#include "system/start_time.h"
#include "system/tree.h"
#include "testbed/container/container.h"
#include "testbed/host/cgroup.h"
#include "testbed/host/child.h"
#include "testbed/host/mount.h"
#include "testbed/host/tuning.h"

static char root[] = "/tmp/lanebench-test-XXXXXX";
static char state_path[64];

static int undo_directory(struct ledger *ledger, const struct ledger_entry *entry, struct error *err)
{
	return tree_remove(entry->subject, NULL, err);
}

/* The ledger takes any kind: this one is a test's. */
static const struct ledger_kind directory_kind = {
	.name = "directory", .noun = "directory", .survives_boot = true, .undo = undo_directory,
};

static const struct ledger_kind *const kinds[] = {
	&directory_kind, &setting_kind, &mount_kind, &process_kind, &cgroup_kind, &container_kind, NULL,
};

static struct ledger *open_ledger(void)
{
	struct ledger *ledger;
	struct error err = { 0 };

	if (ledger_open(&ledger, &err))
		fail_msg("%s", err.cause);
	return ledger;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void read_back(const char *path, char text[64])
{
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	assert_non_null(fgets(text, 64, file));
	fclose(file);
}

static bool exists(const char *path)
{
	struct stat found;

	return !lstat(path, &found);
}

__attribute__((noreturn)) static void sleep_forever(void)
{
	for (;;)
		pause();
}

static pid_t start_sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		close_range(0, ~0U, 0); /* also our copy of the ledger, and of its lock */
		sleep_forever();
	}
	assert_true(pid > 0);
	return pid;
}

/* Run `work` with a ledger of its own in a process that is then killed in the middle of it. */
static void die_in(void (*work)(struct ledger *ledger))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		work(open_ledger());
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

static int clean(void)
{
	struct error err = { 0 };
	int rc = ledger_clean(kinds, NULL, NULL, &err);

	if (rc < 0)
		fail_msg("%s", err.cause);
	return rc;
}

static void leaves_nothing_when_closed(void **state)
{
	struct ledger *ledger = open_ledger();
	char path[64];
	struct stat found;

	assert_int_equal(strlen(ledger_run_id(ledger)), 8);
	assert_int_equal(stat(ledger_directory(ledger), &found), 0);
	assert_int_equal(found.st_mode & 07777, 0711);
	snprintf(path, sizeof(path), "%s/made", root);
	assert_true(ledger_add(ledger, &directory_kind, path, NULL, NULL) > 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(ledger_close(ledger, NULL), 0);
	assert_false(exists(path));
	assert_false(exists(state_path));
}

static void forgets_what_was_struck(void **state)
{
	struct ledger *ledger = open_ledger();
	char path[64];
	int number;

	snprintf(path, sizeof(path), "%s/kept", root);
	number = ledger_add(ledger, &directory_kind, path, NULL, NULL);
	assert_true(number > 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(ledger_strike(ledger, number, NULL), 0);
	assert_int_equal(ledger_strike(ledger, number, NULL), 0);
	assert_int_equal(ledger_undo(ledger, number, NULL), 0);
	assert_int_equal(ledger_close(ledger, NULL), 0);
	assert_true(exists(path));
	assert_int_equal(rmdir(path), 0);
}

static void dead_with_all_kinds(struct ledger *ledger)
{
	char path[64], start[24], pid_text[16];
	pid_t pid;

	snprintf(path, sizeof(path), "%s/setting", root);
	ledger_add(ledger, &setting_kind, path, "before\n", NULL);
	write_file(path, "changed\n");
	snprintf(path, sizeof(path), "%s/directory", root);
	ledger_add(ledger, &directory_kind, path, NULL, NULL);
	mkdir(path, 0700);
	strcat(path, "/below");
	mkdir(path, 0700);
	strcat(path, "/file");
	write_file(path, "x");
	pid = start_sleeper();
	child_note(ledger, pid, NULL);
	snprintf(path, sizeof(path), "%s/pid", root);
	snprintf(pid_text, sizeof(pid_text), "%d\n", pid);
	write_file(path, pid_text);
	/* Never made: */
	snprintf(path, sizeof(path), "%s/never", root);
	ledger_add(ledger, &directory_kind, path, NULL, NULL);
	ledger_add(ledger, &mount_kind, path, NULL, NULL);
	snprintf(start, sizeof(start), "%llu", process_start_time(getpid()));
	ledger_add(ledger, &process_kind, "4194303", start, NULL);
	ledger_add(ledger, &cgroup_kind, "lb-never-was", NULL, NULL);
	ledger_add(ledger, &container_kind, "lb-never-was", "netns", NULL);
}

static void dead_with_amended_entry(struct ledger *ledger)
{
	char path[64];
	int number;

	snprintf(path, sizeof(path), "%s/setting", root);
	number = ledger_add(ledger, &setting_kind, path, "first\n", NULL);
	ledger_amend(ledger, number, "second\n", NULL);
	ledger_amend(ledger, number, "last\n", NULL);
	if (ledger_amend(ledger, number + 1, "x", NULL) != -ENOENT)
		abort();
	write_file(path, "changed\n");
}

static void remembers_what_was_amended(void **state)
{
	char path[64], text[64];

	snprintf(path, sizeof(path), "%s/setting", root);
	die_in(dead_with_amended_entry);
	assert_int_equal(clean(), 1);
	read_back(path, text);
	assert_string_equal(text, "last\n");
	unlink(path);
}

static void count_report(void *context, const char *run_id, const char *what, const struct error *error)
{
	assert_int_equal(error->code, 0);
	assert_int_equal(strlen(run_id), 8);
	++*(int *)context;
}

static void note_report(void *context, const char *run_id, const char *what, const struct error *error)
{
	int *seen = context;

	seen[!error->code]++;
	assert_non_null(strstr(what, error->code ? "directory /" : "setting /"));
}

static void dead_with_two_kinds(struct ledger *ledger)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/directory", root);
	ledger_add(ledger, &directory_kind, path, NULL, NULL);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/setting", root);
	ledger_add(ledger, &setting_kind, path, "before\n", NULL);
	write_file(path, "changed\n");
}

static void undoes_what_a_dead_run_left(void **state)
{
	struct error err = { 0 };
	char path[64], text[64];
	int reports = 0;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/setting", root);
	write_file(path, "before\n");
	die_in(dead_with_all_kinds);
	snprintf(path, sizeof(path), "%s/pid", root);
	read_back(path, text);
	unlink(path);
	pid = atoi(text);
	assert_true(process_start_time(pid) > 0);
	if (ledger_clean(kinds, count_report, &reports, &err) != 1)
		fail_msg("%s", err.cause);
	assert_int_equal(reports, 8);
	assert_true(process_start_time(pid) == 0);
	snprintf(path, sizeof(path), "%s/setting", root);
	read_back(path, text);
	assert_string_equal(text, "before\n");
	unlink(path);
	snprintf(path, sizeof(path), "%s/directory", root);
	assert_false(exists(path));
	assert_false(exists(state_path));
	assert_int_equal(clean(), 0);
}

/* As today's lanebench does with what a later one has left. */
static void keeps_an_entry_of_an_unknown_kind(void **state)
{
	static const struct ledger_kind *const few[] = { &setting_kind, NULL };
	struct { int failed, undone; } seen = { 0 };
	struct error err = { 0 };
	char path[64], text[64];

	snprintf(path, sizeof(path), "%s/setting", root);
	write_file(path, "before\n");
	die_in(dead_with_two_kinds);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ledger_clean(few, note_report, &seen, &err), -ENOTSUP);
		assert_non_null(strstr(err.cause, "'directory'"));
		assert_non_null(strstr(err.remedy, "the lanebench that wrote it"));
		assert_int_equal(seen.failed, i + 1);
		assert_int_equal(seen.undone, 1);
	}
	read_back(path, text);
	assert_string_equal(text, "before\n");
	unlink(path);
	snprintf(path, sizeof(path), "%s/directory", root);
	assert_true(exists(path));
	assert_true(exists(state_path));
	assert_int_equal(clean(), 1);
	assert_false(exists(path));
	assert_false(exists(state_path));
}

/* Pretend that the machine was started anew since a run has died. */
static void boot_again(void)
{
	char path[512], line[512], *boot;
	struct dirent **runs;
	FILE *file;

	assert_int_equal(scandir(state_path, &runs, ledger_is_run, NULL), 1);
	snprintf(path, sizeof(path), "%s/%s/ledger", state_path, runs[0]->d_name);
	free(runs[0]);
	free(runs);
	file = fopen(path, "r+");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	boot = strstr(line, "\"boot\":\"");
	assert_non_null(boot);
	boot += strlen("\"boot\":\"");
	*boot = *boot == '0' ? '1' : '0';
	rewind(file);
	assert_true(fputs(line, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void after_a_boot_undoes_what_survives_it(void **state)
{
	char path[64], text[64];

	die_in(dead_with_two_kinds);
	boot_again();
	assert_int_equal(clean(), 1);
	snprintf(path, sizeof(path), "%s/directory", root);
	assert_false(exists(path));
	/* A setting does not survive it: what is there now was set by somebody else. */
	snprintf(path, sizeof(path), "%s/setting", root);
	read_back(path, text);
	assert_string_equal(text, "changed\n");
	unlink(path);
	assert_false(exists(state_path));
}

/* To the letter as version 0.1 wrote it. */
static void reads_a_ledger_of_version_0_1(void **state)
{
	char path[128], text[64], boot[64];

	read_back("/proc/sys/kernel/random/boot_id", boot);
	boot[strcspn(boot, "\n")] = 0;
	assert_int_equal(mkdir(state_path, 0711), 0);
	snprintf(path, sizeof(path), "%s/0badcafe", state_path);
	assert_int_equal(mkdir(path, 0711), 0);
	strcat(path, "/ledger");
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fprintf(file, "{\"owner\":4194303,\"start\":1,\"boot\":\"%s\"}\n"
		"{\"add\":1,\"kind\":\"setting\",\"subject\":\"%s/setting\",\"detail\":\"first\"}\n"
		"{\"add\":2,\"kind\":\"process\",\"subject\":\"4194303\",\"detail\":\"1\"}\n"
		"{\"add\":3,\"kind\":\"cgroup\",\"subject\":\"lb-0badcafe-0-switch\"}\n"
		"{\"add\":4,\"kind\":\"container\",\"subject\":\"lb-0badcafe-0-0\",\"detail\":\"netns\"}\n"
		"{\"add\":5,\"kind\":\"mount\",\"subject\":\"%s/0badcafe/t-0/memory-0\"}\n"
		"{\"strike\":5}\n{\"amend\":1,\"detail\":\"before\\n\"}\n", boot, root, state_path);
	assert_int_equal(fclose(file), 0);
	snprintf(path, sizeof(path), "%s/setting", root);
	write_file(path, "changed\n");
	assert_int_equal(clean(), 1);
	read_back(path, text);
	assert_string_equal(text, "before\n");
	unlink(path);
	assert_false(exists(state_path));
}

/*
 * What a dead run has written down counts as long as it is not undone; the run itself does not need it any
 * more.
 */
static void tells_the_living_from_the_dead(void **state)
{
	struct ledger *ledger = open_ledger(), *other = open_ledger();
	char path[64], *detail;

	snprintf(path, sizeof(path), "%s/setting", root);
	die_in(dead_with_two_kinds);
	assert_false(ledger_others_have(ledger, &setting_kind, path, "before\n"));
	detail = ledger_others_detail(ledger, &setting_kind, path);
	assert_non_null(detail);
	assert_string_equal(detail, "before\n");
	free(detail);
	assert_true(ledger_add(other, &setting_kind, path, "before\n", NULL) > 0);
	assert_true(ledger_others_have(ledger, &setting_kind, path, "before\n"));
	assert_false(ledger_others_have(ledger, &setting_kind, path, "another\n"));
	assert_int_equal(ledger_close(ledger, NULL), 0);
	assert_int_equal(ledger_close(other, NULL), 0);
	assert_int_equal(clean(), 1);
	unlink(path);
}

static void leaves_living_runs_alone(void **state)
{
	struct ledger *ledger = open_ledger();
	char path[64];

	snprintf(path, sizeof(path), "%s/alive", root);
	assert_true(ledger_add(ledger, &directory_kind, path, NULL, NULL) > 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(clean(), 0);
	assert_true(exists(path));
	assert_int_equal(ledger_close(ledger, NULL), 0);
	assert_false(exists(path));
}

static void dead_with_foreign_pid(struct ledger *ledger)
{
	char pid[16];

	/* Our parent's pid, but another start time: the pid was given away again. */
	snprintf(pid, sizeof(pid), "%d", getppid());
	ledger_add(ledger, &process_kind, pid, "1", NULL);
}

static void spares_a_pid_that_was_given_away(void **state)
{
	die_in(dead_with_foreign_pid);
	assert_int_equal(clean(), 1); /* and we are still there */
}

static void dead_with_half_a_line(struct ledger *ledger)
{
	char path[256], victim[64];
	FILE *file;

	snprintf(victim, sizeof(victim), "%s/whole", root);
	ledger_add(ledger, &directory_kind, victim, NULL, NULL);
	mkdir(victim, 0700);
	snprintf(path, sizeof(path), "%s/ledger", ledger_directory(ledger));
	file = fopen(path, "ae");
	fprintf(file, "{\"add\":2,\"kind\":\"directory\",\"subject\":\"%s", root);
	fclose(file);
}

static void reads_a_ledger_that_was_cut_off(void **state)
{
	char path[64];

	die_in(dead_with_half_a_line);
	assert_int_equal(clean(), 1);
	snprintf(path, sizeof(path), "%s/whole", root);
	assert_false(exists(path));
	assert_true(exists(root));
}

static void dead_and_truncated(struct ledger *ledger)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/ledger", ledger_directory(ledger));
	if (truncate(path, 5))
		abort();
}

static void dead_without_file(struct ledger *ledger)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/ledger", ledger_directory(ledger));
	unlink(path);
}

static void removes_runs_that_never_began(void **state)
{
	die_in(dead_and_truncated);
	die_in(dead_without_file);
	assert_int_equal(clean(), 2);
	assert_false(exists(state_path));
}

/* The lock is inherited by a child that the dead owner has just forked; it is waited for. */
static void dead_with_heir(struct ledger *ledger)
{
	if (fork() == 0) {
		usleep(100000);
		_exit(0);
	}
}

static void waits_for_a_lock_that_outlives_its_owner(void **state)
{
	die_in(dead_with_heir);
	assert_int_equal(clean(), 1);
}

static void keeps_what_it_cannot_undo(void **state)
{
	struct ledger *ledger = open_ledger();
	struct error err = { 0 };
	char path[64];

	/* A file in the place of the directory's parent. */
	snprintf(path, sizeof(path), "%s/file", root);
	write_file(path, "x");
	strcat(path, "/below");
	assert_true(ledger_add(ledger, &directory_kind, path, NULL, NULL) > 0);
	assert_int_equal(ledger_close(ledger, &err), -ENOTDIR);
	assert_non_null(strstr(err.cause, path));
	assert_int_equal(ledger_clean(kinds, NULL, NULL, &err), -ENOTDIR);
	*strrchr(path, '/') = 0;
	unlink(path);
	assert_int_equal(clean(), 1);
	assert_false(exists(state_path));
}

/* The one thing that must never happen: a bind mount in a directory of ours leads to the host's files. */
static void never_crosses_a_mount(void **state)
{
	struct ledger *ledger;
	struct error err = { 0 };
	char ours[64], below[64], precious[64];
	int number;

	if (geteuid() != 0) {
		print_message("skipped: mounting needs root\n");
		skip();
	}
	snprintf(ours, sizeof(ours), "%s/ours", root);
	snprintf(below, sizeof(below), "%s/ours/mounted", root);
	snprintf(precious, sizeof(precious), "%s/precious", root);
	assert_int_equal(mkdir(ours, 0700) | mkdir(below, 0700) | mkdir(precious, 0700), 0);
	strcat(precious, "/file");
	write_file(precious, "x");
	*strrchr(precious, '/') = 0;
	ledger = open_ledger();
	number = ledger_add(ledger, &directory_kind, ours, NULL, NULL);
	assert_true(number > 0);
	assert_int_equal(mount(precious, below, "none", MS_BIND, NULL), 0);
	assert_int_equal(ledger_undo(ledger, number, &err), -EXDEV);
	strcat(precious, "/file");
	assert_true(exists(precious));
	/* Had the mount been in the ledger, it would have gone first. */
	assert_true(ledger_add(ledger, &mount_kind, below, NULL, NULL) > 0);
	assert_int_equal(ledger_close(ledger, &err), 0);
	assert_false(exists(ours));
	assert_true(exists(precious));
	unlink(precious);
	*strrchr(precious, '/') = 0;
	rmdir(precious);
}

/*
 * In a user namespace, where what was mounted outside is locked: umount says EINVAL, as of what is not
 * mounted.
 */
static int clean_locked_out(void *context)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return 77;
	write_file("/proc/self/uid_map", "0 0 1");
	return ledger_clean(kinds, NULL, NULL, NULL) < 0 ? 0 : 1;
}

static int run_child(int (*child)(void *context))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(child(NULL));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What cannot be unmounted stays known, until somebody can. */
static void a_mount_that_stays_keeps_its_ledger(void **state)
{
	struct ledger *ledger;
	struct error err = { 0 };
	char below[4200], file[4200];
	int rc;

	if (geteuid() != 0) {
		print_message("skipped: mounting needs root\n");
		skip();
	}
	ledger = open_ledger();
	snprintf(file, sizeof(file), "%s/ledger", ledger_directory(ledger));
	snprintf(below, sizeof(below), "%s/mounted", ledger_directory(ledger));
	assert_int_equal(mkdir(below, 0700), 0);
	assert_true(ledger_add(ledger, &mount_kind, below, NULL, NULL) > 0);
	assert_int_equal(mount("tmpfs", below, "tmpfs", 0, NULL), 0);
	ledger_file_free(ledger); /* as if we had died */
	rc = run_child(clean_locked_out);
	assert_true(rc == 0 || rc == 77);
	assert_true(exists(file));
	assert_int_equal(clean(), 1);
	assert_false(exists(state_path));
	/* One that no ledger knows is somebody else's: it is not touched, and the ledger stays beside it. */
	ledger = open_ledger();
	snprintf(file, sizeof(file), "%s/ledger", ledger_directory(ledger));
	snprintf(below, sizeof(below), "%s/mounted", ledger_directory(ledger));
	assert_int_equal(mkdir(below, 0700), 0);
	assert_int_equal(mount("tmpfs", below, "tmpfs", 0, NULL), 0);
	assert_int_equal(ledger_close(ledger, &err), -EXDEV);
	assert_true(exists(file));
	assert_int_equal(umount(below), 0);
	assert_int_equal(clean(), 1);
	assert_false(exists(state_path));
}

/* rm -r in the state directory removes the ledger and goes past what is mounted. */
static void hugepages_without_their_ledger_go(void **state)
{
	struct ledger *ledger;
	char below[4200], file[4200];

	ledger = open_ledger();
	snprintf(file, sizeof(file), "%s/ledger", ledger_directory(ledger));
	snprintf(below, sizeof(below), "%s/t-0", ledger_directory(ledger));
	assert_int_equal(mkdir(below, 0700), 0);
	strcat(below, "/memory 0");
	assert_int_equal(mkdir(below, 0700), 0);
	if (mount("hugetlbfs", below, "hugetlbfs", 0, NULL)) {
		assert_int_equal(ledger_close(ledger, NULL), 0);
		print_message("skipped: no hugetlbfs can be mounted here\n");
		skip();
	}
	ledger_file_free(ledger);
	unlink(file);
	assert_int_equal(clean(), 1);
	assert_false(exists(state_path));
}

static void finds_the_state_directory_from_everywhere(void **state)
{
	char here[256], wanted[300];

	assert_non_null(getcwd(here, sizeof(here)));
	snprintf(wanted, sizeof(wanted), "%s/relative/state", here);
	setenv("LANEBENCH_STATE", "relative/state", 1);
	assert_string_equal(ledger_state_directory(), wanted);
	setenv("LANEBENCH_STATE", state_path, 1);
	assert_string_equal(ledger_state_directory(), state_path);
}

/* A container can nest directories in its own: deeper than we have descriptors, and than a path is long. */
static void removes_what_is_nested_deeply(void **state)
{
	struct rlimit before;
	char ours[64];
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	snprintf(ours, sizeof(ours), "%s/nested", root);
	assert_int_equal(mkdir(ours, 0700), 0);
	assert_int_equal(chdir(ours), 0);
	for (int i = 0; i < 3000; i++) {
		assert_int_equal(mkdir("deep-0", 0700) | mkdir("deep-1", 0700), 0);
		assert_int_equal(chdir("deep-0"), 0);
	}
	assert_int_equal(fchdir(here), 0);
	close(here);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(prlimit(0, RLIMIT_NOFILE, &(struct rlimit){ 64, before.rlim_max }, NULL), 0);
	assert_int_equal(tree_remove(ours, NULL, NULL), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_false(exists(ours));
}

/* A cgroup with a process and one below it, in the first hierarchy where we may make one. */
static void finds_and_empties_cgroups(void **state)
{
	static const char *const places[] = { "/sys/fs/cgroup/unified", "/sys/fs/cgroup",
					      "/sys/fs/cgroup/pids" };
	char path[128], below[160], text[16];
	struct error err = { 0 };
	pid_t pid;

	for (unsigned i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/lanebench-test", places[i]);
		snprintf(below, sizeof(below), "%s/cgroup.procs", places[i]);
		if (exists(below) && !mkdir(path, 0755))
			break;
		path[0] = 0;
	}
	if (!path[0]) {
		print_message("skipped: no cgroups can be made here\n");
		skip();
	}
	snprintf(below, sizeof(below), "%s/lb-test-%d", path, getpid());
	assert_int_equal(mkdir(below, 0755), 0);
	strcat(below, "/below");
	assert_int_equal(mkdir(below, 0755), 0);
	strcat(below, "/cgroup.procs");
	pid = start_sleeper();
	snprintf(text, sizeof(text), "%d", pid);
	write_file(below, text);
	snprintf(text, sizeof(text), "lb-test-%d", getpid());
	assert_int_equal(cgroup_remove(text, 5000, &err), 1);
	assert_int_equal(cgroup_remove(text, 5000, &err), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(rmdir(path), 0);
}

static void refuses_a_state_directory_of_others(void **state)
{
	struct error err = { 0 };
	struct ledger *ledger;

	assert_int_equal(mkdir(state_path, 0777), 0);
	assert_int_equal(chmod(state_path, 0777), 0);
	assert_int_equal(ledger_open(&ledger, &err), -EPERM);
	assert_null(ledger);
	assert_non_null(strstr(err.remedy, "LANEBENCH_STATE"));
	assert_int_equal(rmdir(state_path), 0);
}

/* Many open and die at once, while others clean: nobody cleans the living, nothing stays. */
static void runs_and_cleaners_do_not_disturb_each_other(void **state)
{
	pid_t children[8];
	int status;

	for (int i = 0; i < 8; i++) {
		children[i] = fork();
		if (children[i])
			continue;
		for (int round = 0; round < 30; round++) {
			struct ledger *ledger;

			if (i >= 6) {
				if (ledger_clean(kinds, NULL, NULL, NULL) < 0)
					_exit(1);
				continue;
			}
			if (ledger_open(&ledger, NULL) || !exists(ledger_directory(ledger)) ||
			    ledger_add(ledger, &process_kind, "4194303", "1", NULL) < 0)
				_exit(2);
			usleep(200);
			if (!exists(ledger_directory(ledger)))
				_exit(3);
			if (i == 5 && round == 20)
				raise(SIGKILL);
			if (ledger_close(ledger, NULL))
				_exit(4);
		}
		_exit(0);
	}
	for (int i = 0; i < 8; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		if (i == 5)
			assert_true(WIFSIGNALED(status));
		else
			assert_int_equal(status, 0);
	}
	assert_true(clean() <= 1);
	assert_false(exists(state_path));
}

static int make_state(void **state)
{
	if (!mkdtemp(root))
		return -1;
	snprintf(state_path, sizeof(state_path), "%s/state", root);
	return setenv("LANEBENCH_STATE", state_path, 1);
}

static int drop_state(void **state)
{
	return rmdir(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_nothing_when_closed),
		cmocka_unit_test(forgets_what_was_struck),
		cmocka_unit_test(undoes_what_a_dead_run_left),
		cmocka_unit_test(remembers_what_was_amended),
		cmocka_unit_test(keeps_an_entry_of_an_unknown_kind),
		cmocka_unit_test(after_a_boot_undoes_what_survives_it),
		cmocka_unit_test(reads_a_ledger_of_version_0_1),
		cmocka_unit_test(tells_the_living_from_the_dead),
		cmocka_unit_test(leaves_living_runs_alone),
		cmocka_unit_test(spares_a_pid_that_was_given_away),
		cmocka_unit_test(reads_a_ledger_that_was_cut_off),
		cmocka_unit_test(removes_runs_that_never_began),
		cmocka_unit_test(waits_for_a_lock_that_outlives_its_owner),
		cmocka_unit_test(keeps_what_it_cannot_undo),
		cmocka_unit_test(never_crosses_a_mount),
		cmocka_unit_test(a_mount_that_stays_keeps_its_ledger),
		cmocka_unit_test(hugepages_without_their_ledger_go),
		cmocka_unit_test(removes_what_is_nested_deeply),
		cmocka_unit_test(finds_the_state_directory_from_everywhere),
		cmocka_unit_test(finds_and_empties_cgroups),
		cmocka_unit_test(refuses_a_state_directory_of_others),
		cmocka_unit_test(runs_and_cleaners_do_not_disturb_each_other),
	};

	return cmocka_run_group_tests(tests, make_state, drop_state);
}
