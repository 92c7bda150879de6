/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/undo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "testbed/container/container.h"
#include "testbed/host/cgroup.h"
#include "testbed/host/hugepages.h"
#include "testbed/host/links.h"
#include "system/start_time.h"

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

/* `last`: what is removed after all else, and only if that went; NULL = nothing. */
static int remove_directory(const char *path, const char *last, struct error *err)
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

int undo_directory(const char *path, struct error *err)
{
	return remove_directory(path, NULL, err);
}

/* Is something mounted upon it? Also where it cannot be unmounted from here. */
static bool is_mounted(const char *path)
{
	struct statx status;

	return !statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &status) &&
	       status.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

static int undo_mount(const char *path, struct error *err)
{
	int code;

	/* More than one may lie upon another. */
	while (!umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW))
		;
	code = errno;
	/* EINVAL: not a mount point (any more); but also one that is locked, in a user namespace that has it by copy. */
	if ((code == EINVAL || code == ENOENT) && !is_mounted(path))
		return 0;
	return error_errno(err, code, "do it as root, where it was mounted: outside of containers and namespaces",
			   "cannot unmount %s", path);
}

/*
 * What a run mounts is in its ledger. But somebody may have removed the ledger (rm -r goes past mount points);
 * then the kernel still knows. Of hugetlbfs alone, which has nothing that is worth keeping.
 */
static void detach_below(const char *directory)
{
	const struct mntent *found;
	char real[PATH_MAX];
	size_t length;
	FILE *mounts;

	if (!realpath(directory, real))
		return;
	length = strlen(real);
	mounts = setmntent("/proc/self/mounts", "re");
	while (mounts && (found = getmntent(mounts)))
		if (!strcmp(found->mnt_type, "hugetlbfs") && !strncmp(found->mnt_dir, real, length) &&
		    found->mnt_dir[length] == '/')
			undo_mount(found->mnt_dir, NULL);
	if (mounts)
		endmntent(mounts);
}

int undo_run(const char *path, struct error *err)
{
	detach_below(path);
	return remove_directory(path, LEDGER_FILE, err);
}

/* Without pidfds (under valgrind): the pid could be given away between look and kill. */
static bool kill_by_pid(pid_t pid, unsigned long long start)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	for (int waited_ms = 0; waited_ms < UNDO_WAIT_MS; waited_ms++) {
		if (process_start_time(pid) != start)
			return true;
		kill(pid, SIGKILL);
		nanosleep(&pause, NULL);
		waitpid(pid, NULL, WNOHANG); /* a child of ours has its start time until it is reaped */
	}
	return false;
}

/* Kill it and wait until it is gone; false if it stays. */
static bool kill_by_pidfd(int pidfd, pid_t pid, unsigned long long start)
{
	struct pollfd ended = { .fd = pidfd, .events = POLLIN };
	int rc;

	/* After pidfd_open: from here on the descriptor cannot come to mean another process. */
	if (process_start_time(pid) != start || pidfd_send_signal(pidfd, SIGKILL, NULL, 0))
		return process_start_time(pid) != start;
	do
		rc = poll(&ended, 1, UNDO_WAIT_MS);
	while (rc < 0 && errno == EINTR);
	return rc > 0;
}

static int undo_process(const char *subject, const char *detail, struct error *err)
{
	unsigned long long start = detail ? strtoull(detail, NULL, 10) : 0;
	pid_t pid = (pid_t)strtol(subject, NULL, 10);
	bool gone;
	int pidfd;

	if (pid <= 1 || !start)
		return error_set(err, EINVAL, NULL, "'%s' is no process of ours", subject);
	pidfd = pidfd_open(pid, 0);
	if (pidfd < 0) {
		gone = errno == ENOSYS ? kill_by_pid(pid, start) : process_start_time(pid) != start;
	} else {
		gone = kill_by_pidfd(pidfd, pid, start);
		close(pidfd);
	}
	if (!gone)
		return error_set(err, ETIMEDOUT, NULL, "process %d does not end although it was killed",
				 (int)pid);
	waitpid(pid, NULL, WNOHANG); /* if it is a child of ours */
	return 0;
}

static int undo_setting(const struct ledger *ledger, const char *path, const char *value, struct error *err)
{
	int fd, rc = 0;

	if (!value)
		return error_set(err, EINVAL, NULL, "the ledger has no value for %s", path);
	/* That run needs it as it is, and sets it back when it ends. */
	if (ledger_others_have(ledger, LEDGER_SETTING, path, value))
		return 0;
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		/* Its device or module is gone, and the setting with it. */
		return errno == ENOENT ? 0 : error_errno(err, errno, NULL, "cannot set %s back to %s", path,
							 value);
	/* EBUSY: a cgroup controller that others have come to use meanwhile. It is theirs now. */
	if (write(fd, value, strlen(value)) < 0 && errno != EBUSY)
		rc = error_errno(err, errno, NULL, "cannot set %s back to %s", path, value);
	close(fd);
	return rc;
}

static int undo_container(const char *name, const char *runtime, const char *directory, struct error *err)
{
	const struct container_ops *ops = runtime ? container_find(runtime) : NULL;

	if (!ops)
		return error_set(err, EINVAL, "use the lanebench that made it",
				 "container %s has an unknown runtime '%s'",
				 name, runtime ? runtime : "");
	return ops->reap(name, directory, err);
}

static int undo_cgroup(const char *name, struct error *err)
{
	int rc = cgroup_remove(name, UNDO_WAIT_MS, err);

	return rc < 0 ? rc : 0;
}

void undo_describe(enum ledger_kind kind, const char *subject, char *text, size_t size)
{
	static const char *const words[] = {
		[LEDGER_DIRECTORY] = "directory", [LEDGER_MOUNT] = "mount", [LEDGER_PROCESS] = "process",
		[LEDGER_LINK] = "link", [LEDGER_CONTAINER] = "container", [LEDGER_CGROUP] = "cgroup",
		[LEDGER_SETTING] = "setting", [LEDGER_HUGEPAGES] = "hugepages of",
	};

	snprintf(text, size, "%s %s", words[kind], subject);
}

int undo_entry(struct ledger *ledger, const struct ledger_entry *entry, struct error *err)
{
	const char *subject = entry->subject, *detail = entry->detail;

	switch (entry->kind) {
	case LEDGER_DIRECTORY:
		return undo_directory(subject, err);
	case LEDGER_MOUNT:
		return undo_mount(subject, err);
	case LEDGER_PROCESS:
		return undo_process(subject, detail, err);
	case LEDGER_LINK:
		return link_delete(LINKS_HERE, subject, err);
	case LEDGER_CONTAINER:
		return undo_container(subject, detail, ledger->directory, err);
	case LEDGER_CGROUP:
		return undo_cgroup(subject, err);
	case LEDGER_SETTING:
		return undo_setting(ledger, subject, detail, err);
	case LEDGER_HUGEPAGES:
		return hugepages_give_back(ledger, entry->number, subject, detail, err);
	}
	return error_set(err, EINVAL, "use the lanebench that wrote it", "the ledger has an unknown kind %d",
			 entry->kind);
}
