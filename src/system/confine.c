/* SPDX-License-Identifier: Apache-2.0 */
#include "system/confine.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "system/filter.h"
#include "system/process.h"

#define START_WAIT_MS 10000

/* Not lanebench's own environment: what a test does must not depend on the shell that it was started from. */
static char *const standard[] = {
	(char[]){ "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
	(char[]){ "HOME=/" },
	(char[]){ "container=lanebench" },
};

#define STANDARD (sizeof(standard) / sizeof(*standard))
#define ADDED_MAX 16u

int confine_parse(const char *const *names, uint64_t *capabilities, struct error *err)
{
	*capabilities = 0;
	for (; names && *names; names++) {
		int number = capng_name_to_capability(*names);

		if (number < 0)
			return error_set(err, EINVAL, "see capabilities(7)", "unknown capability '%s'",
					 *names);
		*capabilities |= UINT64_C(1) << number;
	}
	return 0;
}

bool confine_may_leave(uint64_t capabilities)
{
	if (capng_get_caps_process())
		return false;
	for (unsigned i = 0; i <= CAP_LAST_CAP; i++)
		if (capabilities & UINT64_C(1) << i && !capng_have_capability(CAPNG_EFFECTIVE, i))
			return false;
	return true;
}

int confine_open(struct confined *confined, int *report_fd, struct error *err)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return error_errno(err, errno, NULL, "cannot make a pipe to a child process");
	*report_fd = fds[0];
	confined->report_fd = fds[1];
	return 0;
}

int confine_fail(const struct confined *confined, int code)
{
	ssize_t size = write(confined->report_fd, &code, sizeof(code));

	return size == sizeof(code) ? 127 : 126;
}

static int make_environment(char *const *added, char *environment[STANDARD + ADDED_MAX + 1])
{
	size_t count = 0;

	for (; count < STANDARD; count++)
		environment[count] = standard[count];
	for (; added && *added; added++) {
		if (count == STANDARD + ADDED_MAX)
			return -E2BIG;
		environment[count++] = *added;
	}
	environment[count] = NULL;
	return 0;
}

static void choose_capabilities(uint64_t capabilities, capng_type_t types)
{
	capng_clear(CAPNG_SELECT_BOTH);
	for (unsigned i = 0; i < 64; i++)
		if (capabilities >> i & 1)
			capng_update(CAPNG_ADD, types, i);
}

static int keep_capabilities(uint64_t capabilities)
{
	choose_capabilities(capabilities, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET);
	if (capng_apply(CAPNG_SELECT_BOTH))
		return -EPERM;
	/*
	 * What is not permitted any more cannot be ambient either; so the kernel says, and no call is
	 * needed.
	 */
	return 0;
}

/*
 * The bounding set goes first, while there is the right to change it. A user other than root keeps over
 * execve what is ambient alone.
 */
static int become_user(uid_t user, uint64_t capabilities)
{
	choose_capabilities(capabilities, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE |
			    CAPNG_BOUNDING_SET);
	if (capng_apply(CAPNG_SELECT_BOUNDS) || prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(0, NULL) ||
	    setresgid(user, user, user) || setresuid(user, user, user) || capng_apply(CAPNG_SELECT_CAPS))
		return -EPERM;
	for (unsigned i = 0; i < 64; i++)
		if (capabilities >> i & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0))
			return -errno;
	return 0;
}

int confine_exec(const struct confined *confined)
{
	char *environment[STANDARD + ADDED_MAX + 1];
	int rc = make_environment(confined->environment, environment);

	if (!rc)
		rc = confined->user ? become_user(confined->user, confined->capabilities) :
		     keep_capabilities(confined->capabilities);
	if (!rc && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		rc = -errno;
	/* Again: a change of user or of capabilities may have cleared it. */
	if (!rc && prctl(PR_SET_PDEATHSIG, SIGKILL))
		rc = -errno;
	if (!rc && close_range(3, ~0U, CLOSE_RANGE_CLOEXEC))
		rc = -errno;
	if (!rc && confined->filter)
		rc = filter_load();
	if (!rc) {
		process_reset_signals();
		execveat(confined->program_fd, "", confined->argv, environment, AT_EMPTY_PATH);
		rc = -errno;
	}
	return confine_fail(confined, -rc);
}

int confine_wait(struct confined *confined, int *report_fd, struct error *err)
{
	struct pollfd report = { .fd = *report_fd, .events = POLLIN };
	ssize_t size = -1;
	int code = ETIMEDOUT, rc;

	close(confined->report_fd);
	confined->report_fd = -1;
	do
		rc = poll(&report, 1, START_WAIT_MS);
	while (rc < 0 && errno == EINTR);
	if (rc > 0)
		size = read(*report_fd, &code, sizeof(code));
	confine_close(confined, report_fd);
	if (size == 0)
		return 0;
	return error_errno(err, code, code == EACCES || code == EPERM ?
			   "all must be allowed to execute it, on a file system without noexec" : NULL,
			   "cannot run %s", confined->argv[0]);
}

void confine_close(struct confined *confined, int *report_fd)
{
	if (confined->report_fd >= 0)
		close(confined->report_fd);
	if (*report_fd >= 0)
		close(*report_fd);
	confined->report_fd = *report_fd = -1;
}
