/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lanebench/command.h"
#include "system/resources.h"
#include "util/suggest.h"
#include "util/utf8.h"

/* ---- what all commands print with ----------------------------------------------------------------------- */

static void print_safely(const char *text)
{
	uint32_t c;

	while (*text) {
		size_t length = utf8_decode(text, &c);

		if (length && (c == '\n' || utf8_is_safe(c)))
			fwrite(text, 1, length, stderr);
		else
			fputc('?', stderr);
		text += length ? length : 1;
	}
}

__attribute__((format(printf, 1, 0)))
static void print_list(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		return;
	print_safely(text);
	free(text);
}

void print_message(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_list(format, args);
	va_end(args);
}

void print_waiting(const char *directory, const char *holder)
{
	print_message("lanebench: waiting for the state directory %s, which %s has locked\n", directory, holder);
}

void print_error(const struct error *err)
{
	print_message("lanebench: error: %s%s%s\n", err->cause, err->remedy[0] ? "\n  remedy: " : "", err->remedy);
}

void print_help(const struct command *command)
{
	char *body = command->help();

	printf("Usage: lanebench %s %s\n\n%s.\n\n%s", command->name, command->usage, command->summary,
	       body ? body : "");
	free(body);
}

int usage_error(const struct command *command, const char *format, ...)
{
	va_list args;

	print_message("lanebench: error: ");
	va_start(args, format);
	print_list(format, args);
	va_end(args);
	print_message("\n  usage: lanebench %s %s\n  remedy: lanebench %s --help tells more\n", command->name,
		command->usage, command->name);
	return EXIT_USAGE;
}

int usage_option_error(const struct command *command, char **argv, const struct option *options, int result)
{
	const char *word = argv[optind - 1];
	const char *names[64];
	const char *near;
	unsigned count = 0;

	if (result == ':')
		return usage_error(command, "option '%s' needs a value", word);
	if (optopt && strncmp(word, "--", 2) != 0)
		return usage_error(command, "there is no option '-%c'", optopt);
	if (optopt) /* a long option that takes no value was given one */
		return usage_error(command, "option '%s' takes no value", word);
	for (; options->name && count < sizeof(names) / sizeof(names[0]) - 1; options++)
		names[count++] = options->name;
	names[count] = NULL;
	near = suggest(word + 2, names);
	if (near)
		return usage_error(command, "there is no option '%s' (did you mean '--%s'?)", word, near);
	return usage_error(command, "there is no option '%s'", word);
}

/* ---- commands ------------------------------------------------------------------------------------------- */

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
	print_message(near ? "lanebench: error: there is no command '%s' (did you mean '%s'?)\n" :
		"lanebench: error: there is no command '%s'\n", word, near);
	print_message("  remedy: lanebench --help names them\n");
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

/*
 * Libraries obey variables of their own: those of hwloc have it describe another machine. So none are left but what we
 * read ourselves, and what tells of the terminal, the language and the user.
 */
static void main_keep_environment(void)
{
	static const char *const kept[] = {
		"LANEBENCH_", "LC_", "LANG=", "TERM=", "COLUMNS=", "NO_COLOR=", "TZ=", "TMPDIR=", "XDG_RUNTIME_DIR=",
		"SUDO_UID=", "SUDO_GID=", "PATH=", "HOME=", NULL,
	};
	char **to = environ;

	for (char **from = environ; *from; from++) {
		const char *const *name = kept;

		while (*name && strncmp(*from, *name, strlen(*name)) != 0)
			name++;
		if (*name)
			*to++ = *from;
	}
	*to = NULL;
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
	struct error err = { 0 };

	if (!main_fill_standard()) {
		perror("lanebench: error: cannot open /dev/null");
		return EXIT_FAILED;
	}
	main_keep_environment();
	if (resources_raise(&err)) {
		print_error(&err);
		return EXIT_FAILED;
	}
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a disk that is full: the write says so */
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
