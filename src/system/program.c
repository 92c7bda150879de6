/* SPDX-License-Identifier: Apache-2.0 */
#include "system/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "system/confine.h"
#include "system/deadline.h"
#include "system/sysfs.h"
#include "util/text.h"

#define OUTPUT_MAX (16u << 20)

/* What the child needs. */
struct start {
	const struct program *program;
	struct confined confined;
};

static int enter_processors(const struct program *program)
{
	cpu_set_t set;

	if (!program->processors)
		return 0;
	CPU_ZERO(&set);
	for (unsigned i = 0; i < program->processor_count; i++)
		CPU_SET(program->processors[i], &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

static int enter_cgroup(const char *cgroup)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	return sysfs_write(path, "0");
}

int program_become(const struct program *program, const struct confined *confined)
{
	int rc = enter_processors(program);

	if (!rc && program->directory && chdir(program->directory))
		rc = -errno;
	if (!rc && program->talks && program->merge && dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
		rc = -errno;
	if (!rc && !program->talks && !program->mute && dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		rc = -errno;
	return rc ? confine_fail(confined, -rc) : confine_exec(confined);
}

static int enter(void *context)
{
	const struct start *start = context;
	const struct program *program = start->program;
	int rc = program->cgroup ? enter_cgroup(program->cgroup) : 0;

	if (!rc && program->netns >= 0 && setns(program->netns, CLONE_NEWNET))
		rc = -errno;
	if (!rc && program->view)
		rc = view_enter(program->view);
	return rc ? confine_fail(&start->confined, -rc) : program_become(program, &start->confined);
}

static int start_with(const struct program *program, int error_fd, struct process *process,
		      struct process_hook hook, struct error *err)
{
	struct start start = {
		.program = program,
		.confined = { .argv = program->argv, .environment = program->environment, .user = program->user,
			      .filter = program->filter, .report_fd = -1 },
	};
	int report = -1, rc;

	*process = (struct process)PROCESS_NONE;
	if (program->place)
		return program->place->start(program->place->context, program, error_fd, process, hook, err);
	rc = confine_parse(program->capabilities, &start.confined.capabilities, err);
	if (rc)
		return rc;
	start.confined.program_fd = open(program->path, O_PATH | O_CLOEXEC);
	if (start.confined.program_fd < 0)
		return error_errno(err, errno, NULL, "cannot run %s", program->path);
	rc = confine_open(&start.confined, &report, err);
	if (!rc)
		rc = process_spawn(process, hook, program->talks, error_fd, enter, &start, err);
	if (!rc) {
		rc = confine_wait(&start.confined, &report, err);
		if (rc)
			process_stop(process, 0);
	}
	confine_close(&start.confined, &report);
	close(start.confined.program_fd);
	return rc;
}

int program_start(const struct program *program, struct process *process, struct process_hook hook,
		  struct error *err)
{
	return start_with(program, program->log_fd, process, hook, err);
}

/* All that it prints until it closes its output. */
static int gather(int fd, const struct deadline *deadline, char **text, struct error *err)
{
	size_t used = 0, room = 0;

	for (;;) {
		struct pollfd readable = { .fd = fd, .events = POLLIN };
		ssize_t size;

		if (room - used < 2) {
			char *more = room < OUTPUT_MAX ? realloc(*text, room = room ? 2 * room : 4096) : NULL;

			if (!more)
				return error_set(err, ENOMEM, NULL, "it prints too much");
			*text = more;
		}
		if (poll(&readable, 1, deadline_left_ms(deadline)) == 0)
			return error_set(err, ETIMEDOUT, NULL, "it does not end");
		size = read(fd, *text + used, room - used - 1);
		if (size < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (size <= 0)
			break;
		used += (size_t)size;
	}
	(*text)[used] = 0;
	return 0;
}

static int conclude(const struct program *program, struct process *process, int errors, char *text,
		    const struct deadline *deadline, struct error *err)
{
	char end[128], said[512];

	if (!process_wait(process, deadline_left_ms(deadline)))
		return error_set(err, ETIMEDOUT, NULL, "it does not end");
	if (process->status == 0)
		return 0;
	process_describe_end(process, end, sizeof(end));
	if (program->merge)
		snprintf(said, sizeof(said), "%s", text_last_line(text));
	else
		text_last_words(errors, said, sizeof(said));
	return error_set(err, EIO, NULL, "it %s%s%s", end, said[0] ? ": " : "", said);
}

int program_run(const struct program *program, int timeout_ms, char **output, struct process_hook hook,
		struct error *err)
{
	struct program talking = *program;
	struct process process = PROCESS_NONE;
	const struct deadline deadline = deadline_after_ms(timeout_ms);
	char *text = NULL;
	int errors, rc;

	if (output)
		*output = NULL;
	errors = memfd_create("lanebench-errors", MFD_CLOEXEC);
	if (errors < 0)
		return error_errno(err, errno, NULL, "cannot run %s", program->path);
	talking.talks = true;
	rc = start_with(&talking, errors, &process, hook, err);
	if (rc)
		goto out;
	shutdown(process.socket, SHUT_WR);
	rc = gather(process.socket, &deadline, &text, err);
	if (!rc)
		rc = conclude(program, &process, errors, text, &deadline, err);
	if (rc)
		error_prefix(err, "%s", program->argv[0]);
out:
	process_stop(&process, 0);
	close(errors);
	if (!rc && output)
		*output = text;
	else
		free(text);
	return rc;
}

const char *program_find(const char *const *paths)
{
	for (; *paths; paths++)
		if (!access(*paths, X_OK))
			return *paths;
	return NULL;
}
