/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lock is on a file of its own, which nobody but its owner can open: what everybody may read (a directory,
 * trials.jsonl), everybody may lock, too. The one who holds it removes the file at his end; so a lock counts while its
 * file still has its name.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/internal.h"
#include "system/below.h"

#define ATTEMPTS 10 /* each of which another one may spoil by ending */

static int lock_open(int dir, const char *where, const char *name, struct error *err)
{
	int fd = below_open(dir, name, O_RDWR | O_CREAT | O_EXCL, 0600);

	if (fd == -EEXIST)
		return below_open_file(dir, where, name, O_RDWR, 0, err);
	if (fd < 0)
		return record_write_failed(err, -fd, where, "");
	directory_share_owner(dir, fd);
	return fd;
}

static bool lock_has_name(int dir, const char *name, int fd)
{
	struct stat locked, named;

	return fstat(fd, &locked) == 0 && fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       named.st_dev == locked.st_dev && named.st_ino == locked.st_ino;
}

int lock_take(int dir, const char *where, const char *name, struct error *err)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		int fd = lock_open(dir, where, name, err), code = 0;

		if (fd == -ENOENT) /* removed between two looks */
			continue;
		if (fd < 0)
			return fd;
		if (flock(fd, LOCK_EX | LOCK_NB))
			code = errno;
		else if (lock_has_name(dir, name, fd)) {
			error_clear(err);
			return fd;
		}
		close(fd);
		if (code == EWOULDBLOCK)
			break;
		if (code)
			return error_errno(err, code, "name a place on a local file system with -o DIR",
					   "cannot lock %s/%s", where, name);
	}
	return error_set(err, EBUSY, "wait until it has ended", "another lanebench is writing %s", where);
}

void lock_release(int dir, const char *name, int fd)
{
	if (lock_has_name(dir, name, fd))
		unlinkat(dir, name, 0);
	close(fd);
}
