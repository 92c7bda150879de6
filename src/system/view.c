/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that is to be seen is taken from the host's tree first, each as a mount that is nowhere; then the new
 * root is put somewhere, and filled: so it does not matter what that hides.
 */
#include "system/view.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PLACE "/proc" /* every host has it */
#define READ_ONLY (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define OWN (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define DEVICE (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)

/* Where /usr is merged all but the first are links into it. */
static const char *const programs[] = { "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", NULL };
/* DPDK does not start where it cannot look whether a module is loaded. */
static const char *const known[] = {
	"/etc/ld.so.cache", "/etc/alternatives", "/sys/devices/system", "/sys/kernel/mm", "/sys/module", NULL
};
static const char *const devices[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", NULL };

/* A path of the host's on its way into the view. */
struct piece {
	const char *path;
	mode_t type;
	int mount;          /* -1 = a link, or not there */
	char target[256];   /* of a link */
};

#define PIECES_MAX 32

struct pieces {
	struct piece list[PIECES_MAX];
	unsigned count;
};

static int piece_take(struct pieces *pieces, const char *path, uint64_t attributes)
{
	struct piece *piece = &pieces->list[pieces->count];
	struct mount_attr attr = { .attr_set = attributes, .propagation = MS_PRIVATE };
	struct stat found;
	ssize_t length;

	if (pieces->count == PIECES_MAX)
		return -E2BIG;
	if (lstat(path, &found))
		return errno == ENOENT ? 0 : -errno;
	*piece = (struct piece){ .path = path, .type = found.st_mode & S_IFMT, .mount = -1 };
	pieces->count++;
	if (S_ISLNK(found.st_mode)) {
		length = readlink(path, piece->target, sizeof(piece->target));
		if (length < 0 || length == sizeof(piece->target))
			return -ENAMETOOLONG;
		return 0;
	}
	piece->mount = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (piece->mount < 0 ||
	    mount_setattr(piece->mount, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)))
		return -errno;
	return 0;
}

static int pieces_take(struct pieces *pieces, const char *const *paths, uint64_t attributes)
{
	int rc = 0;

	for (; paths && *paths && !rc; paths++)
		rc = piece_take(pieces, *paths, attributes);
	return rc;
}

/* Below the working directory: the directories on the way to it, and what the piece can be mounted on. */
static int piece_place(const struct piece *piece)
{
	const char *path = piece->path + 1;
	char above[PATH_MAX];
	int fd;

	if (strlen(path) >= sizeof(above))
		return -ENAMETOOLONG;
	strcpy(above, path);
	for (char *slash = strchr(above, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(above, 0755) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	if (S_ISLNK(piece->type))
		return symlink(piece->target, path) ? -errno : 0;
	if (S_ISDIR(piece->type)) {
		if (mkdir(path, 0755) && errno != EEXIST)
			return -errno;
	} else {
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		if (fd < 0)
			return -errno;
		close(fd);
	}
	return move_mount(piece->mount, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) ? -errno : 0;
}

/* A file system of its own, with an option or two. Returns a mount that is nowhere, or -errno. */
static int file_system(const char *type, const char *const options[][2], unsigned attributes)
{
	int context = fsopen(type, FSOPEN_CLOEXEC), mount = -1, code;
	bool set = context >= 0;

	for (unsigned i = 0; set && i < 2 && options[i][0]; i++)
		set = !fsconfig(context, FSCONFIG_SET_STRING, options[i][0], options[i][1], 0);
	if (set && !fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		mount = fsmount(context, FSMOUNT_CLOEXEC, attributes);
	code = errno;
	if (context >= 0)
		close(context);
	return mount >= 0 ? mount : -code;
}

static int add_file_system(const char *path, const char *type, const char *const options[][2], unsigned attributes)
{
	int mount = file_system(type, options, attributes), rc = 0;

	if (mount < 0)
		return mount;
	if (mkdir(path, 0755) || move_mount(mount, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH))
		rc = -errno;
	close(mount);
	return rc;
}

/* The working directory becomes the new root, which is empty. */
static int root_make(void)
{
	static const char *const options[][2] = { { "mode", "0755" }, { "size", "1m" } };
	int root = file_system("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV), rc = 0;

	if (root < 0)
		return root;
	if (move_mount(root, "", AT_FDCWD, PLACE, MOVE_MOUNT_F_EMPTY_PATH) || fchdir(root))
		rc = -errno;
	close(root);
	return rc;
}

static int root_fill(const struct pieces *pieces)
{
	static const char *const mine[][2] = { { "hidepid", "2" }, { NULL, NULL } };
	static const char *const small[][2] = { { "mode", "1777" }, { "size", "16m" } };
	int rc = add_file_system("proc", "proc", mine, OWN);

	/* First: what is to be seen may lie below it. */
	rc = rc ? rc : add_file_system("tmp", "tmpfs", small, OWN);
	for (unsigned i = 0; i < pieces->count && !rc; i++)
		rc = piece_place(&pieces->list[i]);
	return rc;
}

/* What was the root is not reachable any more. */
static int root_enter(void)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	if (syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/") ||
	    mount_setattr(AT_FDCWD, "/", 0, &attr, sizeof(attr)))
		return -errno;
	return 0;
}

int view_enter(const struct view *view)
{
	struct pieces pieces = { .count = 0 };
	mode_t before = umask(022); /* its user, who is not root, must pass */
	int rc = 0;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		rc = -errno;
	rc = rc ? rc : pieces_take(&pieces, programs, READ_ONLY);
	rc = rc ? rc : pieces_take(&pieces, known, READ_ONLY);
	rc = rc ? rc : pieces_take(&pieces, devices, DEVICE);
	rc = rc ? rc : pieces_take(&pieces, view->devices, DEVICE);
	rc = rc ? rc : pieces_take(&pieces, view->own, OWN);
	rc = rc ? rc : root_make();
	rc = rc ? rc : root_fill(&pieces);
	rc = rc ? rc : root_enter();
	for (unsigned i = 0; i < pieces.count; i++)
		if (pieces.list[i].mount >= 0)
			close(pieces.list[i].mount);
	umask(before);
	return rc;
}
