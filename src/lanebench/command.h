/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The subcommands of lanebench: each gets the arguments from its own name on and returns the exit status.
 * Only this folder prints. Results go to standard output, progress and errors to standard error.
 */
#ifndef LB_LANEBENCH_COMMAND_H
#define LB_LANEBENCH_COMMAND_H

#include <stdio.h>

#include "util/error.h"
#include "util/text.h"

enum exit_status {
	EXIT_OK = 0,          /* every test gave its figures */
	EXIT_FAILED = 1,      /* at least one test failed, or the command itself did */
	EXIT_USAGE = 2,       /* wrong options or a wrong suite: nothing was created */
	EXIT_INCOMPLETE = 3,  /* no test failed, but some were skipped or are void */
	EXIT_INTERRUPTED = 130,
};

struct command {
	const char *name;
	const char *summary;
	const char *usage;    /* behind "lanebench NAME" */
	int (*run)(int argc, char **argv);
	char *(*help)(void);  /* the body of its --help; malloc'd */
};

extern const struct command command_run, command_list, command_doctor, command_report, command_compare, command_clean;
extern const struct command *const command_table[]; /* NULL-terminated */

/*
 * printf on standard error, where all messages go: they may quote a record, a suite or an argument of somebody's, and
 * no terminal obeys that.
 */
void print_message(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "lanebench: error: CAUSE" and "  remedy: REMEDY" on standard error. */
void print_error(const struct error *err);
/* For struct ledger_waiting. */
void print_waiting(const char *directory, const char *holder);
void print_help(const struct command *command);
/* Complains about the options of `command` and returns EXIT_USAGE. */
int usage_error(const struct command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* After getopt_long returned '?' or ':': names the option, and the one that was probably meant. */
struct option;
int usage_option_error(const struct command *command, char **argv, const struct option *options, int result);

/* manual.c: the man page lanebench(1), from the same tables and texts as --help. Returns the exit status. */
int manual_print(FILE *out);

#endif
