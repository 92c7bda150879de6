/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/host/hugepages_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "system/deadline.h"
#include "system/sysfs.h"

#define NODE_POOLS "/sys/devices/system/node/node%d/hugepages"
#define KNOB "/nr_hugepages"
#define FREED_WAIT_MS 1000
#define PAUSE_US 5000
#define LOCK_WAIT_MS 30000
#define LOCK_PAUSE_US 2000

static int pool_number(const struct pool *pool, const char *name, uint64_t *number, struct error *err)
{
	char path[192];
	int rc;

	snprintf(path, sizeof(path), "%s/%s", pool->directory, name);
	rc = sysfs_read_number(path, number);
	return rc ? error_errno(err, -rc, NULL, "cannot read %s", path) : 0;
}

/* Of a node's pool, `reserved` is left as it is. */
static int pool_read(struct pool *pool, struct error *err)
{
	uint64_t total;
	int rc = pool_number(pool, "nr_hugepages", &total, err);

	rc = rc ? rc : pool_number(pool, "surplus_hugepages", &pool->surplus, err);
	rc = rc ? rc : pool_number(pool, "free_hugepages", &pool->free, err);
	if (!rc)
		pool->persistent = total > pool->surplus ? total - pool->surplus : 0;
	return rc;
}

int pool_lock(struct error *err)
{
	const struct deadline deadline = deadline_after_ms(LOCK_WAIT_MS);
	int fd = open(POOLS, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	if (fd < 0)
		return error_errno(err, errno, "use a kernel with CONFIG_HUGETLBFS, or do without: hugepages none",
				   "cannot open " POOLS);
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if ((errno == EWOULDBLOCK || errno == EINTR) && deadline_pause(&deadline, LOCK_PAUSE_US))
			continue;
		rc = error_errno(err, errno, "see who holds it: lslocks; or do without: hugepages none",
				 "cannot lock " POOLS);
		close(fd);
		return rc;
	}
	return fd;
}

int pool_of_machine(struct pool *pool, uint32_t page_kb, struct error *err)
{
	int rc;

	snprintf(pool->directory, sizeof(pool->directory), POOLS "/" POOL_NAME, page_kb);
	rc = pool_read(pool, err);
	return rc ? rc : pool_number(pool, "resv_hugepages", &pool->reserved, err);
}

int pool_of_node(struct pool *pool, uint32_t page_kb, int node, struct error *err)
{
	int rc = pool_of_machine(pool, page_kb, err);
	char directory[128];

	if (rc || node < 0)
		return rc;
	snprintf(directory, sizeof(directory), NODE_POOLS "/" POOL_NAME, node, page_kb);
	if (access(directory, F_OK))
		return 0;
	snprintf(pool->directory, sizeof(pool->directory), "%s", directory);
	return pool_read(pool, err);
}

int pool_of_subject(struct pool *pool, const char *subject, struct error *err)
{
	const char *name = strrchr(subject, '/');

	if (!name || strcmp(name, KNOB) != 0 || (size_t)(name - subject) >= sizeof(pool->directory))
		return error_set(err, EINVAL, NULL, "%s is no pool of hugepages", subject);
	memset(pool, 0, sizeof(*pool));
	memcpy(pool->directory, subject, (size_t)(name - subject));
	if (access(subject, F_OK))
		return error_errno(err, ENOENT, NULL, "cannot read %s", subject);
	return pool_read(pool, err);
}

void pool_subject(const struct pool *pool, char subject[POOL_SUBJECT_SIZE])
{
	snprintf(subject, POOL_SUBJECT_SIZE, "%s" KNOB, pool->directory);
}

uint64_t pool_available(const struct pool *pool)
{
	return pool->free > pool->reserved ? pool->free - pool->reserved : 0;
}

static int cannot_write(int code, const char *path, struct error *err)
{
	char remedy[320] = "reserve them at boot (hugepages=), or do without: hugepages none";

	if (code == EROFS)
		snprintf(remedy, sizeof(remedy), "make it writable (mount -o remount,rw /sys); or reserve them where "
			 "%s is", path);
	else if (code == EACCES || code == EPERM)
		snprintf(remedy, sizeof(remedy), "use sudo, or do without: hugepages none");
	return error_errno(err, code, remedy, "cannot write %s", path);
}

int pool_probe(const struct pool *pool, struct error *err)
{
	char path[POOL_SUBJECT_SIZE];

	pool_subject(pool, path);
	return access(path, W_OK) ? cannot_write(errno, path, err) : 0;
}

static int pool_write(const struct pool *pool, uint64_t count, struct error *err)
{
	char path[POOL_SUBJECT_SIZE], text[24];
	int rc;

	pool_subject(pool, path);
	snprintf(text, sizeof(text), "%" PRIu64, count);
	rc = sysfs_write(path, text);
	return rc ? cannot_write(-rc, path, err) : 0;
}

/*
 * The kernel adds pages one by one and stops early for want of memory, but also for a signal: go on while any
 * come.
 */
int pool_raise(struct pool *pool, uint64_t target, struct error *err)
{
	uint64_t before;
	int rc;

	do {
		before = pool->persistent;
		rc = pool_write(pool, target, err);
		rc = rc ? rc : pool_read(pool, err);
	} while (!rc && pool->persistent > before && pool->persistent < target);
	return rc;
}

int pool_lower(struct pool *pool, uint64_t target, struct error *err)
{
	const struct deadline deadline = deadline_after_ms(FREED_WAIT_MS);
	uint64_t surplus = pool->surplus;
	int rc = pool_write(pool, target, err);

	do
		rc = rc ? rc : pool_read(pool, err);
	while (!rc && pool->surplus > surplus && deadline_pause(&deadline, PAUSE_US));
	return rc;
}
