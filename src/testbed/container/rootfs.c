/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/container/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
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

/* Each directory on the way to a share's target; no share lies in another. (Below /tmp it is made where that is mounted.) */
static int make_target(int root, const char *target)
{
	char path[PATH_MAX];

	if (target[0] != '/' || strlen(target) >= sizeof(path))
		return -EINVAL;
	snprintf(path, sizeof(path), "%s", target + 1);
	for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdirat(root, path, 0755) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdirat(root, path, 0755) && errno != EEXIST ? -errno : 0;
}

int rootfs_make(const char *path, const struct container_share *shares, unsigned share_count,
		struct error *err)
{
	mode_t before = umask(022); /* the container's root is nobody to the host, and must read it */
	int root = -1, rc = 0;

	if (mkdir(path, 0755))
		rc = -errno;
	if (!rc) {
		root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		rc = root < 0 ? -errno : fill(root);
	}
	for (unsigned i = 0; !rc && i < share_count; i++)
		if (!shares[i].device) /* /dev is made when the container starts */
			rc = make_target(root, shares[i].target);
	if (root >= 0)
		close(root);
	umask(before);
	return rc ? error_errno(err, -rc, NULL, "cannot make the root file system %s", path) : 0;
}

/* fstab(5) has spaces, tabs, newlines and backslashes as \040 and so on. Returns false if it does not fit. */
static bool escape(const char *path, char *escaped, size_t size)
{
	size_t used = 0;

	for (; *path && used + 5 <= size; path++) {
		if (strchr(" \t\n\\", *path))
			used += (size_t)snprintf(escaped + used, size - used, "\\%03o", (unsigned char)*path);
		else
			escaped[used++] = *path;
	}
	if (used < size)
		escaped[used] = 0;
	return !*path && used < size;
}

static int add_share(const struct container_share *share, int (*add)(void *context, const char *line),
		     void *context)
{
	char source[PATH_MAX], target[PATH_MAX], line[2 * PATH_MAX + 64];

	if (!escape(share->source, source, sizeof(source)) || !escape(share->target + 1, target, sizeof(target)))
		return -ENAMETOOLONG;
	snprintf(line, sizeof(line), "%s %s none bind,%s 0 0", source, target,
		 share->device ? "create=file,nosuid,noexec" : "create=dir,nosuid,nodev,noexec");
	return add(context, line);
}

int rootfs_mounts(const struct container_share *shares, unsigned share_count,
		  int (*add)(void *context, const char *line), void *context)
{
	char line[128], target[256];
	int rc;

	/* rbind: a file system that is mounted below /usr cannot be left out without the host's privileges. */
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
	for (unsigned i = 0; !rc && i < share_count; i++)
		rc = add_share(&shares[i], add, context);
	return rc;
}

/* A bind mount's flags are its topmost mount's alone, and a container's own cannot be changed below that. */
static int seal(const char *path)
{
	struct mount_attr sealed = {
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
		.propagation = MS_PRIVATE, /* nor does what the host mounts there later come along */
	};

	if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) ||
	    mount_setattr(AT_FDCWD, path, AT_RECURSIVE, &sealed, sizeof(sealed)))
		return -errno;
	return 0;
}

int rootfs_seal(void)
{
	char path[16], target[256];
	int rc = 0;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL))
		rc = -errno;
	if (!rc)
		rc = seal("/usr");
	for (unsigned i = 0; !rc && i < COUNT(system_directories); i++) {
		if (host_kind(system_directories[i], target, sizeof(target)) != 'd')
			continue;
		snprintf(path, sizeof(path), "/%s", system_directories[i]);
		rc = seal(path);
	}
	if (rc)
		dprintf(STDERR_FILENO, "lb-monitor ERROR seal - rootfs.c - Cannot make the host's programs read-only in "
			"a container: %s\n", strerror(-rc));
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
