/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The runtime lxc: an unprivileged container by liblxc, although lanebench is root: a user namespace whose
 * ids are nobody's on the host, all other namespaces, a read-only root of the host's /usr, and a BusyBox
 * for init.
 *
 * liblxc's monitor, which would make itself a daemon, is a child of ours instead, known to the ledger
 * before it runs and killed with us; and liblxc has the kernel kill a container's init with its monitor. So
 * nothing that runs outlives lanebench, whenever and however it ends. What may stay are cgroups (all below
 * one that has the container's name), the container's directory, and an empty directory for liblxc's locks:
 * lxc_reap removes these.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <lxc/lxccontainer.h>
#include <lxc/version.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/confine.h"
#include "testbed/container/container.h"
#include "testbed/container/lxc_configure.h"
#include "testbed/container/lxc_controllers.h"
#include "testbed/container/lxc_log.h"
#include "testbed/container/rootfs.h"
#include "system/deadline.h"
#include "testbed/host/cgroup.h"
#include "testbed/host/namespace.h"
#include "system/tree.h"
#include "testbed/host/child.h"
#include "testbed/host/directory.h"

extern const struct container_ops lxc_runtime;
static int lxc_destroy(struct container *base, struct ledger *ledger, struct error *err);

#define LXC_DIRECTORY "/run/lxc"
#define LOCK_DIRECTORY LXC_DIRECTORY "/lock"
#define START_WAIT_MS 10000
#define START_PAUSE_US 500
#define LOOK_MS 20 /* how soon it is seen that the monitor has ended */
#define STOP_WAIT_MS 5000

struct lxc_runtime_container {
	struct container base;   /* its process is the container's init */
	struct lxc_container *lxc;
	struct process monitor;
	int entry;               /* ledger number */
	const struct log_file *log;
	char *run_directory;
};

static int lxc_probe(struct error *err)
{
	if (!namespace_is_root())
		return error_set(err, EPERM, "run lanebench as root, or with the runtime netns",
				 "the runtime lxc needs root");
	if (!rootfs_busybox())
		return error_set(err, ENOENT, "apt install busybox-static",
				 "no busybox, which is the containers' init");
	if (access(LXC_SECCOMP_PROFILE, R_OK))
		return error_set(err, ENOENT, "apt install liblxc-common", "no %s", LXC_SECCOMP_PROFILE);
	return namespace_probe_user(err) ? -err->code : cgroup_probe(err);
}

/* The child that is the monitor: returns when the container has ended. */
static int monitor(void *context)
{
	struct lxc_runtime_container *container = context;
	struct lxc_container *lxc = container->lxc;

	prctl(PR_SET_NAME, "lb-monitor");
	/* Our lock, sockets and files: none of the container's business. */
	close_range(3, ~0U, 0);
	/*
	 * With newuidmap in the PATH, liblxc demands that /etc/subuid gives root our ids; root needs no
	 * such grant.
	 */
	setenv("PATH", "", 1);
	/* A path that is this log, whatever becomes of the record's; the container's init does not get it. */
	if (lxc_configure_log(lxc, "/proc/self/fd/2", NULL) || rootfs_seal() || dup2(STDIN_FILENO, STDERR_FILENO) < 0)
		return 1;
	lxc->want_daemonize(lxc, false);
	return lxc->start(lxc, 0, NULL) ? 0 : 1;
}

/*
 * The monitor opens its command socket first thing and serves it once the container runs, so one question is
 * enough as soon as there is somebody to ask. liblxc waits for the answer without end: so a child asks, which can
 * be killed.
 */
static int ask(void *context)
{
	struct lxc_container *lxc = context;
	pid_t pid;

	while ((pid = lxc->init_pid(lxc)) <= 0)
		usleep(START_PAUSE_US);
	return write(STDOUT_FILENO, &pid, sizeof(pid)) == sizeof(pid) ? 0 : 1;
}

static int wait_answer(struct lxc_runtime_container *container, int fd, struct error *err)
{
	const struct deadline deadline = deadline_after_ms(START_WAIT_MS);
	struct pollfd answer = { .fd = fd, .events = POLLIN };

	do {
		if (poll(&answer, 1, LOOK_MS) > 0)
			return read(fd, &container->base.pid, sizeof(pid_t)) == sizeof(pid_t) ? 0 :
			       error_set(err, ECHILD, NULL, "liblxc does not tell its init");
		if (process_ended(&container->monitor))
			return error_set(err, ECHILD, NULL, "the container's monitor ended");
	} while (deadline_left_ms(&deadline));
	return error_set(err, ETIMEDOUT, NULL, "not running after %d s", START_WAIT_MS / 1000);
}

static int wait_running(struct lxc_runtime_container *container, struct ledger *ledger, struct error *err)
{
	struct process asker;
	int rc = process_spawn(&asker, child_hook(ledger), true, -1, ask, container->lxc, err);

	if (!rc)
		rc = wait_answer(container, asker.socket, err);
	process_stop(&asker, 0);
	return rc;
}

static int start(struct lxc_runtime_container *container, struct ledger *ledger, struct error *err)
{
	char path[32];
	int rc;

	rc = process_spawn(&container->monitor, child_hook(ledger), false, container->log->fd, monitor, container, err);
	if (!rc)
		rc = wait_running(container, ledger, err);
	if (rc)
		return rc;
	/* While its monitor lives and we hold its descriptor, the pid is the init's. */
	container->base.pidfd = pidfd_open(container->base.pid, 0);
	if (container->base.pidfd < 0)
		return error_errno(err, errno, NULL, "its init is gone");
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)container->base.pid);
	container->base.netns = open(path, O_RDONLY | O_CLOEXEC);
	if (container->base.netns < 0)
		return error_errno(err, errno, NULL, "its init is gone");
	return 0;
}

static int make_passable(const char *path, struct error *err)
{
	/* The container's root is nobody to the host, and must pass whatever the umask says. */
	if ((mkdir(path, 0711) && errno != EEXIST) || chmod(path, 0711))
		return error_errno(err, errno, NULL, "cannot make %s", path);
	return 0;
}

static int make_directories(const char *run_directory, const struct container_spec *spec, char root[4200],
			    struct error *err)
{
	int rc;

	snprintf(root, 4200, "%s/lxc", run_directory);
	rc = make_passable(root, err);
	snprintf(root, 4200, "%s/lxc/%s", run_directory, spec->name);
	rc = rc ? rc : make_passable(root, err);
	snprintf(root, 4200, "%s/lxc/%s/rootfs", run_directory, spec->name);
	return rc ? rc : rootfs_make(root, spec->shares, spec->share_count, err);
}

static int build(struct lxc_runtime_container *container, const struct container_spec *spec,
		 struct error *err)
{
	char root[4200], lxcpath[4200];
	int rc;

	rc = make_directories(container->run_directory, spec, root, err);
	if (rc)
		return rc;
	snprintf(lxcpath, sizeof(lxcpath), "%s/lxc", container->run_directory);
	container->lxc = lxc_container_new(spec->name, lxcpath);
	if (!container->lxc)
		return error_set(err, EIO, NULL, "liblxc cannot make a container in %s", lxcpath);
	return lxc_configure(container->lxc, spec, root, err);
}

/* The same cause shall read the same for each container: reports group by it. */
static void forget_name(struct error *err, const char *name)
{
	for (char *at = err ? strstr(err->cause, name) : NULL; at; at = strstr(at, name))
		memmove(at, at + strlen(name), strlen(at + strlen(name)) + 1);
}

/* liblxc would make them, too, and never remove them; they may also be the host's own. */
static int provide_locks(struct ledger *ledger, struct error *err)
{
	int rc = directory_provide(LXC_DIRECTORY, 0755, ledger, err);

	return rc ? rc : directory_provide(LOCK_DIRECTORY, 0755, ledger, err);
}

static int create(struct lxc_runtime_container *container, const struct container_spec *spec,
		  struct ledger *ledger, struct error *err)
{
	int rc = confine_parse(spec->capabilities, &container->base.capabilities, err);

	container->run_directory = strdup(ledger_directory(ledger));
	if (!rc && !container->run_directory)
		rc = error_set(err, ENOMEM, NULL, "out of memory");
	if (!rc)
		rc = provide_locks(ledger, err);
	if (rc)
		return rc;
	lxc_controllers_switch_on(ledger);
	rc = container->entry = ledger_add(ledger, spec->kind, spec->name, lxc_runtime.name, err);
	if (rc >= 0)
		rc = build(container, spec, err);
	if (!rc) {
		rc = start(container, ledger, err);
		if (rc)
			lxc_log_explain(spec->log, err);
	}
	return rc ? rc : container_group_make(&container->base.programs, spec->name, &spec->limits, ledger, err);
}

static int lxc_create(struct container **made, const struct container_spec *spec, struct ledger *ledger,
		      struct error *err)
{
	struct lxc_runtime_container *container = calloc(1, sizeof(*container));
	int rc;

	*made = NULL;
	if (!container)
		return error_set(err, ENOMEM, NULL, "cannot make container %s: out of memory", spec->name);
	snprintf(container->base.name, sizeof(container->base.name), "%s", spec->name);
	container->base.ops = &lxc_runtime;
	container->base.netns = container->base.pidfd = -1;
	container->monitor = (struct process)PROCESS_NONE;
	container->log = spec->log;
	rc = create(container, spec, ledger, err);
	if (rc) {
		lxc_destroy(&container->base, ledger, NULL);
		forget_name(err, spec->name);
		error_prefix(err, "cannot start a container");
		return rc;
	}
	*made = &container->base;
	return 0;
}

/* liblxc makes LOCK_DIRECTORY/LXCPATH for its locks and never removes it. */
static void remove_locks(const char *run_directory)
{
	char path[4300];

	snprintf(path, sizeof(path), LOCK_DIRECTORY "%s/lxc", run_directory);
	while (strcmp(path, LOCK_DIRECTORY) && (!rmdir(path) || errno == ENOENT))
		*strrchr(path, '/') = 0;
}

static int lxc_reap(const char *name, const char *directory, struct error *err)
{
	char path[4200];
	int rc;

	rc = cgroup_remove(name, STOP_WAIT_MS, err);
	if (rc < 0)
		return rc;
	snprintf(path, sizeof(path), "%s/lxc/%s", directory, name);
	rc = tree_remove(path, NULL, err);
	if (!rc)
		remove_locks(directory);
	return rc;
}

static int lxc_destroy(struct container *base, struct ledger *ledger, struct error *err)
{
	struct lxc_runtime_container *container = (struct lxc_runtime_container *)base;
	int rc = container_group_remove(&base->programs, ledger, err);

	/* The kernel takes along all that runs in the container; then its monitor tidies up and ends. */
	if (base->pidfd >= 0 && !process_ended(&container->monitor)) {
		pidfd_send_signal(base->pidfd, SIGKILL, NULL, 0);
		process_wait(&container->monitor, STOP_WAIT_MS);
	}
	process_stop(&container->monitor, 0);
	if (base->pidfd >= 0)
		close(base->pidfd);
	if (base->netns >= 0)
		close(base->netns);
	if (container->lxc)
		lxc_container_put(container->lxc);
	if (container->entry > 0) {
		int undone = ledger_undo(ledger, container->entry, rc ? NULL : err);

		rc = rc ? rc : undone;
	}
	free(container->run_directory);
	free(container);
	return rc;
}

static void lxc_version(char *text, size_t size)
{
	snprintf(text, size, "liblxc %s", lxc_get_version());
}

const struct container_ops lxc_runtime = {
	.name = "lxc",
	.summary = "unprivileged containers of liblxc's, with the host's /usr read-only",
	.unprivileged = false,
	.own_files = true,
	.namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET |
		      CLONE_NEWCGROUP,
	.probe = lxc_probe,
	.create = lxc_create,
	.destroy = lxc_destroy,
	.reap = lxc_reap,
	.version = lxc_version,
};
