/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/host/namespace.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/sysfs.h"
#include "testbed/host/child.h"

/* The kernel gives the initial user namespace a fixed inode number (PROC_USER_INIT_INO). */
#define USER_NAMESPACE_INITIAL 0xEFFFFFFDU
#define HOLDER_WAIT_MS 5000

static int loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return -errno;
	rc = ioctl(fd, SIOCSIFFLAGS, &request) ? -errno : 0;
	close(fd);
	return rc;
}

/* The holder: tells its errno (0 = ready) on its standard output, then sleeps until it is killed. */
static int hold(void *context)
{
	int code = 0;

	prctl(PR_SET_NAME, "lb-hold");
	if (unshare(CLONE_NEWNET))
		code = errno;
	else
		code = -loopback_up();
	if (write(STDOUT_FILENO, &code, sizeof(code)) != sizeof(code) || code)
		return 1;
	/* It holds the namespace and nothing else: no lock, socket or file of lanebench's. */
	close_range(0, ~0U, 0);
	for (;;)
		pause();
}

static int holder_wait(struct process *holder, const char *name, struct error *err)
{
	struct pollfd ready = { .fd = holder->socket, .events = POLLIN };
	ssize_t size;
	int code, rc;

	do
		rc = poll(&ready, 1, HOLDER_WAIT_MS);
	while (rc < 0 && errno == EINTR);
	size = rc > 0 ? read(holder->socket, &code, sizeof(code)) : -1;
	if (size != sizeof(code))
		return error_set(err, ETIMEDOUT, NULL,
				 "the process that holds network namespace %s did not start", name);
	if (code == EPERM)
		return error_errno(err, code, "run lanebench as root, or with the runtime netns",
				   "cannot make network namespace %s", name);
	if (code == ENOSPC)
		return error_errno(err, code, "raise sysctl user.max_net_namespaces",
				   "cannot make network namespace %s", name);
	if (code)
		return error_errno(err, code, NULL, "cannot make network namespace %s", name);
	return 0;
}

int namespace_create(struct net_namespace *ns, const char *name, struct ledger *ledger, struct error *err)
{
	char path[32];
	int rc;

	ns->fd = -1;
	rc = process_spawn(&ns->holder, child_hook(ledger), true, -1, hold, NULL, err);
	if (rc)
		return error_prefix(err, "network namespace %s", name);
	rc = holder_wait(&ns->holder, name, err);
	if (rc)
		goto fail;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)ns->holder.pid);
	ns->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (ns->fd < 0) {
		rc = error_errno(err, errno, NULL, "cannot open %s of network namespace %s", path, name);
		goto fail;
	}
	return 0;
fail:
	namespace_destroy(ns);
	return rc;
}

void namespace_destroy(struct net_namespace *ns)
{
	/* fd 0 of a struct that was zeroed and never created is not ours. */
	if (!ns->holder.pid)
		return;
	if (ns->fd >= 0)
		close(ns->fd);
	ns->fd = -1;
	process_stop(&ns->holder, 0);
	ns->holder = (struct process)PROCESS_NONE;
}

static long read_number(const char *path, long missing)
{
	FILE *file = fopen(path, "re");
	long value = missing;

	if (!file)
		return missing;
	if (fscanf(file, "%ld", &value) != 1)
		value = missing;
	fclose(file);
	return value;
}

/* Which of the kernel's or the distribution's switches stands against user namespaces. */
static const char *user_namespace_remedy(int code)
{
	if (read_number("/proc/sys/kernel/unprivileged_userns_clone", 1) == 0)
		return "run lanebench as root, or allow it: sysctl -w kernel.unprivileged_userns_clone=1";
	if (read_number("/proc/sys/user/max_user_namespaces", 1) == 0)
		return "run lanebench as root, or allow it: sysctl -w user.max_user_namespaces=10000";
	if (read_number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 0) > 0)
		return "run lanebench as root, or allow user namespaces: "
		       "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
	if (code == ENOSPC)
		return "raise the sysctls user.max_user_namespaces, "
		       "user.max_net_namespaces and user.max_mnt_namespaces";
	if (namespace_is_root())
		return "leave the chroot, or the seccomp profile, that forbids user namespaces; or use the runtime "
		       "netns";
	return "run lanebench as root; a seccomp profile or a chroot may forbid user namespaces, too";
}

static int try_user(void *context)
{
	return unshare(CLONE_NEWUSER) ? errno : 0;
}

int namespace_probe_user(struct error *err)
{
	int code = process_try(try_user, NULL, err);

	if (code < 0)
		return error_prefix(err, "cannot try a user namespace");
	if (!code)
		return 0;
	return error_errno(err, code,
			   code == EINVAL ? "run a kernel with CONFIG_USER_NS" : user_namespace_remedy(code),
			   "cannot make a user namespace");
}

int namespace_enter_user(struct error *err)
{
	char users[32], groups[32];
	int rc;

	/*
	 * The ledger stays where this user's runs and `clean` look for it; from the inside we seem to be
	 * root.
	 */
	if (setenv("LANEBENCH_STATE", ledger_state_directory(), 1))
		return error_errno(err, errno, NULL, "cannot enter a user namespace");
	/* Before unshare: after it, we are nobody until the maps are written. */
	snprintf(users, sizeof(users), "0 %u 1\n", (unsigned)geteuid());
	snprintf(groups, sizeof(groups), "0 %u 1\n", (unsigned)getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS)) {
		rc = errno; /* before the search for a remedy changes it */
		return error_errno(err, rc, user_namespace_remedy(rc), "cannot enter a user namespace");
	}
	rc = sysfs_write("/proc/self/setgroups", "deny");
	if (!rc)
		rc = sysfs_write("/proc/self/uid_map", users);
	if (!rc)
		rc = sysfs_write("/proc/self/gid_map", groups);
	if (rc)
		return error_errno(err, -rc, user_namespace_remedy(-rc),
				   "cannot become root in a user namespace");
	return 0;
}

bool namespace_is_root(void)
{
	struct stat user;

	/* A kernel without user namespaces has only the initial one. */
	if (!stat("/proc/self/ns/user", &user) && user.st_ino != USER_NAMESPACE_INITIAL)
		return false;
	if (capng_get_caps_process())
		return false;
	return capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_ADMIN) &&
	       capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN);
}
