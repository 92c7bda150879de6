/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/neighbour.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system/program.h"
#include "testbed/host/child.h"
#include "util/text.h"

#define VERSION_WAIT_MS 2000
#define GRACE_MS 500 /* between the request to end and the end of its cgroup */

static const char *const stress_paths[] = { "/usr/bin/stress-ng", "/usr/local/bin/stress-ng", NULL };
/* Finds a program as people do, by its name, and runs scripts, too. */
static const char *const env_paths[] = { "/usr/bin/env", "/bin/env", NULL };

/* What stress-ng calls the loads. */
static const struct load {
	const char *name, *option;
} loads[] = {
	{ "cpu", "--cpu" },       /* computes, in its own caches: takes processor time alone */
	{ "cache", "--cache" },   /* reads and writes all over the shared cache */
	{ "memory", "--stream" }, /* takes memory bandwidth, as the STREAM benchmark does */
};

static const char *load_option(const char *name)
{
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
		if (!strcmp(loads[i].name, name))
			return loads[i].option;
	return NULL;
}

int neighbour_probe(const struct neighbour_spec *spec, struct error *err)
{
	if (!strcmp(spec->name, NEIGHBOUR_COMMAND)) {
		if (!spec->command)
			return error_set(err, ENOENT, "name it on the command line, at its end: "
					 "--neighbour-command PROGRAM ARGUMENT...",
					 "neighbour command: none was given");
		return program_find(env_paths) ? 0 :
		       error_set(err, ENOENT, "apt install coreutils", "neighbour command: there is no env");
	}
	if (!load_option(spec->name))
		return error_set(err, EINVAL, NULL, "unknown neighbour '%s'", spec->name);
	if (!program_find(stress_paths))
		return error_set(err, ENOENT, "apt install stress-ng", "neighbour %s: no stress-ng",
				 spec->name);
	return 0;
}

static int take_words(struct neighbour *neighbour, const char *const *words, size_t count)
{
	neighbour->argv = calloc(count + 1, sizeof(*neighbour->argv));
	for (size_t i = 0; neighbour->argv && i < count; i++) {
		neighbour->argv[i] = strdup(words[i]);
		if (!neighbour->argv[i])
			return -ENOMEM;
	}
	return neighbour->argv ? 0 : -ENOMEM;
}

static int make_stress_argv(struct neighbour *neighbour, const struct neighbour_spec *spec)
{
	char workers[16];
	const char *const words[] = {
		"stress-ng", load_option(spec->name), workers, "--timeout", "0",
		"--temp-path", spec->directory,
	};

	snprintf(workers, sizeof(workers), "%u", spec->workers);
	return take_words(neighbour, words, sizeof(words) / sizeof(words[0]));
}

static int make_command_argv(struct neighbour *neighbour, const struct neighbour_spec *spec)
{
	size_t count = 0;
	const char **words;
	int rc;

	while (spec->command[count])
		count++;
	words = calloc(count + 2, sizeof(*words));
	if (!words)
		return -ENOMEM;
	words[0] = "env";
	words[1] = "--";
	for (size_t i = 0; i < count; i++)
		words[i + 2] = spec->command[i];
	rc = take_words(neighbour, words, count + 2);
	free(words);
	return rc;
}

static int prepare(struct neighbour *neighbour, const struct neighbour_spec *spec, struct error *err)
{
	bool command = !strcmp(spec->name, NEIGHBOUR_COMMAND);
	int rc = command ? make_command_argv(neighbour, spec) : make_stress_argv(neighbour, spec);

	neighbour->processors = calloc(spec->processor_count, sizeof(int));
	neighbour->directory = strdup(spec->directory);
	neighbour->log_fd = spec->log_fd;
	if (rc || !neighbour->processors || !neighbour->directory)
		return error_errno(err, ENOMEM, NULL, "cannot start the neighbour");
	memcpy(neighbour->processors, spec->processors, spec->processor_count * sizeof(int));
	neighbour->processor_count = spec->processor_count;
	snprintf(neighbour->name, sizeof(neighbour->name), "%s", spec->name);
	return 0;
}

/* "stress-ng, version 0.15.06 (gcc 12.2.0, ...)": the first three words, if it says so. */
static void ask_version(struct neighbour *neighbour, const char *path, struct ledger *ledger)
{
	char name[] = "stress-ng", option[] = "--version";
	char *const argv[] = { name, option, NULL };
	const struct program program = { .path = path, .argv = argv, .netns = -1 };
	char *text = NULL, *paren;

	if (program_run(&program, VERSION_WAIT_MS, &text, child_hook(ledger), NULL))
		return;
	paren = strstr(text, " (");
	if (paren)
		*paren = 0;
	snprintf(neighbour->version, sizeof(neighbour->version), "%.*s", (int)strcspn(text, "\n"), text);
	free(text);
}

int neighbour_start(struct neighbour *neighbour, const struct neighbour_spec *spec, struct ledger *ledger,
		    struct error *err)
{
	bool command = !load_option(spec->name);
	struct program program = {
		.directory = command ? NULL : spec->directory,
		.netns = -1,
		.log_fd = spec->log_fd,
		.mute = command, /* it may print without end */
		.processors = spec->processors,
		.processor_count = spec->processor_count,
	};
	int rc;

	memset(neighbour, 0, sizeof(*neighbour));
	neighbour->process = (struct process)PROCESS_NONE;
	neighbour->user = (struct program_user)PROGRAM_USER_NONE;
	rc = neighbour_probe(spec, err);
	if (!rc)
		rc = prepare(neighbour, spec, err);
	if (!rc && !command)
		rc = program_user_take(&neighbour->user, neighbour->directory, NULL, NULL, err);
	if (!rc)
		rc = cpu_group_make(&neighbour->group, spec->group, spec->workers, ledger, err);
	if (!rc) {
		program.cgroup = neighbour->group.path;
		program_user_apply(&neighbour->user, &program);
		program.path = program_find(command ? env_paths : stress_paths);
		program.argv = neighbour->argv;
		if (!command)
			ask_version(neighbour, program.path, ledger);
		rc = program_start(&program, &neighbour->process, child_hook(ledger), err);
	}
	if (rc)
		neighbour_stop(neighbour, ledger, NULL);
	return rc;
}

int neighbour_stop(struct neighbour *neighbour, struct ledger *ledger, struct error *err)
{
	int rc;

	if (!neighbour)
		return 0;
	if (neighbour->process.pid)
		process_stop(&neighbour->process, GRACE_MS);
	/* With whatever it has forked, and left behind. */
	rc = cpu_group_remove(&neighbour->group, ledger, err);
	for (char **word = neighbour->argv; word && *word; word++)
		free(*word);
	free(neighbour->argv);
	free(neighbour->processors);
	program_user_release(&neighbour->user);
	free(neighbour->directory);
	memset(neighbour, 0, sizeof(*neighbour));
	return rc;
}

int neighbour_check(struct neighbour *neighbour, struct error *err)
{
	char end[128], said[256];

	if (!neighbour || !neighbour->process.pid || !process_ended(&neighbour->process))
		return 0;
	process_describe_end(&neighbour->process, end, sizeof(end));
	text_last_words(neighbour->log_fd, said, sizeof(said));
	return error_set(err, ECHILD, "it must run until it is told to end (SIGTERM); its last words are in "
			 "the record: logs/neighbour.log", "the neighbour %s %s%s%s%s", neighbour->name, end,
			 *said ? " (" : "", said, *said ? ")" : "");
}

json_t *neighbour_effective(const struct neighbour *neighbour)
{
	json_t *argv, *processors;

	if (!neighbour)
		return json_null();
	argv = json_array();
	processors = json_array();
	for (char **word = neighbour->argv; *word; word++) {
		json_t *text = json_string(*word);

		/* a word of the user's that is not UTF-8 */
		json_array_append_new(argv, text ? text : json_null());
	}
	for (unsigned i = 0; i < neighbour->processor_count; i++)
		json_array_append_new(processors, json_integer(neighbour->processors[i]));
	return json_pack("{s:s, s:s, s:o, s:o, s:I}", "name", neighbour->name, "version", neighbour->version,
			 "argv", argv, "processors", processors,
			 "processes", (json_int_t)cpu_group_count(&neighbour->group));
}
