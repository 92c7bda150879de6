/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/container/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/sysfs.h"
#include "testbed/host/cgroup.h"
#include "testbed/host/controller.h"

enum { PROCESSES, MEMORY, CPUSET };

static const struct controller {
	const char *name;
	const char *file, *file_unified; /* of the limit */
} controllers[CONTAINER_CONTROLLERS] = {
	[PROCESSES] = { "pids", "pids.max", "pids.max" },
	[MEMORY] = { "memory", "memory.limit_in_bytes", "memory.max" },
	[CPUSET] = { "cpuset", "cpuset.cpus", "cpuset.cpus" },
};

static const char *file_of(const struct container_group *group, unsigned i, char path[400])
{
	snprintf(path, 400, "%s/%s", group->path[i],
		 group->unified[i] ? controllers[i].file_unified : controllers[i].file);
	return path;
}

/* Where each is to be made. Is there any? */
static bool find_paths(struct container_group *group, const char *name, struct ledger *ledger)
{
	struct cgroup_hierarchy hierarchy;
	char base[256];
	bool found = false;

	for (unsigned i = 0; i < CONTAINER_CONTROLLERS; i++) {
		if (i == CPUSET && !group->limits.cpuset)
			continue;
		if (cgroup_find_base(controllers[i].name, &hierarchy, base, NULL) || access(base, W_OK))
			continue;
		if (hierarchy.unified && controller_switch_on(base, controllers[i].name, ledger, NULL))
			continue;
		group->unified[i] = hierarchy.unified;
		snprintf(group->path[i], sizeof(group->path[i]), "%s/%s", base, name);
		found = true;
	}
	return found;
}

static int make_one(struct container_group *group, unsigned i, struct error *err)
{
	int code;

	if (!group->path[i][0] || !mkdir(group->path[i], 0755))
		return 0;
	code = errno;
	/* It is another controller's, too. */
	for (unsigned k = 0; k < i && code == EEXIST; k++)
		if (!strcmp(group->path[i], group->path[k]))
			return 0;
	return error_errno(err, code, NULL, "cannot make the cgroup %s", group->path[i]);
}

/*
 * v1 lets nobody into a cpuset that has no memory nodes: those of the cgroup above. `path`: of the list of processors.
 */
static int set_cpuset(const struct container_limits *limits, bool unified, const char *path, struct error *err)
{
	char mems[420], above[440], nodes[256];
	int rc;

	snprintf(mems, sizeof(mems), "%.*s/cpuset.mems", (int)(strrchr(path, '/') - path), path);
	snprintf(above, sizeof(above), "%.*s/../cpuset.mems", (int)(strrchr(path, '/') - path), path);
	rc = unified ? 0 : sysfs_read(above, nodes, sizeof(nodes));
	rc = rc || unified ? rc : sysfs_write(mems, nodes);
	rc = rc ? rc : sysfs_write(path, limits->cpuset);
	return rc ? error_errno(err, -rc, NULL, "cannot write %s to %s", limits->cpuset, path) : 0;
}

static int set_limit(const struct container_limits *limits, unsigned i, bool unified, const char *path,
		     struct error *err)
{
	const uint64_t values[CONTAINER_CONTROLLERS] = {
		[PROCESSES] = limits->processes ? limits->processes : CONTAINER_PROCESSES,
		[MEMORY] = ((uint64_t)CONTAINER_MEGABYTES + limits->packet_megabytes) << 20,
	};
	char text[24];
	int rc;

	if (i == CPUSET)
		return set_cpuset(limits, unified, path, err);
	snprintf(text, sizeof(text), "%" PRIu64, values[i]);
	rc = sysfs_write(path, text);
	return rc ? error_errno(err, -rc, NULL, "cannot write %s to %s", text, path) : 0;
}

int container_group_follow(const struct container_group *group, const char *path, struct error *err)
{
	char file[400], name[16];
	int rc = 0;

	for (unsigned i = 0; i < CONTAINER_CONTROLLERS && !rc; i++) {
		if (!group->path[i][0] || !group->unified[i])
			continue;
		snprintf(file, sizeof(file), "%s/../cgroup.subtree_control", path);
		snprintf(name, sizeof(name), "+%s", controllers[i].name);
		rc = sysfs_write(file, name);
		if (rc)
			return error_errno(err, -rc, NULL, "cannot switch on a controller in %s", file);
		snprintf(file, sizeof(file), "%s/%s", path, controllers[i].file_unified);
		rc = set_limit(&group->limits, i, true, file, err);
	}
	return rc;
}

int container_group_make(struct container_group *group, const char *name, const struct container_limits *limits,
			 struct ledger *ledger, struct error *err)
{
	char full[96], path[400];
	int rc;

	*group = (struct container_group){ .limits = *limits };
	snprintf(full, sizeof(full), "%s-programs", name);
	if (!find_paths(group, full, ledger))
		return 0;
	rc = group->entry = ledger_add(ledger, &cgroup_kind, full, NULL, err);
	for (unsigned i = 0; i < CONTAINER_CONTROLLERS && rc >= 0; i++)
		rc = make_one(group, i, err);
	for (unsigned i = 0; i < CONTAINER_CONTROLLERS && rc >= 0; i++)
		if (group->path[i][0])
			rc = set_limit(limits, i, group->unified[i], file_of(group, i, path), err);
	if (rc < 0)
		container_group_remove(group, ledger, NULL);
	return rc < 0 ? rc : 0;
}

int container_group_enter(const struct container_group *group)
{
	char path[400];
	int rc = 0;

	for (unsigned i = 0; i < CONTAINER_CONTROLLERS && !rc; i++) {
		if (!group->path[i][0])
			continue;
		snprintf(path, sizeof(path), "%s/cgroup.procs", group->path[i]);
		rc = sysfs_write(path, "0");
	}
	return rc;
}

/* Mostly its processes have ended; else the ledger's way, which kills them, and looks everywhere. */
int container_group_remove(struct container_group *group, struct ledger *ledger, struct error *err)
{
	bool removed = true;
	int rc = 0;

	for (unsigned i = 0; i < CONTAINER_CONTROLLERS; i++)
		if (group->path[i][0] && rmdir(group->path[i]) && errno != ENOENT)
			removed = false;
	if (group->entry > 0)
		rc = removed ? ledger_strike(ledger, group->entry, err) : ledger_undo(ledger, group->entry, err);
	*group = (struct container_group){ .entry = 0 };
	return rc;
}

static json_t *limit_json(const struct container_group *group, unsigned i, unsigned shift)
{
	char path[400];
	uint64_t value;

	if (!group->path[i][0] || sysfs_read_number(file_of(group, i, path), &value))
		return json_null();
	return json_integer((json_int_t)(value >> shift));
}

json_t *container_group_effective(const struct container_group *group)
{
	char path[400], cpuset[256];
	bool known = group->path[CPUSET][0] && !sysfs_read(file_of(group, CPUSET, path), cpuset, sizeof(cpuset));

	return json_pack("{s:o, s:o, s:o}", "cpuset", known ? json_string(cpuset) : json_null(), "processes", limit_json(group, PROCESSES, 0),
			 "megabytes", limit_json(group, MEMORY, 20));
}
