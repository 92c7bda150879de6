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
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <lxc/lxccontainer.h>
#include <lxc/version.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "system/confine.h"
#include "testbed/container/container.h"
#include "testbed/container/lxc_configure.h"
#include "testbed/container/lxc_controllers.h"
#include "testbed/container/lxc_log.h"
#include "testbed/container/rootfs.h"
#include "system/deadline.h"
#include "testbed/host/cgroup.h"
#include "system/log_file.h"
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
#define STOP_WAIT_MS 5000

struct lxc_runtime_container {
	struct container base;
	struct lxc_container *lxc;
	struct process monitor;
	int init_pidfd;
	int entry;               /* ledger number */
	uint64_t capabilities;
	char *run_directory, *log_path;
};

static struct lxc_runtime_container *to_lxc(struct container *container)
{
	return (struct lxc_runtime_container *)container;
}

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
	if (lxc_configure_log(lxc, container->log_path, NULL))
		return 1;
	lxc->want_daemonize(lxc, false);
	return lxc->start(lxc, 0, NULL) ? 0 : 1;
}

/*
 * Wait until the container runs. The monitor opens its command socket first thing and serves it once the
 * container runs, so one question is enough as soon as there is somebody to ask.
 */
static int wait_running(struct lxc_runtime_container *container, struct error *err)
{
	const struct deadline deadline = deadline_after_ms(START_WAIT_MS);
	struct lxc_container *lxc = container->lxc;

	do {
		pid_t pid = lxc->init_pid(lxc);

		if (pid > 0) {
			container->base.pid = pid;
			return 0;
		}
		if (process_ended(&container->monitor))
			return error_set(err, ECHILD, NULL, "the container's monitor ended");
	} while (deadline_pause(&deadline, START_PAUSE_US));
	return error_set(err, ETIMEDOUT, NULL, "not running after %d s", START_WAIT_MS / 1000);
}

static int start(struct lxc_runtime_container *container, struct ledger *ledger, struct error *err)
{
	char path[32];
	int rc;

	rc = process_spawn(&container->monitor, child_hook(ledger), false, -1, monitor, container, err);
	if (!rc)
		rc = wait_running(container, err);
	if (rc)
		return rc;
	/* While its monitor lives and we hold its descriptor, the pid is the init's. */
	container->init_pidfd = pidfd_open(container->base.pid, 0);
	if (container->init_pidfd < 0 && errno != ENOSYS) /* valgrind has none: its pid must do */
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

/* liblxc follows whatever lies where its log shall be. */
static int make_log(const char *path, struct error *err)
{
	int fd = log_file_open(path, err);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* liblxc would make them, too, and never remove them; they may also be the host's own. */
static int provide_locks(struct ledger *ledger, struct error *err)
{
	int rc = directory_provide(LXC_DIRECTORY, 0755, ledger, err);

	return rc ? rc : directory_provide(LOCK_DIRECTORY, 0755, ledger, err);
}

static int lxc_create(struct container **made, const struct container_spec *spec, struct ledger *ledger,
		      struct error *err)
{
	struct lxc_runtime_container *container = calloc(1, sizeof(*container));
	off_t log_start = lxc_log_size(spec->log_path);
	int rc;

	*made = NULL;
	if (!container)
		return error_set(err, ENOMEM, NULL, "cannot make container %s: out of memory", spec->name);
	snprintf(container->base.name, sizeof(container->base.name), "%s", spec->name);
	container->base.ops = &lxc_runtime;
	container->base.netns = container->init_pidfd = -1;
	container->monitor = (struct process)PROCESS_NONE;
	container->run_directory = strdup(ledger_directory(ledger));
	container->log_path = strdup(spec->log_path);
	if (!container->run_directory || !container->log_path)
		rc = error_set(err, ENOMEM, NULL, "out of memory");
	else
		rc = confine_parse(spec->capabilities, &container->capabilities, err);
	if (!rc)
		rc = make_log(spec->log_path, err);
	if (!rc)
		rc = provide_locks(ledger, err);
	if (!rc) {
		lxc_controllers_switch_on(ledger);
		rc = container->entry = ledger_add(ledger, &container_kind, spec->name, lxc_runtime.name, err);
	}
	if (rc >= 0)
		rc = build(container, spec, err);
	if (!rc) {
		rc = start(container, ledger, err);
		if (rc)
			lxc_log_explain(spec->log_path, log_start, err);
	}
	if (!rc)
		rc = lxc_configure_log(container->lxc, spec->log_path, err);
	if (rc) {
		lxc_destroy(&container->base, ledger, NULL);
		forget_name(err, spec->name);
		return error_prefix(err, "cannot start a container");
	}
	*made = &container->base;
	return 0;
}

struct attached {
	int go; /* one byte comes when the ledger knows the process */
	struct confined confined;
};

/* In the container, after liblxc has entered it. */
static int attached_run(void *context)
{
	const struct attached *attached = context;
	char byte;

	setsid();
	if (read(attached->go, &byte, 1) != 1)
		return 127;
	return confine_exec(&attached->confined);
}

/* The process behind a pidfd, 0 if it is none. */
static pid_t pidfd_process(int fd)
{
	char path[64], line[128];
	int pid = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file) && sscanf(line, "Pid: %d", &pid) != 1)
		;
	if (file)
		fclose(file);
	return pid;
}

/*
 * liblxc 5.0.2 forgets to close a pidfd of the container's init with every attach: a suite of many tests
 * would run out of descriptors. Whatever it has opened got the lowest numbers that were free, `first` and
 * above.
 */
static void close_forgotten(const struct lxc_runtime_container *container, int first)
{
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		int fd = atoi(entry->d_name);

		if (fd >= first && fd != container->init_pidfd && pidfd_process(fd) == container->base.pid)
			close(fd);
	}
	if (directory)
		closedir(directory);
}

static int attach(struct lxc_runtime_container *container, struct attached *attached, int error_fd,
		  struct process *process, struct error *err)
{
	lxc_attach_options_t options = {
		.attach_flags = LXC_ATTACH_DEFAULT,
		.namespaces = -1, /* all that the init has */
		.personality = LXC_ATTACH_DETECT_PERSONALITY,
		.initial_cwd = (char[]){ "/" },
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.env_policy = LXC_ATTACH_CLEAR_ENV,
		.log_fd = -EBADF,
	};
	int null = -1, socket = -1, first, rc;

	rc = process_open_socket(process, &socket, err);
	if (rc)
		return rc;
	if (error_fd < 0)
		error_fd = null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	options.stdin_fd = options.stdout_fd = socket;
	options.stderr_fd = error_fd;
	first = fcntl(socket, F_DUPFD_CLOEXEC, 0);
	if (first >= 0)
		close(first);
	if (container->lxc->attach(container->lxc, attached_run, attached, &options, &process->pid)) {
		process->pid = 0;
		rc = error_set(err, EIO, NULL, "liblxc cannot enter it");
	}
	if (first >= 0)
		close_forgotten(container, first);
	close(socket);
	if (null >= 0)
		close(null);
	return rc;
}

/* Let it go once the ledger knows it, and see it run. */
static int release(struct process *process, struct ledger *ledger, int go, struct error *err)
{
	int rc = process_begin(process, child_hook(ledger), err);

	if (rc)
		return rc;
	return write(go, "g", 1) == 1 ? 0 : error_errno(err, errno, NULL, "cannot release its process");
}

static int lxc_exec(struct container *base, int program_fd, char *const argv[], int error_fd,
		    struct process *process, struct ledger *ledger, struct error *err)
{
	struct lxc_runtime_container *container = to_lxc(base);
	struct attached attached = {
		.confined = { .program_fd = program_fd, .argv = argv, .capabilities = container->capabilities,
			      .report_fd = -1 },
	};
	off_t log_start = lxc_log_size(container->log_path);
	int go[2] = { -1, -1 }, report = -1, rc;

	*process = (struct process)PROCESS_NONE;
	if (pipe2(go, O_CLOEXEC))
		return error_errno(err, errno, NULL, "container %s: cannot make a pipe", base->name);
	attached.go = go[0];
	rc = confine_open(&attached.confined, &report, err);
	if (!rc) {
		rc = attach(container, &attached, error_fd, process, err);
		if (rc)
			lxc_log_explain(container->log_path, log_start, err);
	}
	close(go[0]);
	if (!rc)
		rc = release(process, ledger, go[1], err);
	close(go[1]);
	if (!rc)
		rc = confine_wait(&attached.confined, &report, err);
	confine_close(&attached.confined, &report);
	if (rc) {
		process_stop(process, 0);
		return error_prefix(err, "container %s", base->name);
	}
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
	struct lxc_runtime_container *container = to_lxc(base);
	int rc = 0;

	/* The kernel takes along all that runs in the container; then its monitor tidies up and ends. */
	if (base->pid > 0 && !process_ended(&container->monitor)) {
		if (container->init_pidfd >= 0)
			pidfd_send_signal(container->init_pidfd, SIGKILL, NULL, 0);
		else
			kill(base->pid, SIGKILL);
		process_wait(&container->monitor, STOP_WAIT_MS);
	}
	process_stop(&container->monitor, 0);
	if (container->init_pidfd >= 0)
		close(container->init_pidfd);
	if (base->netns >= 0)
		close(base->netns);
	if (container->lxc)
		lxc_container_put(container->lxc);
	if (container->entry > 0)
		rc = ledger_undo(ledger, container->entry, err);
	free(container->run_directory);
	free(container->log_path);
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
	.owner = LXC_OWNER,
	.probe = lxc_probe,
	.create = lxc_create,
	.exec = lxc_exec,
	.destroy = lxc_destroy,
	.reap = lxc_reap,
	.version = lxc_version,
};
