/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/container/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const plain[] = { "usr", "proc", "sys", "dev", "tmp", "run", "etc" };

/* Where usr is merged, symbolic links into it; else directories of their own. */
static const char *const system_directories[] = { "bin", "sbin", "lib", "lib32", "lib64", "libx32" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The host's /NAME: 'l' a link (its text in target), 'd' a directory, 0 neither. */
static char host_kind(const char *name, char *target, size_t size)
{
	char path[16];
	struct stat found;
	ssize_t length;

	snprintf(path, sizeof(path), "/%s", name);
	if (lstat(path, &found))
		return 0;
	if (S_ISDIR(found.st_mode))
		return 'd';
	length = S_ISLNK(found.st_mode) ? readlink(path, target, size - 1) : -1;
	if (length <= 0)
		return 0;
	target[length] = 0;
	return 'l';
}

static int make_file(int root, const char *path)
{
	int fd = openat(root, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int fill(int root)
{
	char target[256];
	int rc = 0;

	for (unsigned i = 0; !rc && i < COUNT(plain); i++)
		rc = mkdirat(root, plain[i], 0755) ? -errno : 0;
	for (unsigned i = 0; !rc && i < COUNT(system_directories); i++) {
		const char *name = system_directories[i];
		char kind = host_kind(name, target, sizeof(target));

		if (kind == 'l')
			rc = symlinkat(target, root, name) ? -errno : 0;
		else if (kind == 'd')
			rc = mkdirat(root, name, 0755) ? -errno : 0;
	}
	/* An empty table: the init starts nothing and reaps what is left to it. */
	if (!rc)
		rc = make_file(root, "etc/inittab");
	if (!rc)
		rc = make_file(root, "etc/ld.so.cache");
	return rc;
}

int rootfs_make(const char *path, struct error *err)
{
	mode_t before = umask(022); /* the container's root is nobody to the host, and must read it */
	int root = -1, rc = 0;

	if (mkdir(path, 0755))
		rc = -errno;
	if (!rc) {
		root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		rc = root < 0 ? -errno : fill(root);
	}
	if (root >= 0)
		close(root);
	umask(before);
	return rc ? error_errno(err, -rc, NULL, "cannot make the root file system %s", path) : 0;
}

int rootfs_mounts(int (*add)(void *context, const char *line), void *context)
{
	char line[128], target[256];
	int rc;

	/*
	 * rbind: a file system that is mounted below /usr cannot be left out without the host's privileges.
	 */
	rc = add(context, "/usr usr none rbind,ro,nosuid,nodev 0 0");
	for (unsigned i = 0; !rc && i < COUNT(system_directories); i++) {
		const char *name = system_directories[i];

		if (host_kind(name, target, sizeof(target)) != 'd')
			continue;
		snprintf(line, sizeof(line), "/%s %s none rbind,ro,nosuid,nodev 0 0", name, name);
		rc = add(context, line);
	}
	if (!rc && !access("/etc/ld.so.cache", R_OK))
		rc = add(context, "/etc/ld.so.cache etc/ld.so.cache none bind,ro,nosuid,nodev 0 0");
	if (!rc)
		rc = add(context, "tmpfs tmp tmpfs nosuid,nodev,mode=1777,size=64m 0 0");
	return rc;
}

const char *rootfs_busybox(void)
{
	static const char *const paths[] = { "/bin/busybox", "/usr/bin/busybox", "/sbin/busybox" };

	for (unsigned i = 0; i < COUNT(paths); i++)
		if (!access(paths[i], X_OK))
			return paths[i];
	return NULL;
}
