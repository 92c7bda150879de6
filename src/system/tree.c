/* SPDX-License-Identifier: Apache-2.0 */
#include "system/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Which mount an open file lies on. 0 or -errno. */
static int mount_id(int fd, uint64_t *id)
{
	struct statx status;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &status))
		return -errno;
	*id = status.stx_mnt_id;
	return status.stx_mask & STATX_MNT_ID ? 0 : -ENOTSUP;
}

/*
 * Open a directory below dir_fd, but never one that something is mounted upon: -EXDEV. A bind mount may
 * lead to the host's /usr, on the same device; so mounts are compared and not devices.
 */
static int open_unmounted(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	uint64_t above, here;
	int rc;

	if (fd < 0)
		return -errno;
	rc = mount_id(dir_fd, &above);
	rc = rc ? rc : mount_id(fd, &here);
	if (!rc && above != here)
		rc = -EXDEV;
	if (!rc)
		return fd;
	close(fd);
	return rc;
}

/*
 * Each level that is entered holds a descriptor, and containers can make as many as they like, one in another:
 * what lies deeper is moved up, to be found by another pass.
 */
#define DEPTH_MAX 32

struct removal {
	int top;          /* the directory that is emptied */
	unsigned moved;   /* names given so far */
	bool again;       /* something was moved up */
};

static int move_up(struct removal *removal, int fd, const char *name)
{
	char given[32];
	int rc;

	do {
		snprintf(given, sizeof(given), "deep-%u", removal->moved++);
		rc = renameat2(fd, name, removal->top, given, RENAME_NOREPLACE) ? -errno : 0;
	} while (rc == -EEXIST);
	removal->again |= !rc;
	return rc;
}

static int empty_directory(struct removal *removal, int fd, const char *keep, unsigned depth);

static int remove_below(struct removal *removal, int fd, const char *name, unsigned depth)
{
	int child, rc;

	if (!unlinkat(fd, name, AT_REMOVEDIR) || errno == ENOENT)
		return 0;
	child = open_unmounted(fd, name);
	if (child < 0)
		return child;
	if (depth == DEPTH_MAX) {
		close(child);
		return move_up(removal, fd, name);
	}
	rc = empty_directory(removal, child, NULL, depth + 1);
	return !rc && unlinkat(fd, name, AT_REMOVEDIR) && errno != ENOENT ? -errno : rc;
}

/*
 * Empty the directory behind fd, which is closed, but for `keep` (NULL: all goes). 0 or -errno; goes on past
 * what cannot be removed.
 */
static int empty_directory(struct removal *removal, int fd, const char *keep, unsigned depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	int rc = 0, one;

	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while ((entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    (keep && !strcmp(entry->d_name, keep)))
			continue;
		if (!unlinkat(fd, entry->d_name, 0) || errno == ENOENT)
			continue;
		one = -errno;
		if (errno == EISDIR || errno == EPERM)
			one = remove_below(removal, fd, entry->d_name, depth);
		if (one && one != -ENOENT && !rc)
			rc = one;
	}
	closedir(dir);
	return rc;
}

/* The same of a directory in another; until nothing was moved up any more. */
static int empty_named(int parent, const char *name, const char *keep)
{
	struct removal removal = { .top = open_unmounted(parent, name) };
	int fd, rc;

	if (removal.top < 0)
		return removal.top;
	do {
		removal.again = false;
		fd = openat(removal.top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		rc = fd < 0 ? -errno : empty_directory(&removal, fd, keep, 0);
	} while (!rc && removal.again);
	close(removal.top);
	return rc;
}

int tree_remove(const char *path, const char *last, struct error *err)
{
	char parent[4096];
	char *name;
	int parent_fd, rc;

	snprintf(parent, sizeof(parent), "%s", path);
	name = strrchr(parent, '/');
	if (!name || name == parent || !name[1])
		return error_set(err, EINVAL, NULL, "%s is no directory of ours", path);
	*name++ = 0;
	parent_fd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parent_fd < 0)
		return errno == ENOENT ? 0 : error_errno(err, errno, NULL, "cannot remove %s", path);
	/* Relative to its parent, so that a mount upon the directory itself is seen. */
	rc = empty_named(parent_fd, name, last);
	if (!rc && last)
		rc = empty_named(parent_fd, name, NULL);
	if (!rc && unlinkat(parent_fd, name, AT_REMOVEDIR))
		rc = -errno;
	close(parent_fd);
	if (rc == -EXDEV || rc == -EBUSY)
		return error_errno(err, -rc, "unmount it", "cannot remove %s: something is mounted in it",
				   path);
	if (rc && rc != -ENOENT)
		return error_errno(err, -rc, NULL, "cannot remove %s", path);
	return 0;
}
