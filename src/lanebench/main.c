/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lanebench/command.h"
#include "lanebench/manual.h"
#include "util/suggest.h"

const struct command *const command_table[] = {
	&command_run, &command_list, &command_doctor, &command_report, &command_compare, &command_clean, NULL,
};

static void main_help(FILE *out)
{
	fprintf(out, "Usage: lanebench COMMAND [OPTION...]\n\n"
		"Finds out how containers on this machine should exchange packets at high\n"
		"rates, and what it costs: deploys containers, connects them with a virtual\n"
		"switch, sends and accounts traffic inside them.\n\n"
		"Commands:\n");
	for (size_t i = 0; command_table[i]; i++)
		fprintf(out, "  %-8s %s\n", command_table[i]->name, command_table[i]->summary);
	fprintf(out, "\nlanebench COMMAND --help tells more; lanebench --version; man lanebench.\n\n"
		"First try:\n  sudo lanebench run suites/quickstart.yaml\n");
}

static int main_unknown(const char *word)
{
	const char *names[16];
	const char *near;
	size_t count = 0;

	for (; command_table[count]; count++)
		names[count] = command_table[count]->name;
	names[count] = NULL;
	near = suggest(word, names);
	fprintf(stderr, near ? "lanebench: error: there is no command '%s' (did you mean '%s'?)\n" :
		"lanebench: error: there is no command '%s'\n", word, near);
	fprintf(stderr, "  remedy: lanebench --help names them\n");
	return EXIT_USAGE;
}

/*
 * Started without standard input, output or error, the next file that is opened would get its number: and
 * what is printed would go into the record or the ledger.
 */
static bool main_fill_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) != fd)
			return false;
	return true;
}

static int main_command(const char *word, int argc, char **argv)
{
	for (size_t i = 0; command_table[i]; i++)
		if (strcmp(word, command_table[i]->name) == 0) {
			int status = command_table[i]->run(argc, argv);

			/* A full disk behind standard output must not look like success. */
			if (fflush(stdout) || ferror(stdout)) {
				perror("lanebench: error: cannot write the output");
				return EXIT_FAILED;
			}
			return status;
		}
	return main_unknown(word);
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "--help";

	if (!main_fill_standard()) {
		perror("lanebench: error: cannot open /dev/null");
		return EXIT_FAILED;
	}
	if (strcmp(word, "help") == 0 && argc == 3) { /* "help run" is "run --help" */
		char *help[] = { argv[2], (char[]){ "--help" }, NULL };

		return main_command(argv[2], 2, help);
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
		main_help(argc > 1 ? stdout : stderr);
		return argc > 1 ? EXIT_OK : EXIT_USAGE;
	}
	if (strcmp(word, "--version") == 0) {
		printf("lanebench %s\n", LANEBENCH_VERSION);
		return EXIT_OK;
	}
	if (strcmp(word, "--manual") == 0) /* the man page's source, for the build */
		return manual_print(stdout);
	return main_command(word, argc - 1, argv + 1);
}
