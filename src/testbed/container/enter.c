/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a program comes into a container, whichever runtime has made that: a child of ours enters its limits and its
 * namespaces, becomes its user, and gives up all that the spec does not name. No library of a runtime's is asked,
 * and so none waited for.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "system/confine.h"
#include "system/sysfs.h"
#include "testbed/container/container.h"
#include "testbed/host/child.h"

#define ENTER_WAIT_MS 10000
#define PROFILE "/proc/%d/attr/apparmor/current"
#define PROFILE_NEXT "/proc/self/attr/apparmor/exec"

/*
 * A process namespace is entered by those born in it: there, the child has another child of lanebench's
 * (CLONE_PARENT) take its place. That one waits until the ledger knows it.
 */
struct entrance {
	const struct container *container;
	const struct program *program;
	struct confined confined;
	char profile[280];  /* of AppArmor: "exec NAME", to be the program's; "" = none */
	int told[2];        /* a pipe: the pid of the other child */
	int go[2];          /* a pipe: one byte lets it go */
	int report;
};

static int enter_namespaces(const struct container *container)
{
	int fd = container->pidfd >= 0 ? container->pidfd : container->netns;

	return setns(fd, container->ops->namespaces) ? -errno : 0;
}

/* Root there, nobody on the host: one whose processes can be counted by the user. */
static int become_user(void)
{
	const struct rlimit processes = { CONTAINER_PROCESSES, CONTAINER_PROCESSES };

	if (setgroups(0, NULL) || setresgid(0, 0, 0) || setresuid(0, 0, 0) || setrlimit(RLIMIT_NPROC, &processes))
		return -errno;
	return 0;
}

static int run(const struct entrance *entrance)
{
	int rc = 0;

	setsid();
	/* What two containers share is their group's (container_spec.group). */
	umask(0007);
	if (entrance->container->ops->namespaces & CLONE_NEWUSER)
		rc = become_user();
	if (!rc && entrance->profile[0])
		rc = sysfs_write(PROFILE_NEXT, entrance->profile);
	return rc ? confine_fail(&entrance->confined, -rc) : program_become(entrance->program, &entrance->confined);
}

static int run_inside(const struct entrance *entrance)
{
	char byte;

	close(entrance->go[1]);
	return read(entrance->go[0], &byte, 1) == 1 ? run(entrance) : 127;
}

static int enter(void *context)
{
	const struct entrance *entrance = context;
	const struct container *container = entrance->container;
	int rc = container_group_enter(&container->programs);
	pid_t pid;

	if (!rc)
		rc = enter_namespaces(container);
	if (rc)
		return confine_fail(&entrance->confined, -rc);
	if (!(container->ops->namespaces & CLONE_NEWPID))
		return run(entrance);
	pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid == 0)
		return run_inside(entrance);
	if (pid < 0)
		return confine_fail(&entrance->confined, errno);
	return write(entrance->told[1], &pid, sizeof(pid)) == sizeof(pid) ? 0 : 126;
}

/* The other child, 0 if there is none: then the first has failed. */
static pid_t wait_told(struct entrance *entrance)
{
	struct pollfd told = { .fd = entrance->told[0], .events = POLLIN };
	pid_t pid = 0;
	int rc;

	close(entrance->told[1]);
	entrance->told[1] = -1;
	do
		rc = poll(&told, 1, ENTER_WAIT_MS);
	while (rc < 0 && errno == EINTR);
	if (rc <= 0 || read(entrance->told[0], &pid, sizeof(pid)) != sizeof(pid))
		return 0;
	return pid;
}

static int replace(struct entrance *entrance, struct process *process, struct error *err)
{
	struct process first = *process;
	pid_t pid = wait_told(entrance);
	int rc;

	if (!pid) {
		rc = confine_wait(&entrance->confined, &entrance->report, err);
		return rc ? rc : error_set(err, ECHILD, NULL, "its namespaces cannot be entered");
	}
	first.socket = -1;
	process_wait(&first, ENTER_WAIT_MS);
	process_stop(&first, 0);
	process->pid = pid;
	process->entry = 0;
	rc = process_begin(process, first.hook, err);
	if (!rc && write(entrance->go[1], "g", 1) != 1)
		rc = error_errno(err, errno, NULL, "cannot let its process go");
	return rc;
}

/* The profile that the container's own processes have is the program's, too. */
static void find_profile(struct entrance *entrance)
{
	char path[64], profile[256];

	snprintf(path, sizeof(path), PROFILE, (int)entrance->container->pid);
	if (!(entrance->container->ops->namespaces & CLONE_NEWNS) || sysfs_read(path, profile, sizeof(profile)))
		return;
	profile[strcspn(profile, " \n")] = 0;
	if (profile[0] && strcmp(profile, "unconfined"))
		snprintf(entrance->profile, sizeof(entrance->profile), "exec %s", profile);
}

static void close_all(int fds[2])
{
	for (unsigned i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static int start(struct entrance *entrance, int error_fd, struct process *process, struct process_hook hook,
		 struct error *err)
{
	bool twice = entrance->container->ops->namespaces & CLONE_NEWPID;
	int rc;

	if (pipe2(entrance->told, O_CLOEXEC) || pipe2(entrance->go, O_CLOEXEC))
		return error_errno(err, errno, errno == EMFILE ? "raise the limit of open files (ulimit -n)" : NULL,
				   "cannot make a pipe to a child process");
	rc = confine_open(&entrance->confined, &entrance->report, err);
	rc = rc ? rc : process_spawn(process, hook, entrance->program->talks, error_fd, enter, entrance, err);
	if (!rc && twice)
		rc = replace(entrance, process, err);
	return rc ? rc : confine_wait(&entrance->confined, &entrance->report, err);
}

/* The same for endpoints and for the programs of a switch. */
static int container_run(struct container *container, const struct program *program, int program_fd,
			 uint64_t capabilities, int error_fd, struct process *process, struct process_hook hook,
			 struct error *err)
{
	struct entrance entrance = {
		.container = container,
		.program = program,
		.confined = { .program_fd = program_fd, .argv = program->argv, .environment = program->environment,
			      .capabilities = capabilities, .filter = program->filter, .report_fd = -1 },
		.told = { -1, -1 }, .go = { -1, -1 }, .report = -1,
	};
	int rc;

	*process = (struct process)PROCESS_NONE;
	find_profile(&entrance);
	rc = start(&entrance, error_fd, process, hook, err);
	confine_close(&entrance.confined, &entrance.report);
	close_all(entrance.told);
	close_all(entrance.go);
	if (rc) {
		process_stop(process, 0);
		error_prefix(err, "container %s", container->name);
	}
	return rc;
}

int container_exec(struct container *container, int program_fd, char *const argv[], int error_fd,
		   struct process *process, struct ledger *ledger, struct error *err)
{
	const struct program program = { .argv = argv, .talks = true, .filter = true };

	return container_run(container, &program, program_fd, container->capabilities, error_fd, process,
			     child_hook(ledger), err);
}

static int place_start(void *context, const struct program *program, int error_fd, struct process *process,
		       struct process_hook hook, struct error *err)
{
	uint64_t capabilities;
	int fd, rc = confine_parse(program->capabilities, &capabilities, err);

	if (rc)
		return rc;
	fd = open(program->path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, NULL, "cannot run %s", program->path);
	rc = container_run(context, program, fd, capabilities, error_fd, process, hook, err);
	close(fd);
	return rc;
}

struct program_place container_place(struct container *container)
{
	return (struct program_place){ place_start, container };
}
