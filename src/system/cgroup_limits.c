/* SPDX-License-Identifier: Apache-2.0 */
#include "system/cgroup_limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "system/sysfs.h"

/* A cgroup of ours: as a directory, and how much of its path is the hierarchy's mount point. */
struct place {
	char path[CGROUP_PATH_SIZE];
	size_t mount;
	bool unified;
};

static bool list_has(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += length)
		if ((at == list || at[-1] == ',') && (!at[length] || at[length] == ','))
			return true;
	return false;
}

/* The path of /proc/self/cgroup: of v1's hierarchy with this controller; "" = of v2's. */
static bool own_path(const char *root, const char *controller, char path[CGROUP_PATH_SIZE])
{
	char name[CGROUP_PATH_SIZE], line[1024];
	bool found = false;
	FILE *file;

	snprintf(name, sizeof(name), "%s/proc/self/cgroup", root);
	file = fopen(name, "re");
	while (file && !found && fgets(line, sizeof(line), file)) {
		char *list = strchr(line, ':'), *own = list ? strchr(list + 1, ':') : NULL;

		if (!own)
			continue;
		*own++ = 0;
		own[strcspn(own, "\n")] = 0;
		found = *controller ? list_has(list + 1, controller) : !list[1];
		if (found)
			snprintf(path, CGROUP_PATH_SIZE, "%.*s", CGROUP_PATH_SIZE - 1, own);
	}
	if (file)
		fclose(file);
	return found;
}

/* Where that hierarchy is mounted, and which of its directories is there: fields of proc_pid_mountinfo(5). */
static bool mount_point(const char *root, const char *controller, char point[CGROUP_PATH_SIZE],
			char directory[CGROUP_PATH_SIZE])
{
	char name[CGROUP_PATH_SIZE], line[2048], kind[32], options[512];
	bool found = false;
	FILE *file;

	snprintf(name, sizeof(name), "%s/proc/self/mountinfo", root);
	file = fopen(name, "re");
	while (file && !found && fgets(line, sizeof(line), file)) {
		const char *rest = strstr(line, " - ");

		if (!rest || sscanf(line, "%*s %*s %*s %383s %383s", directory, point) != 2 ||
		    sscanf(rest, " - %31s %*s %511s", kind, options) != 2)
			continue;
		found = *controller ? !strcmp(kind, "cgroup") && list_has(options, controller) : !strcmp(kind, "cgroup2");
	}
	if (file)
		fclose(file);
	return found;
}

static bool find_in(const char *root, const char *hierarchy, struct place *place)
{
	char own[CGROUP_PATH_SIZE], point[CGROUP_PATH_SIZE], directory[CGROUP_PATH_SIZE];
	const char *below = own;
	size_t skip;

	if (!own_path(root, hierarchy, own) || !mount_point(root, hierarchy, point, directory))
		return false;
	/* What is mounted may be a directory of the hierarchy; ours may lie outside of it, or be called "/" in here. */
	skip = strcmp(directory, "/") ? strlen(directory) : 0;
	if (skip && !strncmp(own, directory, skip))
		below += skip;
	else if (skip || !strncmp(own, "/..", 3))
		below = "";
	place->unified = !*hierarchy;
	place->mount = (size_t)snprintf(place->path, sizeof(place->path), "%s%s", root, point);
	return (size_t)snprintf(place->path, sizeof(place->path), "%s%s%s", root, point, strcmp(below, "/") ? below : "") <
	       sizeof(place->path);
}

/* Where the controller is: a hierarchy of v1 that has it, or v2's. */
static bool place_find(const char *root, const char *controller, struct place *place)
{
	return find_in(root, controller, place) || find_in(root, "", place);
}

bool cgroup_own_directory(const char *controller, char path[CGROUP_PATH_SIZE])
{
	struct place place;

	if (!find_in("", controller, &place) || access(place.path, F_OK))
		return false;
	strcpy(path, place.path);
	return true;
}

/* One level up. False at the top. */
static bool place_up(struct place *place)
{
	char *last = strrchr(place->path, '/');

	if (!last || (size_t)(last - place->path) < place->mount)
		return false;
	*last = 0;
	return true;
}

static bool read_at(const struct place *place, const char *name, char *path, char *text, size_t size)
{
	return (size_t)snprintf(path, CGROUP_PATH_SIZE, "%s/%s", place->path, name) < CGROUP_PATH_SIZE &&
	       !sysfs_read(path, text, size);
}

/* Of a file of lines "name value". */
static uint64_t stat_value(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (!strncmp(line, name, length) && line[length] == ' ')
			return strtoull(line + length, NULL, 10);
	return 0;
}

/* Pages of files: the kernel counts them as used, and takes them back when there is need. */
static uint64_t reclaimable_at(const struct place *place)
{
	char path[CGROUP_PATH_SIZE], text[4096];

	if (!read_at(place, "memory.stat", path, text, sizeof(text)))
		return 0;
	return place->unified ? stat_value(text, "inactive_file") + stat_value(text, "active_file") :
	       stat_value(text, "total_inactive_file") + stat_value(text, "total_active_file");
}

/* names: of the limit and of what is used of it, in v1 and v2. */
static void limit_read(const char *root, const char *controller, const char *const names[2][2],
		       uint64_t (*reclaimable)(const struct place *place), struct cgroup_limit *limit)
{
	char path[CGROUP_PATH_SIZE], other[CGROUP_PATH_SIZE], text[64];
	struct place place;

	*limit = (struct cgroup_limit){ .bytes = UINT64_MAX, .left = UINT64_MAX };
	if (!place_find(root, controller, &place))
		return;
	do {
		const char *const *name = names[place.unified];
		uint64_t bytes, used, back = 0;

		if (!read_at(&place, name[0], path, text, sizeof(text)) || !strcmp(text, "max"))
			continue;
		bytes = strtoull(text, NULL, 10);
		/* v1 says "none" by the largest number of whole pages. */
		if (bytes >= (uint64_t)INT64_MAX / 2)
			continue;
		used = read_at(&place, name[1], other, text, sizeof(text)) ? strtoull(text, NULL, 10) : 0;
		back = reclaimable ? reclaimable(&place) : 0;
		used -= back < used ? back : used;
		if (bytes < limit->bytes)
			limit->bytes = bytes;
		if ((used < bytes ? bytes - used : 0) <= limit->left) {
			limit->left = used < bytes ? bytes - used : 0;
			snprintf(limit->file, sizeof(limit->file), "%s", path);
		}
	} while (place_up(&place));
}

/* Processors that the group at this place may use at once; 0 = no quota. `path`: the file that says so. */
static double quota_at(const struct place *place, char path[CGROUP_PATH_SIZE])
{
	char text[64], ignored[CGROUP_PATH_SIZE];
	double quota, period;

	if (place->unified)
		return read_at(place, "cpu.max", path, text, sizeof(text)) &&
		       sscanf(text, "%lf %lf", &quota, &period) == 2 && period > 0 ? quota / period : 0;
	if (!read_at(place, "cpu.cfs_period_us", ignored, text, sizeof(text)))
		return 0;
	period = strtod(text, NULL);
	if (!read_at(place, "cpu.cfs_quota_us", path, text, sizeof(text)))
		return 0;
	quota = strtod(text, NULL);
	return quota > 0 && period > 0 ? quota / period : 0;
}

static void quota_read(const char *root, struct cgroup_limits *limits)
{
	char path[CGROUP_PATH_SIZE];
	struct place place;

	if (!place_find(root, "cpu", &place))
		return;
	do {
		double processors = quota_at(&place, path);

		if (processors > 0 && (limits->processors <= 0 || processors < limits->processors)) {
			limits->processors = processors;
			snprintf(limits->quota_file, sizeof(limits->quota_file), "%s", path);
		}
	} while (place_up(&place));
}

static void cpuset_read(const char *root, char *list, size_t size)
{
	char path[CGROUP_PATH_SIZE];
	struct place place;

	if (!place_find(root, "cpuset", &place) ||
	    !read_at(&place, place.unified ? "cpuset.cpus.effective" : "cpuset.effective_cpus", path, list, size))
		*list = 0;
}

void cgroup_limits_read(const char *root, struct cgroup_limits *limits)
{
	static const char *const memory[2][2] = {
		{ "memory.limit_in_bytes", "memory.usage_in_bytes" }, { "memory.max", "memory.current" },
	};

	*limits = (struct cgroup_limits){ .processors = 0 };
	quota_read(root, limits);
	limit_read(root, "memory", memory, reclaimable_at, &limits->memory);
	cpuset_read(root, limits->cpuset, sizeof(limits->cpuset));
}

void cgroup_hugepages_read(const char *root, uint32_t page_kb, struct cgroup_limit *limit)
{
	static const char *const endings[2][2] = { { "limit_in_bytes", "usage_in_bytes" }, { "max", "current" } };
	const bool giga = page_kb >= 1 << 20;
	const uint32_t size = page_kb >> (giga ? 20 : 10);
	char text[2][2][64];
	const char *const names[2][2] = { { text[0][0], text[0][1] }, { text[1][0], text[1][1] } };

	for (int i = 0; i < 4; i++)
		snprintf(text[i / 2][i % 2], sizeof(text[0][0]), "hugetlb.%" PRIu32 "%cB.%s", size, giga ? 'G' : 'M',
			 endings[i / 2][i % 2]);
	limit_read(root, "hugetlb", names, NULL, limit);
}

void cgroup_throttling_read(const char *root, struct cgroup_throttling *throttling)
{
	char path[CGROUP_PATH_SIZE], text[1024];
	struct place place;

	*throttling = (struct cgroup_throttling){ .periods = 0 };
	if (!place_find(root, "cpu", &place))
		return;
	do {
		if (quota_at(&place, path) <= 0 || !read_at(&place, "cpu.stat", path, text, sizeof(text)))
			continue;
		throttling->periods += stat_value(text, "nr_periods");
		throttling->throttled += stat_value(text, "nr_throttled");
		throttling->throttled_ns += place.unified ? stat_value(text, "throttled_usec") * 1000 :
					    stat_value(text, "throttled_time");
	} while (place_up(&place));
}
