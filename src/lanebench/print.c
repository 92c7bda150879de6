/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lanebench/command.h"
#include "util/suggest.h"
#include "util/utf8.h"

/* A cause may quote what it is about, a record or a suite of somebody's: no terminal obeys that. */
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

void print_error(const struct error *err)
{
	fputs("lanebench: error: ", stderr);
	print_safely(err->cause);
	if (err->remedy[0]) {
		fputs("\n  remedy: ", stderr);
		print_safely(err->remedy);
	}
	fputc('\n', stderr);
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

	fprintf(stderr, "lanebench: error: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n  usage: lanebench %s %s\n  remedy: lanebench %s --help tells more\n", command->name,
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
