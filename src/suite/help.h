/* SPDX-License-Identifier: Apache-2.0 */
/* The table of parameters for people and programs. Results are the caller's to free; NULL = no memory. */
#ifndef LB_SUITE_HELP_H
#define LB_SUITE_HELP_H

#include <jansson.h>

/* The parameters' block of --help: one option each, at most 100 columns wide. */
char *help_parameters_text(void);

/* The same as the body of a man page's OPTIONS section, in the macros of man(7). */
char *help_parameters_roff(void);

/*
 * For `list parameters --json`: an array of objects with name, option ("-P" or null), placeholder, symbol,
 * kind, unit, default, min, max (null where there are none; seconds for times), power_of_two, choices (null
 * or an array), matrix, allowed, help.
 */
json_t *help_parameters_json(void);

#endif
