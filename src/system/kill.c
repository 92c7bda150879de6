/* SPDX-License-Identifier: Apache-2.0 */
#include "system/kill.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "system/deadline.h"
#include "system/start_time.h"

#define PAUSE_US 1000

/*
 * A pidfd means one process for ever: whatever is found out about the pid after it was opened, and while the
 * process has not been reaped, is true of the process that the signal goes to.
 */
int process_kill_if(pid_t pid, bool (*is_meant)(pid_t pid, void *context), void *context)
{
	int fd = pidfd_open(pid, 0), rc = 0;

	if (fd < 0)
		return errno == ESRCH ? 0 : -errno;
	if (is_meant(pid, context) && pidfd_send_signal(fd, SIGKILL, NULL, 0) && errno != ESRCH)
		rc = -errno;
	close(fd);
	return rc;
}

static bool has_started(pid_t pid, void *context)
{
	return process_start_time(pid) == *(const unsigned long long *)context;
}

/* Until it is reaped, its pid is nobody else's. */
static bool is_own_child(pid_t pid)
{
	siginfo_t info;

	return !waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
}

int process_kill(pid_t pid, unsigned long long start_time, int timeout_ms, struct error *err)
{
	const struct deadline deadline = deadline_after_ms(timeout_ms);
	int rc = process_kill_if(pid, has_started, &start_time);

	if (rc == -ENOSYS && is_own_child(pid) && has_started(pid, &start_time))
		rc = kill(pid, SIGKILL) ? -errno : 0;
	if (rc == -ENOSYS && process_start_time(pid) != start_time)
		rc = 0;
	if (rc)
		return error_errno(err, -rc, rc == -ENOSYS ? "use Linux 5.3 or later, or end it by hand" : NULL,
				   "cannot kill process %d", (int)pid);
	/* A zombie has no start time any more. */
	while (has_started(pid, &start_time))
		if (!deadline_pause(&deadline, PAUSE_US))
			return error_set(err, ETIMEDOUT, NULL, "process %d does not end although it was killed",
					 (int)pid);
	waitpid(pid, NULL, WNOHANG);
	return 0;
}
