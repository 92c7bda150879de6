/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of lanebench run: its own options, and one for each parameter of the table. */
#ifndef LB_LANEBENCH_RUN_OPTIONS_H
#define LB_LANEBENCH_RUN_OPTIONS_H

#include <stdbool.h>

#include "run/plan.h"

struct run_options {
	struct plan_request request;
	bool json, csv, quiet, no_tuning, no_survey, help;
};

/* 0, or the exit status after saying what is wrong. The texts point into argv. */
int run_options_parse(struct run_options *options, int argc, char **argv);

/* The body of --help; malloc'd. */
char *run_options_help(void);

#endif
