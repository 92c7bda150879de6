/* SPDX-License-Identifier: Apache-2.0 */
#include "report/terminal/advice.h"

#include <stdio.h>
#include <string.h>

#include "measure/bootstrap.h"
#include "report/figures.h"
#include "util/text.h"

#define COMMAND_MAX 512

/* One step, with the words that lead to it; the first is marked as such. */
static void step_print(bool *first, const char *what, const char *command, const struct sheet *sheet)
{
	sheet_line(sheet, STYLE_PLAIN, "%s%s", *first ? "Next:   " : "        ", command);
	sheet_text(sheet, STYLE_FAINT, 12, 12, "%s", what);
	*first = false;
}

/* Does some lead rest on trials that are too few for an interval? */
static bool wants_repeats(const struct results *results)
{
	for (size_t i = 0; i < results->contests.count; i++) {
		const struct contest *contest = &results->contests.contest[i];

		if (contest->next && !contest->paced &&
		    !*trial_text(contest->best->trials[0], "search.method") &&
		    (contest->best->ok < BOOTSTRAP_LEAST || contest->next->ok < BOOTSTRAP_LEAST))
			return true;
	}
	return false;
}

/* Is it the option, and with its value? 2: the value is the next argument. */
static int option_words(const char *argument, char letter, const char *name)
{
	size_t length = strlen(name);

	if (letter && argument[0] == '-' && argument[1] == letter)
		return argument[2] ? 1 : 2;
	if (strncmp(argument, "--", 2) != 0 || strncmp(argument + 2, name, length) != 0)
		return 0;
	return argument[2 + length] == '=' ? 1 : argument[2 + length] ? 0 : 2;
}

/* The command that made the record, to be given again with more trials. False: it is not known, or no such
 * thing. */
static bool command_again(const struct advice *advice, char *text, size_t size)
{
	const json_t *command = json_object_get(advice->view->run, "command");
	const char *verb = json_string_value(json_array_get(command, 1));
	size_t used;

	if (!verb || strcmp(verb, "run") != 0)
		return false;
	used = (size_t)snprintf(text, size, "sudo %s run", advice->command);
	for (size_t i = 2; i < json_array_size(command); i++) {
		const char *argument = json_string_value(json_array_get(command, i));
		int words;

		if (!argument || !text_is_shell_word(argument) || used + strlen(argument) + 16 > size ||
		    option_words(argument, 0, "resume") || !strcmp(argument, "-"))
			return false;
		words = option_words(argument, 'o', "output");
		words = words ? words : option_words(argument, 'n', "repeats");
		if (words) /* elsewhere, and more of them */
			i += (size_t)words - 1;
		else
			used += (size_t)snprintf(text + used, size - used, " %s", argument);
	}
	snprintf(text + used, size - used, " --repeats 6");
	return true;
}

static void step_repeats(const struct advice *advice, bool *first, const struct sheet *sheet)
{
	char command[COMMAND_MAX];

	if ((wants_repeats(advice->throughput) || wants_repeats(advice->latency)) &&
	    command_again(advice, command, sizeof(command)))
		step_print(first, "the same with 6 trials a test: enough for an interval of each figure, and "
			   "to tell each lead from noise", command, sheet);
}

static void step_compare(const struct advice *advice, bool *first, const struct sheet *sheet)
{
	char command[COMMAND_MAX];

	if (!advice->throughput->intervals && !advice->latency->intervals)
		return;
	snprintf(command, sizeof(command), "%s compare %s OTHER", advice->command, advice->quoted);
	step_print(first, "which differences to another run of these tests are real, and which are noise",
		   command, sheet);
}

static void step_figures(const struct advice *advice, bool *first, const struct sheet *sheet)
{
	char command[COMMAND_MAX];

	if (!advice->throughput->count && !advice->latency->count)
		return;
	snprintf(command, sizeof(command), "%s report %s --format csv", advice->command, advice->quoted);
	step_print(first, "every figure of every trial, for a spreadsheet or a script", command, sheet);
}

static void step_failures(const struct advice *advice, bool *first, const struct sheet *sheet)
{
	char command[COMMAND_MAX];

	if (!advice->without_figures)
		return;
	snprintf(command, sizeof(command), "sudo %s doctor", advice->command);
	step_print(first, "what this machine lacks for the trials without figures, and how to get it",
		   command, sheet);
}

void advice_print(const struct advice *advice, const struct sheet *sheet)
{
	bool first = true;

	sheet_line(sheet, STYLE_PLAIN, "Record: %s", advice->directory);
	if (advice->page)
		sheet_line(sheet, STYLE_PLAIN, "Page:   %s", advice->page);
	if (advice->page_remark)
		sheet_text(sheet, STYLE_WARNING, advice->page ? 12 : 0, advice->page ? 12 : 8, "%s%s",
			   advice->page ? "" : "Page:   ", advice->page_remark);
	step_failures(advice, &first, sheet);
	step_repeats(advice, &first, sheet);
	step_compare(advice, &first, sheet);
	step_figures(advice, &first, sheet);
}
