/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/host/cpu_group.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/sysfs.h"
#include "testbed/host/cgroup.h"
#include "testbed/host/controller.h"

#define CONTROLLER "cpu"
#define QUOTA_LEAST_US 1000 /* the kernel takes no less */
#define WEIGHT_MAX 10000u   /* of v2 */
#define SHARES_MAX 262144u  /* of v1 */

static int find(struct cgroup_hierarchy *hierarchy, char base[256], struct error *err)
{
	int rc = cgroup_find_base(CONTROLLER, hierarchy, base, err);

	if (!rc && access(base, W_OK))
		rc = error_errno(err, errno,
				 "run lanebench as root (in a container: with cgroups that it may write)",
				 "cannot make cgroups in %s", base);
	return rc;
}

int cpu_group_probe(struct error *err)
{
	struct cgroup_hierarchy hierarchy;
	char base[256];

	return find(&hierarchy, base, err);
}

/* A path within the group's directory, for the calls of sysfs.h. */
static const char *file_of(const struct cpu_group *group, const char *name, char path[320])
{
	snprintf(path, 320, "%s/%s", group->path, name);
	return path;
}

static int write_value(const struct cpu_group *group, const char *name, const char *value, struct error *err)
{
	char path[320];
	int rc = sysfs_write(file_of(group, name, path), value);

	if (!rc)
		return 0;
	return error_errno(err, -rc,
			   rc == -EINVAL ? "the cgroup that lanebench itself is below may have less" : NULL,
			   "cannot write %s to %s", value, path);
}

static int write_weight(const struct cpu_group *group, unsigned threads, struct error *err)
{
	unsigned one = group->unified ? 100 : 1024, most = group->unified ? WEIGHT_MAX : SHARES_MAX;
	char value[16];

	snprintf(value, sizeof(value), "%u", threads < most / one ? threads * one : most);
	return write_value(group, group->unified ? "cpu.weight" : "cpu.shares", value, err);
}

/* Where to make it, in `parent`, with the controller switched on for what is made there. */
static int prepare(struct cpu_group *group, const char *name, char parent[256], struct ledger *ledger,
		   struct error *err)
{
	struct cgroup_hierarchy hierarchy;
	char file[320];
	int rc = find(&hierarchy, parent, err);

	if (rc)
		return rc;
	group->unified = hierarchy.unified;
	if (!hierarchy.unified)
		return 0;
	if (!scope_is_needed(&hierarchy))
		return controller_switch_on(hierarchy.path, CONTROLLER, ledger, err);
	rc = scope_make(&group->scope, &hierarchy, name, ledger, err);
	if (rc)
		return rc;
	snprintf(parent, 256, "%s", group->scope.path);
	snprintf(file, sizeof(file), "%s/cgroup.subtree_control", parent);
	rc = sysfs_write(file, "+" CONTROLLER);
	return rc ? error_errno(err, -rc, NULL, "cannot switch on the controller " CONTROLLER " in %s", parent) : 0;
}

/* It is gone: so is its scope. */
static void forget(struct cpu_group *group)
{
	scope_drop(&group->scope);
	memset(group, 0, sizeof(*group));
}

int cpu_group_make(struct cpu_group *group, const char *name, unsigned threads, struct ledger *ledger,
		   struct error *err)
{
	char parent[256];
	int rc;

	memset(group, 0, sizeof(*group));
	rc = prepare(group, name, parent, ledger, err);
	if (!rc && (size_t)snprintf(group->path, sizeof(group->path), "%s/%s", parent, name) >= sizeof(group->path))
		rc = error_set(err, ENAMETOOLONG, NULL, "the path of the cgroup %s is too long", name);
	if (!rc)
		rc = ledger_add(ledger, &cgroup_kind, name, NULL, err);
	if (rc < 0) {
		forget(group);
		return rc;
	}
	group->entry = rc;
	if (mkdir(group->path, 0755)) {
		rc = error_errno(err, errno, NULL, "cannot make the cgroup %s", group->path);
		/* One that is there already is not ours to remove. */
		ledger_strike(ledger, group->entry, NULL);
		forget(group);
		return rc;
	}
	rc = write_weight(group, threads, err);
	if (rc)
		cpu_group_remove(group, ledger, NULL);
	return rc;
}

int cpu_group_remove(struct cpu_group *group, struct ledger *ledger, struct error *err)
{
	int rc = 0;

	/* Mostly its processes have ended; else the ledger's way, which kills them, and looks everywhere. */
	if (group->entry > 0)
		rc = rmdir(group->path) ? ledger_undo(ledger, group->entry, err) :
		     ledger_strike(ledger, group->entry, err);
	forget(group);
	return rc;
}

int cpu_group_enter(const struct cpu_group *group, pid_t pid, struct error *err)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", (int)pid);
	return write_value(group, "cgroup.procs", text, err);
}

unsigned cpu_group_count(const struct cpu_group *group)
{
	char path[320];
	FILE *file = fopen(file_of(group, "cgroup.procs", path), "re");
	unsigned count = 0;
	int pid;

	while (file && fscanf(file, "%d", &pid) == 1)
		count++;
	if (file)
		fclose(file);
	return count;
}

int cpu_group_limit(const struct cpu_group *group, double processors, struct error *err)
{
	long quota = lround(processors * CPU_GROUP_PERIOD_US);
	char value[64];
	int rc;

	if (processors > 0 && quota < QUOTA_LEAST_US)
		quota = QUOTA_LEAST_US;
	if (group->unified) {
		if (processors > 0)
			snprintf(value, sizeof(value), "%ld %d", quota, CPU_GROUP_PERIOD_US);
		else
			snprintf(value, sizeof(value), "max %d", CPU_GROUP_PERIOD_US);
		return write_value(group, "cpu.max", value, err);
	}
	snprintf(value, sizeof(value), "%d", CPU_GROUP_PERIOD_US);
	rc = write_value(group, "cpu.cfs_period_us", value, err);
	if (rc)
		return rc;
	snprintf(value, sizeof(value), "%ld", processors > 0 ? quota : -1);
	return write_value(group, "cpu.cfs_quota_us", value, err);
}

static int read_limit_v1(const struct cpu_group *group, uint64_t *quota_us, uint64_t *period_us)
{
	char path[320], text[32];
	int rc = sysfs_read_number(file_of(group, "cpu.cfs_period_us", path), period_us);

	rc = rc ? rc : sysfs_read(file_of(group, "cpu.cfs_quota_us", path), text, sizeof(text));
	if (!rc)
		*quota_us = text[0] == '-' ? 0 : strtoull(text, NULL, 10);
	return rc;
}

int cpu_group_read_limit(const struct cpu_group *group, uint64_t *quota_us, uint64_t *period_us)
{
	char path[320], text[64], *rest;
	int rc;

	if (!group->unified)
		return read_limit_v1(group, quota_us, period_us);
	rc = sysfs_read(file_of(group, "cpu.max", path), text, sizeof(text));
	if (rc)
		return rc;
	rest = strchr(text, ' ');
	*quota_us = strtoull(text, NULL, 10); /* "max" is 0 */
	*period_us = rest ? strtoull(rest, NULL, 10) : 0;
	return rest ? 0 : -EINVAL;
}

/* The number of a line "NAME NUMBER"; 0 without such a line. */
static uint64_t stat_of(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (!strncmp(text, name, length) && text[length] == ' ')
			return strtoull(text + length, NULL, 10);
	}
	return 0;
}

int cpu_group_read_throttling(const struct cpu_group *group, struct cpu_throttling *throttling)
{
	char path[320], text[1024];
	int rc = sysfs_read(file_of(group, "cpu.stat", path), text, sizeof(text));

	if (rc)
		return rc;
	throttling->periods = stat_of(text, "nr_periods");
	throttling->throttled = stat_of(text, "nr_throttled");
	throttling->throttled_ns = group->unified ? stat_of(text, "throttled_usec") * 1000 :
				   stat_of(text, "throttled_time");
	return 0;
}
