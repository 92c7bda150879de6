/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lanebench/command.h"
#include "suite/help.h"

/* Text that roff shall show as it is: a leading dot or quote is a request, a backslash an escape. */
static void manual_verbatim(FILE *out, const char *text)
{
	bool line_start = true;

	for (; *text; text++) {
		if (line_start && (*text == '.' || *text == '\''))
			fputs("\\&", out);
		if (*text == '\\')
			fputs("\\e", out);
		else if (*text == '-')
			fputs("\\-", out);
		else
			fputc(*text, out);
		line_start = *text == '\n';
	}
}

/* The parameters have a section of their own: what run's help says of them is left out. */
static void manual_omit_parameters(char *help)
{
	char *parameters = help_parameters_text();
	char *at = help && parameters ? strstr(help, parameters) : NULL;
	size_t length = parameters ? strlen(parameters) : 0;

	if (at) {
		static const char pointer[] = "The parameters of the tests: see PARAMETERS.\n";

		memmove(at + sizeof(pointer) - 1, at + length, strlen(at + length) + 1);
		memcpy(at, pointer, sizeof(pointer) - 1);
	}
	free(parameters);
}

static void manual_command(FILE *out, const struct command *command)
{
	char *help = command->help();

	manual_omit_parameters(help);
	fprintf(out, ".SS lanebench %s \"", command->name);
	manual_verbatim(out, command->usage);
	fprintf(out, "\"\n%s.\n.PP\n.nf\n.in 4n\n", command->summary);
	manual_verbatim(out, help ? help : "");
	fprintf(out, ".in\n.fi\n");
	free(help);
}

int manual_print(FILE *out)
{
	char *parameters = help_parameters_roff();

	fprintf(out, ".\\\" SPDX-License-Identifier: Apache-2.0\n"
		".TH LANEBENCH 1 \"\" \"lanebench " LANEBENCH_VERSION "\" \"User Commands\"\n"
		".SH NAME\nlanebench \\- measure how containers exchange packets, and what it costs\n"
		".SH SYNOPSIS\n");
	for (size_t i = 0; command_table[i]; i++) {
		fprintf(out, ".B lanebench %s\n", command_table[i]->name);
		manual_verbatim(out, command_table[i]->usage);
		fprintf(out, "\n.br\n");
	}
	fprintf(out, ".SH DESCRIPTION\n"
		"lanebench deploys containers, connects them with a virtual switch, generates and accounts\n"
		"traffic inside them, and reports throughput, loss, latency and processor time.\n"
		"The machine is left as it was found;\n"
		"what a killed run has left is undone by the next run or by\n"
		".BR \"lanebench clean\" .\n.SH COMMANDS\n");
	for (size_t i = 0; command_table[i]; i++)
		manual_command(out, command_table[i]);
	fprintf(out, ".SH PARAMETERS\nOptions of\n.B lanebench run\nand keys of a suite.\n%s",
		parameters ? parameters : "");
	fprintf(out, ".SH FILES\n.TP\n.I results/NAME\na record: run.json, trials.jsonl, logs/\n"
		".TP\n.I /run/lanebench\nledgers of the runs that are under way or were killed (of root;\n"
		"of others: lanebench in $XDG_RUNTIME_DIR, or /tmp/lanebench\\-UID;\n"
		"the variable LANEBENCH_STATE names another place)\n"
		".SH SEE ALSO\nThe folder docs of the source:\n"
		"methodology, suites, results, extending, security, troubleshooting.\n");
	free(parameters);
	return parameters ? EXIT_OK : EXIT_FAILED;
}
