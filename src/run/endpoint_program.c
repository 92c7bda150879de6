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
#include <sys/stat.h>
#include <unistd.h>

#include "system/program.h"

#define FIRST "lanebench-endpoint"

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

/* Its libraries must be loaded, from a slow disk perhaps; what it then says, it knows. */
#define ANSWER_MS 10000
#define REMEDY "install what it was built with, or build or install lanebench again"

static void program_ask(const struct endpoint_program *program, struct endpoint_answer *answer)
{
	char name[sizeof(program->name)], path[32], option[] = "--describe";
	char *const argv[] = { name, option, NULL };
	const struct program ask = { .path = path, .argv = argv, .netns = -1 };
	struct error *why = &answer->why;
	char *text;

	memcpy(name, program->name, sizeof(name));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", program->fd); /* the file that was opened */
	if (program_run(&ask, ANSWER_MS, &text, PROCESS_NO_HOOK, why)) {
		snprintf(why->remedy, sizeof(why->remedy), REMEDY);
		return;
	}
	answer->techniques = json_loads(text, 0, NULL);
	free(text);
	if (json_is_array(answer->techniques))
		return;
	json_decref(answer->techniques);
	answer->techniques = NULL;
	error_set(why, EPROTO, REMEDY, "%s does not describe itself", name);
}

void endpoint_programs_ask(const struct endpoint_programs *programs, struct endpoint_answer *answers)
{
	memset(answers, 0, programs->count * sizeof(*answers));
	for (unsigned i = 0; i < programs->count; i++)
		program_ask(&programs->list[i], &answers[i]);
}

void endpoint_answers_free(struct endpoint_answer *answers, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		json_decref(answers[i].techniques);
}
