/* SPDX-License-Identifier: Apache-2.0 */
#include "system/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * How long a process that was sent SIGKILL may take to be gone: one that the kernel holds longer never
 * comes back.
 */
#define KILL_WAIT_MS 5000

#define TRY_WAIT_MS 5000
#define SOCKET_BYTES (1 << 20)

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* What a child says at once must find room, whenever it is read; beyond what all may have, if we may. */
static void make_room(int fd)
{
	int bytes = SOCKET_BYTES;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

static int open_socket(struct process *process, int *child, struct error *err)
{
	int ends[2], code;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return error_errno(err, errno, errno == EMFILE ? "raise the limit of open files (ulimit -n)" : NULL,
				   "cannot make a socket to a child process");
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK)) {
		code = errno;
		close(ends[0]);
		close(ends[1]);
		return error_errno(err, code, NULL, "cannot make a socket to a child process");
	}
	make_room(ends[1]);
	process->socket = ends[0];
	*child = ends[1];
	return 0;
}

/* What the child needs between fork and its work. */
struct birth {
	pid_t parent;
	int go;           /* one byte comes when the hook lets the child go */
	int standard[3];  /* its descriptors 0, 1, 2; -1 = /dev/null */
};

static int child_standard(const struct birth *birth)
{
	for (int i = 0; i < 3; i++) {
		int fd = birth->standard[i];

		if (fd < 0)
			fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		/* dup2 onto itself would leave close-on-exec set. */
		if (fd == i ? fcntl(fd, F_SETFD, 0) : dup2(fd, i) < 0)
			return -errno;
	}
	return close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) ? -errno : 0;
}

void process_reset_signals(void)
{
	struct sigaction standard = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		sigaction(number, &standard, NULL); /* fails for KILL and STOP, as it should */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

__attribute__((noreturn)) static void child_run(const struct birth *birth, int (*child)(void *context),
						void *context)
{
	ssize_t size;
	char byte;

	/*
	 * The parent may have died before prctl; then its signal never comes, but we are somebody else's
	 * child.
	 */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != birth->parent)
		_exit(127);
	process_reset_signals();
	do
		size = read(birth->go, &byte, 1);
	while (size < 0 && errno == EINTR);
	if (size != 1) /* the parent died, or its hook wants no child */
		_exit(127);
	setsid();
	if (child_standard(birth))
		_exit(127);
	_exit(child(context));
}

/* Fork with all signals blocked: the child must not run our handlers. */
static pid_t fork_quietly(void)
{
	sigset_t all, before;
	pid_t pid;
	int code;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	code = errno;
	if (pid != 0)
		sigprocmask(SIG_SETMASK, &before, NULL);
	errno = code;
	return pid;
}

int process_begin(struct process *process, struct process_hook hook, struct error *err)
{
	process->hook = hook;
	return hook.begun ? hook.begun(process, hook.context, err) : 0;
}

int process_spawn(struct process *process, struct process_hook hook, bool talks, int error_fd,
		  int (*child)(void *context), void *context, struct error *err)
{
	struct birth birth = { .parent = getpid(), .go = -1, .standard = { -1, -1, error_fd } };
	int go[2] = { -1, -1 };
	int rc;

	*process = (struct process)PROCESS_NONE;
	if (pipe2(go, O_CLOEXEC))
		return error_errno(err, errno, NULL, "cannot make a pipe to a child process");
	if (talks) {
		rc = open_socket(process, &birth.standard[0], err);
		if (rc)
			goto out;
		birth.standard[1] = birth.standard[0];
	}
	process->pid = fork_quietly();
	if (process->pid == 0) {
		/*
		 * Our ends: with them open, a child that runs no other program would never see the end of
		 * its input.
		 */
		close(go[1]);
		close_fd(&process->socket);
		birth.go = go[0];
		child_run(&birth, child, context);
	}
	if (process->pid < 0) {
		rc = error_errno(err, errno, "look at the limits of processes and memory",
				 "cannot start a child process");
		process->pid = 0;
		goto out;
	}
	rc = process_begin(process, hook, err);
	if (!rc && write(go[1], "g", 1) != 1)
		rc = error_errno(err, errno, NULL, "cannot release a child process");
out:
	close_fd(&go[0]);
	close_fd(&go[1]);
	close_fd(&birth.standard[0]);
	if (rc)
		process_stop(process, 0);
	return rc;
}

bool process_ended(struct process *process)
{
	pid_t pid;

	if (!process->pid || process->reaped)
		return true;
	do
		pid = waitpid(process->pid, &process->status, WNOHANG);
	while (pid < 0 && errno == EINTR);
	/* ECHILD: the hook has undone it, and reaped it for us. */
	process->reaped = pid != 0;
	return process->reaped;
}

void process_describe_end(const struct process *process, char *text, size_t size)
{
	int status = process->status;

	if (!process->pid)
		snprintf(text, size, "was never started");
	else if (!process->reaped)
		snprintf(text, size, "is running");
	else if (WIFSIGNALED(status))
		snprintf(text, size, "was killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(text, size, "exited with status %d", WEXITSTATUS(status));
}

bool process_wait(struct process *process, int timeout_ms)
{
	struct pollfd ended = { .fd = -1, .events = POLLIN };

	if (process_ended(process))
		return true;
	ended.fd = pidfd_open(process->pid, 0);
	if (ended.fd < 0) { /* no descriptor left, or no pidfds (under valgrind): look again and again */
		for (; timeout_ms > 0 && !process_ended(process); timeout_ms--)
			poll(NULL, 0, 1);
		return process_ended(process);
	}
	/* A signal to lanebench does not end the wait. */
	while (poll(&ended, 1, timeout_ms) < 0 && errno == EINTR)
		;
	close_fd(&ended.fd);
	return process_ended(process);
}

void process_stop(struct process *process, int grace_ms)
{
	if (process->socket >= 0)
		shutdown(process->socket, SHUT_WR);
	if (grace_ms > 0 && !process_ended(process)) {
		kill(process->pid, SIGTERM);
		process_wait(process, grace_ms);
	}
	if (!process_ended(process)) {
		kill(process->pid, SIGKILL);
		process_wait(process, KILL_WAIT_MS);
	}
	close_fd(&process->socket);
	if (process_ended(process) && process->hook.ended)
		process->hook.ended(process, process->hook.context);
}

int process_each_thread(pid_t pid, int (*each)(pid_t thread, void *context), void *context)
{
	char path[32];
	const struct dirent *entry;
	DIR *threads;
	int rc = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	threads = opendir(path);
	while (threads && !rc && (entry = readdir(threads)))
		if (*entry->d_name != '.')
			rc = each((pid_t)atoi(entry->d_name), context);
	if (threads)
		closedir(threads);
	return rc;
}

int process_try(int (*child)(void *context), void *context, struct error *err)
{
	struct process process;
	char end[128];
	int rc = process_spawn(&process, PROCESS_NO_HOOK, false, -1, child, context, err);

	if (rc)
		return rc;
	if (!process_wait(&process, TRY_WAIT_MS))
		rc = error_set(err, ETIMEDOUT, NULL, "a child process does not end");
	else if (WIFEXITED(process.status))
		rc = WEXITSTATUS(process.status);
	else {
		process_describe_end(&process, end, sizeof(end));
		rc = error_set(err, EIO, NULL, "a child process %s", end);
	}
	process_stop(&process, 0);
	return rc;
}
