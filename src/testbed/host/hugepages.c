/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's pools of hugepages have one knob each, nr_hugepages: how many pages there shall be. It is a
 * total, with no notion of who wanted which of them; so a run writes down how many it has added, and takes as
 * many away, whatever else has become of the pool meanwhile. That subtraction is no idempotent act, as an
 * undo must be. So it is announced, as the addition was, by an entry that says from where to where ("N from
 * M"): whoever finds that one knows from the pool whether it was done.
 */
#include "testbed/host/hugepages.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "testbed/host/hugepages_pool.h"
#include "testbed/host/mount.h"
#include "testbed/host/namespace.h"
#include "system/sysfs.h"

#define SIZES_MAX 16

/* ---- the ledger's entry -------------------------------------------------------------------------------- */

/* The pools are locked. */
static int give_back(struct ledger *ledger, int number, const char *subject, const char *detail,
		     struct error *err)
{
	uint64_t count, from;
	struct pool pool;
	char intent[48];
	int rc, fields = sscanf(detail ? detail : "", "%" SCNu64 " from %" SCNu64, &count, &from);

	if (fields < 1)
		return error_set(err, EINVAL, NULL, "the ledger does not say how many hugepages of %s", subject);
	rc = pool_of_subject(&pool, subject, err);
	if (rc == -ENOENT) { /* its node is gone, and the pages with it */
		error_clear(err);
		return 0;
	}
	if (rc)
		return rc;
	if (fields == 1) {
		from = pool.persistent > count ? pool.persistent - count : 0;
		snprintf(intent, sizeof(intent), "%" PRIu64 " from %" PRIu64, count, from);
		/* On a full disk it is done unannounced: they had better be given back. */
		ledger_amend(ledger, number, intent, NULL);
	}
	if (pool.persistent <= from)
		return 0;
	if (count > pool.persistent - from)
		count = pool.persistent - from;
	return pool_lower(&pool, pool.persistent - count, err);
}

static int undo(struct ledger *ledger, const struct ledger_entry *entry, struct error *err)
{
	int lock = pool_lock(err), rc;

	if (lock < 0)
		return lock;
	rc = give_back(ledger, entry->number, entry->subject, entry->detail, err);
	close(lock);
	return rc;
}

const struct ledger_kind hugepages_kind = { .name = "hugepages", .noun = "hugepages of", .undo = undo };

/* ---- having enough of them ----------------------------------------------------------------------------- */

static void size_text(char text[16], uint32_t page_kb)
{
	if (page_kb % 1048576 == 0)
		snprintf(text, 16, "%" PRIu32 " GB", page_kb / 1048576);
	else if (page_kb % 1024 == 0)
		snprintf(text, 16, "%" PRIu32 " MB", page_kb / 1024);
	else
		snprintf(text, 16, "%" PRIu32 " KB", page_kb);
}

static int too_few(uint32_t page_kb, uint64_t wanted, uint64_t available, const char *why, struct error *err)
{
	char size[16], remedy[320];

	size_text(size, page_kb);
	snprintf(remedy, sizeof(remedy), "reserve them at boot (hugepagesz=%" PRIu32 "K hugepages=%" PRIu64 "), or "
		 "free memory (echo 1 > /proc/sys/vm/compact_memory makes it contiguous), or do without: "
		 "hugepages none", page_kb, wanted);
	return error_set(err, ENOMEM, remedy, "%" PRIu64 " hugepages of %s are wanted, %" PRIu64 " can be had: %s",
			 wanted, size, available, why);
}

/* What a mount has made the run add to a pool; to be taken back if the rest fails. */
struct addition {
	struct pool pool;
	uint64_t before, missing;
	int entry; /* ledger number, 0 = nothing */
};

static void addition_detail(const struct addition *addition, char detail[48])
{
	snprintf(detail, 48, "%" PRIu64 " from %" PRIu64, addition->missing, addition->before);
}

/* The pools are locked. An answer of 0 says nothing of how many came. */
static int addition_make(struct addition *addition, uint64_t missing, struct ledger *ledger, struct error *err)
{
	char subject[POOL_SUBJECT_SIZE], detail[48];
	int rc;

	addition->before = addition->pool.persistent;
	addition->missing = missing;
	pool_subject(&addition->pool, subject);
	addition_detail(addition, detail);
	rc = ledger_add(ledger, &hugepages_kind, subject, detail, err);
	if (rc < 0)
		return rc;
	addition->entry = rc;
	return pool_raise(&addition->pool, addition->before + missing, err);
}

/* The mount is up, and its pages are promised: from here on the pool is anybody's to change. */
static int addition_settle(const struct addition *addition, struct ledger *ledger, struct error *err)
{
	uint64_t now = addition->pool.persistent;
	char detail[48];

	if (!addition->entry)
		return 0;
	snprintf(detail, sizeof(detail), "%" PRIu64, now > addition->before ? now - addition->before : 0);
	return ledger_amend(ledger, addition->entry, detail, err);
}

/* The pools are locked already: so not by ledger_undo. What fails stays in the ledger. */
static void addition_take_back(const struct addition *addition, struct ledger *ledger)
{
	char subject[POOL_SUBJECT_SIZE], detail[48];

	if (!addition->entry)
		return;
	pool_subject(&addition->pool, subject);
	addition_detail(addition, detail);
	if (!give_back(ledger, addition->entry, subject, detail, NULL))
		ledger_strike(ledger, addition->entry, NULL);
}

/* See to it that `pages` pages can be had. */
static int pages_provide(struct addition *addition, uint32_t page_kb, uint64_t pages, int node,
			 struct ledger *ledger, struct error *err)
{
	struct pool machine = { .surplus = 0 };
	uint64_t available, missing;
	int rc = pool_of_node(&addition->pool, page_kb, node, err);

	if (rc)
		return rc;
	available = pool_available(&addition->pool);
	if (available >= pages)
		return 0;
	missing = pages - available;
	if (missing > sysfs_memory_available() / page_kb)
		return too_few(page_kb, pages, available, "the machine has not that much memory left", err);
	rc = addition_make(addition, missing, ledger, err);
	rc = rc ? rc : pool_of_machine(&machine, page_kb, err);
	if (!rc && pool_available(&machine) < pages)
		rc = too_few(page_kb, pages, pool_available(&machine),
			     "the kernel has found no more contiguous memory", err);
	return rc;
}

/* ---- mounts -------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

unsigned hugepages_sizes(uint32_t *page_kb, unsigned max)
{
	DIR *pools = opendir(POOLS);
	const struct dirent *entry;
	unsigned count = 0;

	while (pools && count < max && (entry = readdir(pools)))
		if (sscanf(entry->d_name, "hugepages-%" SCNu32 "kB", &page_kb[count]) == 1 && page_kb[count])
			count++;
	if (pools)
		closedir(pools);
	qsort(page_kb, count, sizeof(*page_kb), compare);
	return count;
}

static int check_size(uint32_t page_kb, struct error *err)
{
	uint32_t sizes[SIZES_MAX];
	unsigned count = hugepages_sizes(sizes, SIZES_MAX);
	char text[16], remedy[320] = "use a kernel with CONFIG_HUGETLBFS, or do without: hugepages none";
	size_t used;

	for (unsigned i = 0; i < count; i++)
		if (sizes[i] == page_kb)
			return 0;
	for (unsigned i = 0; i < count; i++) {
		size_text(text, sizes[i]);
		used = i ? strlen(remedy) : 0;
		snprintf(remedy + used, sizeof(remedy) - used, "%s%s", i ? ", " : "it has: ", text);
	}
	size_text(text, page_kb);
	return error_set(err, ENOTSUP, remedy, "this kernel has no hugepages of %s", text);
}

/*
 * A file system whose pages are promised to it (min_size) when it is mounted, and which gets no more
 * (size).
 */
static int mount_pages(struct hugepages_mount *mounted, uid_t owner, struct ledger *ledger, struct error *err)
{
	char options[160];
	int rc;

	snprintf(options, sizeof(options), "pagesize=%" PRIu32 "K,size=%" PRIu32 "M,min_size=%" PRIu32 "M,"
		 "uid=%u,gid=%u,mode=0700", mounted->page_kb, mounted->megabytes, mounted->megabytes,
		 (unsigned)owner, (unsigned)owner);
	if (mkdir(mounted->path, 0700))
		return error_errno(err, errno, NULL, "cannot make %s", mounted->path);
	rc = chown(mounted->path, owner, owner) ? -errno : 0;
	if (rc) {
		error_errno(err, -rc, NULL, "cannot give %s to user %u", mounted->path, (unsigned)owner);
		goto out;
	}
	rc = ledger_add(ledger, &mount_kind, mounted->path, NULL, err);
	if (rc < 0)
		goto out;
	mounted->entry = rc;
	if (!mount("hugetlbfs", mounted->path, "hugetlbfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options))
		return 0;
	rc = error_errno(err, errno, errno == ENODEV ? "use a kernel with CONFIG_HUGETLBFS, or do without: "
			 "hugepages none" : errno == EPERM ? "use sudo, or do without: hugepages none" : NULL,
			 "cannot mount hugepages (%s)", options);
	ledger_strike(ledger, mounted->entry, NULL);
	mounted->entry = 0;
out:
	rmdir(mounted->path);
	return rc;
}

static int not_root(struct error *err)
{
	return error_set(err, EPERM, "use sudo, or do without: hugepages none",
			 "hugepages are root's to reserve and to mount");
}

int hugepages_mount(struct hugepages_mount *mounted, const char *path, uint32_t page_kb, uint32_t megabytes,
		    int node, uid_t owner, struct ledger *ledger, struct error *err)
{
	struct addition addition = { .entry = 0 };
	uint64_t pages;
	int lock, rc;

	memset(mounted, 0, sizeof(*mounted));
	if (!namespace_is_root())
		return not_root(err);
	if (strlen(path) >= sizeof(mounted->path))
		return error_set(err, ENAMETOOLONG, "set LANEBENCH_STATE to a directory with a short path",
				 "the path %s is too long", path);
	rc = page_kb ? check_size(page_kb, err) : error_set(err, EINVAL, NULL, "hugepages have a size");
	if (rc)
		return rc;
	pages = ((uint64_t)megabytes * 1024 + page_kb - 1) / page_kb;
	pages = pages ? pages : 1;
	if (pages * page_kb / 1024 > UINT32_MAX)
		return error_set(err, EINVAL, NULL, "%" PRIu32 " MB are too many", megabytes);
	snprintf(mounted->path, sizeof(mounted->path), "%s", path);
	mounted->page_kb = page_kb;
	mounted->megabytes = (uint32_t)((pages * page_kb + 1023) / 1024);
	/* Until the mount has its promise, nobody else may count the same pages as free. */
	lock = pool_lock(err);
	rc = lock < 0 ? lock : pages_provide(&addition, page_kb, pages, node, ledger, err);
	rc = rc ? rc : mount_pages(mounted, owner, ledger, err);
	if (rc)
		addition_take_back(&addition, ledger);
	else
		rc = addition_settle(&addition, ledger, err);
	if (lock >= 0)
		close(lock);
	if (rc)
		hugepages_unmount(mounted, ledger, NULL);
	return rc;
}

int hugepages_unmount(struct hugepages_mount *mounted, struct ledger *ledger, struct error *err)
{
	int rc = 0;

	if (mounted->entry)
		rc = ledger_undo(ledger, mounted->entry, err);
	if (!rc && mounted->entry && rmdir(mounted->path) && errno != ENOENT)
		rc = error_errno(err, errno, NULL, "cannot remove %s", mounted->path);
	memset(mounted, 0, sizeof(*mounted));
	return rc;
}

int hugepages_probe(uint32_t page_kb, struct error *err)
{
	struct pool pool;
	int rc;

	if (!namespace_is_root())
		return not_root(err);
	rc = pool_of_machine(&pool, page_kb, err);
	return rc ? rc : pool_probe(&pool, err);
}

/* How many pages of this size the free lists of all zones have. -1: their largest piece is smaller. */
static int64_t pages_unbroken(uint32_t page_kb)
{
	uint64_t piece_kb, pages = 0, count;
	FILE *file = fopen("/proc/buddyinfo", "re");
	bool large_enough = false;
	char line[512];

	/* "Node 0, zone   Normal   3 1 0 ...": pieces of 1, 2, 4 ... base pages */
	while (file && fgets(line, sizeof(line), file)) {
		char *text = strstr(line, "zone"), *end;

		text = text ? text + strcspn(text, " ") : line + strlen(line);
		text += strspn(text, " ");
		text += strcspn(text, " ");
		piece_kb = (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
		for (; count = strtoull(text, &end, 10), end != text; text = end, piece_kb *= 2) {
			large_enough |= piece_kb >= page_kb;
			pages += count * (piece_kb / page_kb);
		}
	}
	if (file)
		fclose(file);
	return large_enough ? (int64_t)pages : -1;
}

json_t *hugepages_describe(void)
{
	uint32_t sizes[SIZES_MAX];
	unsigned count = hugepages_sizes(sizes, SIZES_MAX);
	json_t *list = json_array();

	for (unsigned i = 0; i < count; i++) {
		struct pool pool = { .surplus = 0 };
		int64_t unbroken = pages_unbroken(sizes[i]);

		if (pool_of_machine(&pool, sizes[i], NULL))
			continue;
		json_array_append_new(list, json_pack("{s:I, s:I, s:I, s:I, s:o}", "page_kb", (json_int_t)sizes[i],
						      "total", (json_int_t)(pool.persistent + pool.surplus),
						      "free", (json_int_t)pool.free,
						      "reserved", (json_int_t)pool.reserved,
						      "unbroken", unbroken < 0 ? json_null() :
						      json_integer(unbroken)));
	}
	return list;
}
