/* SPDX-License-Identifier: Apache-2.0 */
#include "lanebench/endpoint_program.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int endpoint_program_open(struct error *err)
{
	/* Installed: LIBEXECDIR. Not installed: Meson leaves each program in its source folder's twin. */
	static const char *const beside[] = { "lanebench-endpoint", "../endpoint/lanebench-endpoint" };
	char self[PATH_MAX] = "", path[PATH_MAX + 64];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int fd;

	if (n > 0) {
		const char *folder = dirname(self);

		for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
			snprintf(path, sizeof(path), "%s/%s", folder, beside[i]);
			fd = open(path, O_RDONLY | O_CLOEXEC);
			if (fd >= 0)
				return fd;
		}
	}
	fd = open(LANEBENCH_LIBEXECDIR "/lanebench-endpoint", O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	return error_errno(err, errno, "install lanebench again (make install), or run it from its build folder",
			   "cannot find lanebench-endpoint, neither beside lanebench nor in " LANEBENCH_LIBEXECDIR);
}

static char *read_all(int fd)
{
	char *text = NULL;
	size_t used = 0, room = 0;

	for (;;) {
		ssize_t n;

		if (room - used < 4096) {
			char *more = realloc(text, room += 16384);

			if (!more)
				break;
			text = more;
		}
		n = read(fd, text + used, room - used - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			text[used] = 0;
			return text;
		}
		used += (size_t)n;
	}
	free(text);
	return NULL;
}

json_t *endpoint_program_describe(int program, struct error *err)
{
	char *const argv[] = { (char[]){ "lanebench-endpoint" }, (char[]){ "--describe" }, NULL };
	int fds[2], status = 0;
	char *text = NULL;
	json_t *json = NULL;
	json_error_t wrong;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC)) {
		error_errno(err, errno, NULL, "cannot ask lanebench-endpoint");
		return NULL;
	}
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		execveat(program, "", argv, environ, AT_EMPTY_PATH);
		_exit(127);
	}
	close(fds[1]);
	if (pid > 0) {
		text = read_all(fds[0]);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(fds[0]);
	if (text)
		json = json_loads(text, 0, &wrong);
	free(text);
	if (json_is_array(json) && status == 0)
		return json;
	json_decref(json);
	error_set(err, EPROTO, "build or install lanebench again", "lanebench-endpoint does not describe itself");
	return NULL;
}
