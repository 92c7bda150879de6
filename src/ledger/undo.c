/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/undo.h"

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
#include "system/tree.h"

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
	return tree_remove(path, LEDGER_FILE, err);
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
		return tree_remove(subject, NULL, err);
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
