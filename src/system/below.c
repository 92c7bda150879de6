/* SPDX-License-Identifier: Apache-2.0 */
#include "system/below.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALWAYS (O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

/* With O_DIRECTORY a link is -ENOTDIR: the caller is told of both as -ELOOP. */
static int open_one(int directory, const char *name, int flags, mode_t mode)
{
	int fd = openat(directory, name, flags | O_NOFOLLOW | ALWAYS, mode);
	struct stat st;

	if (fd >= 0)
		return fd;
	if (errno == ENOTDIR && !fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISLNK(st.st_mode))
		return -ELOOP;
	return -errno;
}

int below_open_by_parts(int directory, const char *path, int flags, mode_t mode)
{
	char copy[PATH_MAX], *rest = copy, *part;
	int at = directory, fd = -ENOENT;

	if (path[0] == '/')
		return -EXDEV;
	if ((size_t)snprintf(copy, sizeof(copy), "%s", path) >= sizeof(copy))
		return -ENAMETOOLONG;
	while ((part = strsep(&rest, "/"))) {
		if (!*part)
			continue;
		if (!strcmp(part, ".."))
			fd = -EXDEV;
		else
			fd = rest ? open_one(at, part, O_PATH | O_DIRECTORY, 0) : open_one(at, part, flags, mode);
		if (at != directory)
			close(at);
		if (fd < 0)
			return fd;
		at = fd;
	}
	return fd;
}

int below_open(int directory, const char *path, int flags, mode_t mode)
{
	const struct open_how how = {
		/* O_PATH goes with none of the others; with O_NOFOLLOW a link would be no directory, rather than a link. */
		.flags = (uint64_t)(flags | (flags & O_PATH ? O_CLOEXEC : ALWAYS)),
		.mode = flags & O_CREAT ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, directory, path, &how, sizeof(how));

	if (fd >= 0)
		return (int)fd;
	/* A kernel that has none, or a filter of system calls that knows none. */
	if (errno == ENOSYS || errno == EPERM)
		return below_open_by_parts(directory, path, flags, mode);
	return -errno;
}

int below_open_file(int directory, const char *where, const char *path, int flags, mode_t mode, struct error *err)
{
	bool writes = (flags & O_ACCMODE) != O_RDONLY;
	int fd = below_open(directory, path, flags, mode);
	struct stat st;

	/* ENXIO: a pipe that nobody reads, or a socket. */
	if (fd < 0 && fd != -ELOOP && fd != -ENXIO)
		return error_errno(err, -fd, NULL, "cannot open %s/%s", where, path);
	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && (st.st_nlink == 1 || !writes))
		return fd;
	if (fd >= 0)
		close(fd);
	return error_set(err, EPERM, "put a plain file into its place, or remove it",
			 "%s/%s is a link or no plain file", where, path);
}
