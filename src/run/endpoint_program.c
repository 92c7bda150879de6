/* SPDX-License-Identifier: Apache-2.0 */
#include "run/endpoint_program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/text.h"

#define FIRST "lanebench-endpoint"
#define ANSWER_MAX (1 << 20)
#define NOT_RUN 127 /* exit status of a program that was not run, also where the loader lacks a library */

/* ---- finding them -------------------------------------------------------------------------------------- */

/* Is this the name of an endpoint program? (Not that of a copy that an editor or a packager has left.) */
static bool name_fits(const char *name)
{
	size_t length = strlen(FIRST);

	if (strncmp(name, FIRST, length) != 0)
		return false;
	if (!name[length])
		return true;
	return name[length] == '-' && name[length + 1] &&
	       !name[length + 1 + strspn(name + length + 1, "abcdefghijklmnopqrstuvwxyz0123456789-")];
}

static int fits(const struct dirent *entry)
{
	return name_fits(entry->d_name);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name); /* a name comes before those that it begins */
}

static void programs_add(struct endpoint_programs *programs, int folder, const char *name)
{
	struct endpoint_program *program = &programs->list[programs->count];
	struct stat st;
	int fd;

	if (programs->count == ENDPOINT_PROGRAMS_MAX || strlen(name) >= sizeof(program->name))
		return;
	fd = openat(folder, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !(st.st_mode & 0111)) {
		close(fd);
		return;
	}
	snprintf(program->name, sizeof(program->name), "%s", name);
	snprintf(program->what, sizeof(program->what), "%s", name[strlen(FIRST)] ? name + strlen(FIRST) + 1 : "");
	program->fd = fd;
	programs->count++;
}

/* All of the folder, if lanebench-endpoint is among them. */
static bool programs_in(struct endpoint_programs *programs, const char *path)
{
	struct dirent **names;
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int count = folder < 0 ? -1 : scandirat(folder, ".", &names, fits, by_name);

	for (int i = 0; i < count; i++) {
		programs_add(programs, folder, names[i]->d_name);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	if (folder >= 0)
		close(folder);
	if (programs->count && !programs->list[0].what[0])
		return true;
	endpoint_programs_close(programs);
	return false;
}

int endpoint_programs_open(struct endpoint_programs *programs, struct error *err)
{
	/* Installed: LIBEXECDIR. Not installed: Meson leaves each program in its source folder's twin. */
	static const char *const beside[] = { ".", "../endpoint" };
	char self[PATH_MAX] = "", path[PATH_MAX + 64];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	memset(programs, 0, sizeof(*programs));
	if (n > 0) {
		const char *folder = dirname(self);

		for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
			snprintf(path, sizeof(path), "%s/%s", folder, beside[i]);
			if (programs_in(programs, path))
				return 0;
		}
	}
	if (programs_in(programs, LANEBENCH_LIBEXECDIR))
		return 0;
	return error_set(err, ENOENT, "install lanebench again (make install), or run it from its build folder",
			 "cannot find " FIRST ", neither beside lanebench nor in " LANEBENCH_LIBEXECDIR);
}

void endpoint_programs_close(struct endpoint_programs *programs)
{
	while (programs->count)
		close(programs->list[--programs->count].fd);
}

/* ---- asking them --------------------------------------------------------------------------------------- */

/* A program that is answering. What it writes goes to memory, so that no full pipe can hold it up. */
struct inquiry {
	pid_t pid;
	int out, error;
};

static void inquiry_child(const struct endpoint_program *program, const struct inquiry *inquiry)
{
	char name[sizeof(program->name)];
	char *const argv[] = { name, (char[]){ "--describe" }, NULL };

	memcpy(name, program->name, sizeof(name));
	dup2(inquiry->out, STDOUT_FILENO);
	dup2(inquiry->error, STDERR_FILENO);
	execveat(program->fd, "", argv, environ, AT_EMPTY_PATH);
	dprintf(STDERR_FILENO, "%s: %s\n", name, strerror(errno));
	_exit(NOT_RUN);
}

static void inquiry_begin(struct inquiry *inquiry, const struct endpoint_program *program)
{
	*inquiry = (struct inquiry){ .pid = -1, .out = memfd_create("lanebench-answer", MFD_CLOEXEC),
				     .error = memfd_create("lanebench-answer", MFD_CLOEXEC) };
	if (inquiry->out < 0 || inquiry->error < 0)
		return;
	inquiry->pid = fork();
	if (inquiry->pid == 0)
		inquiry_child(program, inquiry);
}

/* What was written into the file, to be freed. */
static char *text_of(int fd)
{
	off_t length = lseek(fd, 0, SEEK_END);
	char *text = length >= 0 && length < ANSWER_MAX ? malloc((size_t)length + 1) : NULL;
	ssize_t n = text ? pread(fd, text, (size_t)length, 0) : -1;

	if (text)
		text[n < 0 ? 0 : n] = 0;
	return text;
}

/* Why there is no answer: its last words, or how it ended. */
static void explain(const struct endpoint_program *program, const struct inquiry *inquiry, int status,
		    struct error *why)
{
	char *words = text_of(inquiry->error);
	const char *line = words ? text_last_line(words) : "";

	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_RUN)
		error_set(why, ENOEXEC, "install what it was built with, or build lanebench again", "%s",
			  line[0] ? line : "it cannot be run");
	else
		error_set(why, EPROTO, "build or install lanebench again", "%s does not describe itself%s%s",
			  program->name, line[0] ? ": " : "", line);
	free(words);
}

static void inquiry_end(struct inquiry *inquiry, const struct endpoint_program *program,
			struct endpoint_answer *answer)
{
	int status = -1;
	char *text = NULL;

	if (inquiry->pid > 0) {
		while (waitpid(inquiry->pid, &status, 0) < 0 && errno == EINTR)
			;
		text = text_of(inquiry->out);
	}
	answer->techniques = text && status == 0 ? json_loads(text, 0, NULL) : NULL;
	free(text);
	if (!json_is_array(answer->techniques)) {
		json_decref(answer->techniques);
		answer->techniques = NULL;
		explain(program, inquiry, status, &answer->why);
	}
	if (inquiry->out >= 0)
		close(inquiry->out);
	if (inquiry->error >= 0)
		close(inquiry->error);
}

void endpoint_programs_ask(const struct endpoint_programs *programs, struct endpoint_answer *answers)
{
	struct inquiry inquiries[ENDPOINT_PROGRAMS_MAX];

	memset(answers, 0, programs->count * sizeof(*answers));
	for (unsigned i = 0; i < programs->count; i++)
		inquiry_begin(&inquiries[i], &programs->list[i]);
	for (unsigned i = 0; i < programs->count; i++)
		inquiry_end(&inquiries[i], &programs->list[i], &answers[i]);
}

void endpoint_answers_free(struct endpoint_answer *answers, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		json_decref(answers[i].techniques);
}
