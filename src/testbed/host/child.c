/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/host/child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "system/start_time.h"

#define UNDO_WAIT_MS 5000

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

static int undo(struct ledger *ledger, const struct ledger_entry *entry, struct error *err)
{
	unsigned long long start = entry->detail ? strtoull(entry->detail, NULL, 10) : 0;
	pid_t pid = (pid_t)strtol(entry->subject, NULL, 10);
	bool gone;
	int pidfd;

	if (pid <= 1 || !start)
		return error_set(err, EINVAL, NULL, "'%s' is no process of ours", entry->subject);
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

const struct ledger_kind process_kind = { .name = "process", .noun = "process", .undo = undo };

int child_note(struct ledger *ledger, pid_t pid, struct error *err)
{
	unsigned long long start;
	char subject[16], detail[24];
	int code;

	errno = 0;
	start = process_start_time(pid);
	code = errno ? errno : ESRCH;
	if (!start)
		return error_set(err, code, code == EMFILE ? "raise the limit of open files (ulimit -n)" :
				 "mount /proc", "cannot read the start time of process %d",
				 (int)pid);
	snprintf(subject, sizeof(subject), "%d", (int)pid);
	snprintf(detail, sizeof(detail), "%llu", start);
	return ledger_add(ledger, &process_kind, subject, detail, err);
}

static int child_begun(struct process *process, void *context, struct error *err)
{
	int rc = child_note(context, process->pid, err);

	if (rc < 0)
		return rc;
	process->entry = rc;
	return 0;
}

static void child_ended(struct process *process, void *context)
{
	if (process->entry > 0 && !ledger_strike(context, process->entry, NULL))
		process->entry = 0;
}

struct process_hook child_hook(struct ledger *ledger)
{
	return ledger ? (struct process_hook){ child_begun, child_ended, ledger } : PROCESS_NO_HOOK;
}
