/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/host/scope.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/deadline.h"
#include "system/program.h"
#include "system/sysfs.h"
#include "testbed/host/child.h"

#define ASK_WAIT_MS 10000
#define MOVE_WAIT_MS 5000
#define PAUSE_US 1000

bool scope_is_needed(const struct cgroup_hierarchy *hierarchy)
{
	struct stat booted;

	/* As sd_booted(3) looks. Beside controllers of v1, v2 has none that systemd would hand on. */
	return hierarchy->unified && !lstat("/run/systemd/system", &booted) && S_ISDIR(booted.st_mode);
}

static int keep(void *context)
{
	prctl(PR_SET_NAME, "lb-keep");
	close_range(0, ~0U, 0);
	while (pause() < 0)
		;
	return 0;
}

static int ask(const char *unit, pid_t keeper, struct error *err)
{
	static const char *const paths[] = { "/usr/bin/busctl", "/bin/busctl", NULL };
	char pid[16];
	char *argv[] = {
		(char[]){ "busctl" }, (char[]){ "--quiet" }, (char[]){ "call" },
		(char[]){ "org.freedesktop.systemd1" }, (char[]){ "/org/freedesktop/systemd1" },
		(char[]){ "org.freedesktop.systemd1.Manager" }, (char[]){ "StartTransientUnit" },
		(char[]){ "ssa(sv)a(sa(sv))" }, (char *)(uintptr_t)unit, (char[]){ "fail" },
		(char[]){ "4" },
		(char[]){ "Description" }, (char[]){ "s" }, (char[]){ "lanebench" },
		(char[]){ "CollectMode" }, (char[]){ "s" }, (char[]){ "inactive-or-failed" },
		(char[]){ "Delegate" }, (char[]){ "b" }, (char[]){ "true" },
		(char[]){ "PIDs" }, (char[]){ "au" }, (char[]){ "1" }, pid,
		(char[]){ "0" }, NULL,
	};
	struct program program = { .path = program_find(paths), .argv = argv, .netns = -1 };
	int rc;

	if (!program.path)
		return error_set(err, ENOENT, "apt install systemd", "no busctl, to ask systemd for a cgroup");
	snprintf(pid, sizeof(pid), "%d", (int)keeper);
	rc = program_run(&program, ASK_WAIT_MS, NULL, PROCESS_NO_HOOK, err);
	return rc ? error_prefix(err, "systemd makes no cgroup for lanebench") : 0;
}

/* The path of its cgroup of v2 (from /proc/PID/cgroup), if it ends with /UNIT. */
static bool is_in(pid_t pid, const char *unit, char *path, size_t size)
{
	char file[32], line[512], *name;
	bool found = false;
	FILE *groups;

	snprintf(file, sizeof(file), "/proc/%d/cgroup", (int)pid);
	groups = fopen(file, "re");
	while (groups && !found && fgets(line, sizeof(line), groups)) {
		line[strcspn(line, "\n")] = 0;
		name = strrchr(line, '/');
		if (strncmp(line, "0::/", 4) || strcmp(name + 1, unit))
			continue;
		found = (size_t)snprintf(path, size, "%s", line + 3) < size;
	}
	if (groups)
		fclose(groups);
	return found;
}

/* The answer comes before the scope is there. */
static int wait_moved(struct scope *scope, const char *mounted, const char *unit, struct error *err)
{
	const struct deadline deadline = deadline_after_ms(MOVE_WAIT_MS);
	char path[160];

	while (!is_in(scope->keeper.pid, unit, path, sizeof(path)))
		if (!deadline_pause(&deadline, PAUSE_US))
			return error_set(err, ETIMEDOUT, "see: journalctl -u init.scope",
					 "systemd has not made %s within %d s", unit, MOVE_WAIT_MS / 1000);
	if ((size_t)snprintf(scope->path, sizeof(scope->path), "%s%s", mounted, path) < sizeof(scope->path))
		return 0;
	return error_set(err, ENAMETOOLONG, NULL, "the path of %s is too long", unit);
}

/* Controllers can be handed on only by a group that has no processes of its own. */
static int make_leaf(const struct scope *scope, struct error *err)
{
	char path[256], pid[16];
	int rc;

	snprintf(path, sizeof(path), "%s/keeper", scope->path);
	if (mkdir(path, 0755))
		return error_errno(err, errno, NULL, "cannot make the cgroup %s", path);
	snprintf(path, sizeof(path), "%s/keeper/cgroup.procs", scope->path);
	snprintf(pid, sizeof(pid), "%d", (int)scope->keeper.pid);
	rc = sysfs_write(path, pid);
	return rc ? error_errno(err, -rc, NULL, "cannot write %s", path) : 0;
}

int scope_make(struct scope *scope, const struct cgroup_hierarchy *hierarchy, const char *name,
	       struct ledger *ledger, struct error *err)
{
	char unit[80];
	int rc;

	*scope = (struct scope){ .keeper = PROCESS_NONE };
	snprintf(unit, sizeof(unit), "%s.scope", name);
	rc = process_spawn(&scope->keeper, child_hook(ledger), false, -1, keep, NULL, err);
	rc = rc ? rc : ask(unit, scope->keeper.pid, err);
	rc = rc ? rc : wait_moved(scope, hierarchy->path, unit, err);
	rc = rc ? rc : make_leaf(scope, err);
	if (rc)
		scope_drop(scope);
	return rc;
}

void scope_drop(struct scope *scope)
{
	if (scope->keeper.pid)
		process_stop(&scope->keeper, 0);
	*scope = (struct scope){ .keeper = PROCESS_NONE };
}
