/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/ledger_undo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testbed/container/container.h"
#include "testbed/host/cgroup.h"
#include "testbed/host/links.h"
#include "testbed/process.h"

/* A directory below dir_fd, but never one that something is mounted upon: a bind mount may lead to the host's /usr. */
static int open_unmounted(int dir_fd, const char *name)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
	};

	return (int)syscall(SYS_openat2, dir_fd, name, &how, sizeof(how));
}

/* Empty the directory behind fd, which is closed. 0 or -errno; goes on past what cannot be removed. */
static int empty_directory(int fd)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	int child, rc = 0, one;

	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while ((entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (!unlinkat(fd, entry->d_name, 0) || errno == ENOENT)
			continue;
		one = -errno;
		if (errno == EISDIR || errno == EPERM) {
			child = open_unmounted(fd, entry->d_name);
			one = child < 0 ? -errno : empty_directory(child);
			if (!one && unlinkat(fd, entry->d_name, AT_REMOVEDIR) && errno != ENOENT)
				one = -errno;
		}
		if (one && one != -ENOENT && !rc)
			rc = one;
	}
	closedir(dir);
	return rc;
}

int undo_directory(const char *path, struct error *err)
{
	char parent[4096];
	char *name;
	int parent_fd, fd, rc = 0;

	snprintf(parent, sizeof(parent), "%s", path);
	name = strrchr(parent, '/');
	if (!name || name == parent || !name[1])
		return error_set(err, EINVAL, NULL, "%s is no directory of ours", path);
	*name++ = 0;
	parent_fd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parent_fd < 0)
		return errno == ENOENT ? 0 : error_errno(err, errno, NULL, "cannot remove %s", path);
	/* Relative to its parent, so that a mount upon the directory itself is seen. */
	fd = open_unmounted(parent_fd, name);
	if (fd < 0)
		rc = -errno;
	else
		rc = empty_directory(fd);
	if (!rc && unlinkat(parent_fd, name, AT_REMOVEDIR))
		rc = -errno;
	close(parent_fd);
	if (rc == -EXDEV || rc == -EBUSY)
		return error_errno(err, -rc, "unmount it", "cannot remove %s: something is mounted in it", path);
	if (rc && rc != -ENOENT)
		return error_errno(err, -rc, NULL, "cannot remove %s", path);
	return 0;
}

static int undo_mount(const char *path, struct error *err)
{
	/* EINVAL: not a mount point (any more). More than one may lie upon another. */
	while (!umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW))
		;
	if (errno == EINVAL || errno == ENOENT)
		return 0;
	return error_errno(err, errno, NULL, "cannot unmount %s", path);
}

static int undo_process(const char *subject, const char *detail, struct error *err)
{
	unsigned long long start = detail ? strtoull(detail, NULL, 10) : 0;
	struct pollfd ended = { .fd = -1, .events = POLLIN };
	pid_t pid = (pid_t)strtol(subject, NULL, 10);
	int rc = 0;

	if (pid <= 1)
		return error_set(err, EINVAL, NULL, "'%s' is no process of ours", subject);
	ended.fd = pidfd_open(pid, 0);
	if (ended.fd < 0)
		return errno == ESRCH || errno == EINVAL ? 0 :
		       error_errno(err, errno, NULL, "cannot open process %d", (int)pid);
	/* After pidfd_open: from here on the descriptor cannot come to mean another process. */
	if (process_start_time(pid) != start)
		goto out;
	if (pidfd_send_signal(ended.fd, SIGKILL, NULL, 0) && errno != ESRCH) {
		rc = error_errno(err, errno, NULL, "cannot kill process %d", (int)pid);
		goto out;
	}
	do
		rc = poll(&ended, 1, UNDO_WAIT_MS);
	while (rc < 0 && errno == EINTR);
	if (rc == 0)
		rc = error_set(err, ETIMEDOUT, NULL, "process %d does not end although it was killed", (int)pid);
	else
		rc = 0;
	waitpid(pid, NULL, WNOHANG); /* if it is a child of ours */
out:
	close(ended.fd);
	return rc;
}

static int undo_setting(const char *path, const char *value, struct error *err)
{
	int fd, rc = 0;

	if (!value)
		return error_set(err, EINVAL, NULL, "the ledger has no value for %s", path);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		/* Its device or module is gone, and the setting with it. */
		return errno == ENOENT ? 0 : error_errno(err, errno, NULL, "cannot set %s back to %s", path, value);
	if (write(fd, value, strlen(value)) < 0)
		rc = error_errno(err, errno, NULL, "cannot set %s back to %s", path, value);
	close(fd);
	return rc;
}

static int undo_container(const char *name, const char *runtime, const char *directory, struct error *err)
{
	const struct container_ops *ops = runtime ? container_find(runtime) : NULL;

	if (!ops)
		return error_set(err, EINVAL, "use the lanebench that made it", "container %s has an unknown runtime '%s'",
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
		[LEDGER_SETTING] = "setting",
	};

	snprintf(text, size, "%s %s", words[kind], subject);
}

int undo_entry(enum ledger_kind kind, const char *subject, const char *detail, const char *directory,
	       struct error *err)
{
	switch (kind) {
	case LEDGER_DIRECTORY:
		return undo_directory(subject, err);
	case LEDGER_MOUNT:
		return undo_mount(subject, err);
	case LEDGER_PROCESS:
		return undo_process(subject, detail, err);
	case LEDGER_LINK:
		return link_delete(LINKS_HERE, subject, err);
	case LEDGER_CONTAINER:
		return undo_container(subject, detail, directory, err);
	case LEDGER_CGROUP:
		return undo_cgroup(subject, err);
	case LEDGER_SETTING:
		return undo_setting(subject, detail, err);
	}
	return error_set(err, EINVAL, "use the lanebench that wrote it", "the ledger has an unknown kind %d", kind);
}
