/* SPDX-License-Identifier: Apache-2.0 */
/* What a stream can show, where it is a terminal. */
#ifndef LB_SYSTEM_TERMINAL_H
#define LB_SYSTEM_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* Is it a terminal that obeys escape sequences (TERM is set, and not dumb)? */
bool terminal_is(FILE *stream);
/* Such a terminal, and the user has nothing against colours (NO_COLOR, https://no-color.org). */
bool terminal_has_colour(FILE *stream);
/* Its columns; `otherwise` if it is no terminal or does not tell. */
unsigned terminal_width(FILE *stream, unsigned otherwise);
/* Columns for a report's table: as many as the terminal has, but no less than 60 and no more than 100. */
unsigned terminal_table_width(FILE *stream);

#endif
