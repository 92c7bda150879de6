/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <ftw.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host_snapshot.h"
#include "ledger/ledger.h"

static FILE *collected;
static char own_runs[4096]; /* " ID ID ID" */

void host_snapshot_own_runs(void)
{
	DIR *dir = opendir(ledger_state_directory());
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (strlen(entry->d_name) == 8 && !strstr(own_runs, entry->d_name)) {
			assert_true(strlen(own_runs) + 10 < sizeof(own_runs));
			strcat(strcat(own_runs, " "), entry->d_name);
		}
	if (dir)
		closedir(dir);
}

/* ".../lb-RUNID-..." of a run that is not ours. */
static bool of_other_run(const char *path)
{
	const char *name = strstr(path, "/lb-");
	char run_id[9];

	if (!name)
		return false;
	snprintf(run_id, sizeof(run_id), "%.8s", name + 4);
	return !strstr(own_runs, run_id);
}

static int add_directory(const char *path, const struct stat *found, int type, struct FTW *where)
{
	if (type == FTW_D && !of_other_run(path))
		fprintf(collected, "%s\n", path);
	return 0;
}

static char *directories(const char *root)
{
	char *text = NULL;
	size_t size;

	collected = open_memstream(&text, &size);
	assert_non_null(collected);
	nftw(root, add_directory, 16, FTW_PHYS);
	fclose(collected);
	return text;
}

static char *contents(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL, line[4096];
	size_t size;
	FILE *copy = open_memstream(&text, &size);

	assert_non_null(file);
	assert_non_null(copy);
	while (fgets(line, sizeof(line), file)) {
		/* /proc/net/dev counts packets: the name alone. */
		if (strstr(path, "/dev"))
			line[strcspn(line, ":")] = 0;
		fputs(line, copy);
	}
	fclose(file);
	fclose(copy);
	return text;
}

static pid_t parent_of(const char *pid, char name[64], char *state)
{
	char path[300];
	FILE *file;
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%*d (%63[^)]) %c %d", name, state, &parent) != 3)
		parent = 0;
	fclose(file);
	return parent;
}

/* The first lines of all files that match, with their names; no more than a line is in any of them. */
static void first_lines(FILE *list, const char *pattern)
{
	char line[256];
	glob_t files;

	if (glob(pattern, 0, NULL, &files))
		return;
	for (size_t i = 0; i < files.gl_pathc; i++) {
		FILE *file = fopen(files.gl_pathv[i], "re");

		if (file && fgets(line, sizeof(line), file))
			fprintf(list, "%s: %s", files.gl_pathv[i], line);
		if (file)
			fclose(file);
	}
	globfree(&files);
}

/* Those of the machine's that a run changes for its time: how many hugepages there are, governor and turbo. */
static char *settings(void)
{
	char *text = NULL;
	size_t size;
	FILE *list = open_memstream(&text, &size);

	assert_non_null(list);
	first_lines(list, "/sys/kernel/mm/hugepages/*/nr_hugepages");
	first_lines(list, "/sys/kernel/mm/hugepages/*/surplus_hugepages");
	first_lines(list, "/sys/devices/system/node/node*/hugepages/*/nr_hugepages");
	first_lines(list, "/sys/devices/system/cpu/cpufreq/policy*/scaling_governor");
	first_lines(list, "/sys/devices/system/cpu/cpufreq/policy*/boost");
	first_lines(list, "/sys/devices/system/cpu/cpufreq/boost");
	first_lines(list, "/sys/devices/system/cpu/intel_pstate/no_turbo");
	fclose(list);
	return text;
}

/* What we have begotten, also by children that are dead: all of it is handed to us, the subreaper. */
static char *processes(void)
{
	char name[64], state, *text = NULL;
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t size;
	FILE *list = open_memstream(&text, &size);

	assert_non_null(proc);
	assert_non_null(list);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	while ((entry = readdir(proc)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    parent_of(entry->d_name, name, &state) == getpid())
			fprintf(list, "%s %s %c\n", entry->d_name, name, state);
	closedir(proc);
	fclose(list);
	return text;
}

static void take(struct host_snapshot *snapshot)
{
	char locks[4096];

	/* liblxc's, of containers below our state directory. */
	snprintf(locks, sizeof(locks), "/run/lxc/lock%s", ledger_state_directory());
	snapshot->mounts = contents("/proc/self/mountinfo");
	snapshot->links = contents("/proc/self/net/dev");
	snapshot->cgroups = directories("/sys/fs/cgroup");
	snapshot->lxc = directories(locks);
	snapshot->settings = settings();
	snapshot->processes = processes();
}

void host_snapshot_free(struct host_snapshot *snapshot)
{
	free(snapshot->mounts);
	free(snapshot->links);
	free(snapshot->cgroups);
	free(snapshot->lxc);
	free(snapshot->processes);
	free(snapshot->settings);
}

void host_snapshot_take(struct host_snapshot *snapshot)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	take(snapshot);
}

static int same(const struct host_snapshot *a, const struct host_snapshot *b)
{
	return !strcmp(a->mounts, b->mounts) && !strcmp(a->links, b->links) && !strcmp(a->cgroups, b->cgroups) &&
	       !strcmp(a->lxc, b->lxc) && !strcmp(a->processes, b->processes) && !strcmp(a->settings, b->settings);
}

void assert_host_equal(const struct host_snapshot *before, struct host_snapshot *after)
{
	/* A child that was cut off from its dead parent ends by itself, a moment later. */
	for (int i = 0; i < 100 && !same(before, after); i++) {
		host_snapshot_free(after);
		usleep(5000);
		take(after);
	}
	assert_string_equal(before->mounts, after->mounts);
	assert_string_equal(before->links, after->links);
	assert_string_equal(before->cgroups, after->cgroups);
	assert_string_equal(before->lxc, after->lxc);
	assert_string_equal(before->settings, after->settings);
	assert_string_equal(before->processes, after->processes);
	host_snapshot_free(after);
}
