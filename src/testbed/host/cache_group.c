/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/host/cache_group.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/process.h"
#include "system/sysfs.h"

#define MASKS_MAX 2048
#define OWN "lb-" /* groups of ours begin so */

static int read_text(const char *root, const char *name, char *text, size_t size)
{
	char path[CACHE_GROUP_PATH];

	return (size_t)snprintf(path, sizeof(path), "%s/%s", root, name) < sizeof(path) ?
	       sysfs_read(path, text, size) : -ENAMETOOLONG;
}

/* Ways of the cache, each a bit of a mask, and how few a group may have. */
static int read_ways(const char *root, unsigned *total, unsigned *least, struct error *err)
{
	char text[64];
	int rc = read_text(root, "info/L3/cbm_mask", text, sizeof(text));

	if (rc)
		return error_errno(err, -rc, "it takes a processor with cache allocation (flags cat_l3, or AMD's QoS), a "
				   "kernel with CONFIG_X86_CPU_RESCTRL, and: mount -t resctrl resctrl " CACHE_GROUP_ROOT,
				   "cache ways cannot be set apart on this machine: cannot read %s/info/L3/cbm_mask", root);
	*total = (unsigned)__builtin_popcountll(strtoull(text, NULL, 16));
	*least = read_text(root, "info/L3/min_cbm_bits", text, sizeof(text)) ? 1 : (unsigned)strtoul(text, NULL, 10);
	return 0;
}

static int check_ways(const char *root, unsigned ways, unsigned *total, struct error *err)
{
	unsigned least = 1;
	int rc = read_ways(root, total, &least, err);

	if (rc)
		return rc;
	if (ways < least || *total < least || ways > *total - least)
		return error_set(err, EINVAL, NULL, "cache-ways %u is impossible: the cache has %u ways, of which a group, and "
				 "all others, must have %u at least", ways, *total, least);
	return 0;
}

static int check_alone(const char *root, struct error *err)
{
	DIR *groups = opendir(root);
	const struct dirent *entry;
	int rc = 0;

	while (groups && !rc && (entry = readdir(groups)))
		if (!strncmp(entry->d_name, OWN, strlen(OWN)))
			rc = error_set(err, EBUSY, "let that run end; lanebench clean, if it was killed",
				       "another run has set cache ways apart (%s/%s)", root, entry->d_name);
	if (groups)
		closedir(groups);
	return rc;
}

int cache_group_probe(const char *root, unsigned ways, struct error *err)
{
	unsigned total;
	int rc = check_ways(root, ways, &total, err);

	if (!rc && access(root, W_OK))
		rc = error_errno(err, errno, "run lanebench as root", "cannot make groups in %s", root);
	return rc;
}

int cache_group_make(struct cache_group *group, const char *root, const char *name, struct ledger *ledger,
		     struct error *err)
{
	int rc;

	memset(group, 0, sizeof(*group));
	rc = check_alone(root, err);
	if (rc)
		return rc;
	snprintf(group->root, sizeof(group->root), "%s", root);
	if ((size_t)snprintf(group->path, sizeof(group->path), "%s/%s", root, name) >= sizeof(group->path))
		return error_set(err, ENAMETOOLONG, NULL, "the path of the group %s is too long", name);
	rc = ledger_add(ledger, &cache_group_kind, group->path, NULL, err);
	if (rc < 0)
		return rc;
	group->entry = rc;
	if (!mkdir(group->path, 0755))
		return 0;
	rc = error_errno(err, errno, errno == ENOSPC ? "remove groups of others: the processor has so many and no more" :
			 NULL, "cannot make the group %s", group->path);
	ledger_strike(ledger, group->entry, NULL);
	group->entry = 0;
	return rc;
}

/* "L3:0=MASK;1=MASK" with the domains of `model`, a line of schemata. */
static void masks_format(const char *model, uint64_t mask, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "L3:");
	const char *at = strchr(model, ':');

	for (unsigned i = 0; at && *at && used < size; i++) {
		unsigned domain = (unsigned)strtoul(at + 1, NULL, 10);

		used += (size_t)snprintf(text + used, size - used, "%s%u=%" PRIx64, i ? ";" : "", domain, mask);
		at = strchr(at + 1, ';');
	}
}

/* The line of the last-level cache of a file of schemata, without white space in front. */
static int masks_read(const char *directory, char line[MASKS_MAX], struct error *err)
{
	char text[2 * MASKS_MAX], *save, *one;
	int rc = read_text(directory, "schemata", text, sizeof(text));

	for (one = rc ? NULL : strtok_r(text, "\n", &save); one; one = strtok_r(NULL, "\n", &save)) {
		one += strspn(one, " \t");
		if (strncmp(one, "L3:", 3) != 0 || strlen(one) >= MASKS_MAX)
			continue;
		strcpy(line, one);
		return 0;
	}
	return error_errno(err, rc ? -rc : EPROTO, NULL, "cannot read the masks of ways in %s/schemata", directory);
}

static int masks_write(const char *directory, const char *line, struct error *err)
{
	char path[CACHE_GROUP_PATH + 16], text[MASKS_MAX + 2];
	int rc;

	snprintf(path, sizeof(path), "%s/schemata", directory);
	snprintf(text, sizeof(text), "%s\n", line); /* without a line end the kernel takes nothing */
	rc = sysfs_write(path, text);
	return rc ? error_errno(err, -rc, "its reason is in info/last_cmd_status", "cannot write %s to %s", line, path) : 0;
}

int cache_group_divide(struct cache_group *group, unsigned ways, struct ledger *ledger, struct error *err)
{
	char before[MASKS_MAX], own[MASKS_MAX], others[MASKS_MAX], path[CACHE_GROUP_PATH + 16];
	uint64_t all, top;
	int rc = check_ways(group->root, ways, &group->total, err);

	rc = rc ? rc : masks_read(group->root, before, err);
	if (rc)
		return rc;
	/* Masks are of bits in a row: the group has the highest ones. */
	all = group->total < 64 ? (UINT64_C(1) << group->total) - 1 : UINT64_MAX;
	top = all & ~((UINT64_C(1) << (group->total - ways)) - 1);
	masks_format(before, top, own, sizeof(own));
	masks_format(before, all & ~top, others, sizeof(others));
	snprintf(path, sizeof(path), "%s/schemata", group->root);
	rc = group->others = ledger_add(ledger, &cache_masks_kind, path, before, err);
	if (rc < 0) {
		group->others = 0;
		return rc;
	}
	group->ways = ways;
	rc = masks_write(group->root, others, err);
	return rc ? rc : masks_write(group->path, own, err);
}

/* Into the file of tasks. A thread that has ended meanwhile does not matter. */
static int add_task(pid_t thread, void *path)
{
	char number[16];
	int rc;

	snprintf(number, sizeof(number), "%d", (int)thread);
	rc = sysfs_write(path, number);
	return rc == -ESRCH ? 0 : rc;
}

int cache_group_enter(const struct cache_group *group, pid_t pid, struct error *err)
{
	char path[CACHE_GROUP_PATH + 16];
	int rc;

	snprintf(path, sizeof(path), "%s/tasks", group->path);
	rc = process_each_thread(pid, add_task, path);
	return rc ? error_errno(err, -rc, NULL, "cannot write the threads of process %d to %s", (int)pid, path) : 0;
}

int cache_group_remove(struct cache_group *group, struct ledger *ledger, struct error *err)
{
	int rc = group->others > 0 ? ledger_undo(ledger, group->others, err) : 0, removed;

	removed = group->entry > 0 ? ledger_undo(ledger, group->entry, rc ? NULL : err) : 0;
	memset(group, 0, sizeof(*group));
	return rc ? rc : removed;
}

/* Sum of a counter over the domains. False where one has none, or says that it cannot tell now. */
static bool counter_read(const struct cache_group *group, const char *name, uint64_t *sum)
{
	char path[2 * CACHE_GROUP_PATH];
	const struct dirent *entry;
	bool known = false, whole = true;
	uint64_t value;
	DIR *domains;

	*sum = 0;
	snprintf(path, sizeof(path), "%s/mon_data", group->path);
	domains = opendir(path);
	while (domains && (entry = readdir(domains))) {
		if (strncmp(entry->d_name, "mon_L3_", 7) != 0)
			continue;
		snprintf(path, sizeof(path), "%s/mon_data/%s/%s", group->path, entry->d_name, name);
		known = true;
		whole &= !sysfs_read_number(path, &value);
		*sum += whole ? value : 0;
	}
	if (domains)
		closedir(domains);
	return known && whole;
}

void cache_group_read(const struct cache_group *group, struct cache_reading *reading)
{
	*reading = (struct cache_reading){ .occupancy_known = false };
	if (!group->entry)
		return;
	reading->occupancy_known = counter_read(group, "llc_occupancy", &reading->occupancy_bytes);
	reading->traffic_known = counter_read(group, "mbm_total_bytes", &reading->traffic_bytes);
}

/* ---- undo ------------------------------------------------------------------------------------------------ */

static int group_undo(struct ledger *ledger, const struct ledger_entry *entry, struct error *err)
{
	if (!rmdir(entry->subject) || errno == ENOENT || errno == ENODEV)
		return 0;
	return error_errno(err, errno, NULL, "cannot remove the group %s", entry->subject);
}

static int masks_undo(struct ledger *ledger, const struct ledger_entry *entry, struct error *err)
{
	char directory[CACHE_GROUP_PATH];

	if (!entry->detail || access(entry->subject, F_OK))
		return 0;
	snprintf(directory, sizeof(directory), "%.*s", (int)(strrchr(entry->subject, '/') - entry->subject),
		 entry->subject);
	return masks_write(directory, entry->detail, err);
}

const struct ledger_kind cache_group_kind = {
	.name = "cache-group", .noun = "the cache ways of", .undo = group_undo,
};
const struct ledger_kind cache_masks_kind = {
	.name = "cache-masks", .noun = "the cache ways in", .undo = masks_undo,
};
