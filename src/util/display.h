/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign texts on a terminal, or whatever else has a line for them: made safe, and how wide they are.
 * Pure. */
#ifndef LB_UTIL_DISPLAY_H
#define LB_UTIL_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Make text safe in place: line ends and tabs become spaces; control characters, characters that reorder or
 * hide others, and what is not UTF-8 (not ASCII, without `utf8`) become '?'. Never longer than before.
 */
void text_clean(char *text, bool utf8);
/* Columns of a clean text on a terminal: East Asian wide characters take two, combining ones none. */
size_t text_columns(const char *text);
/* How many bytes of it fit into so many columns, whole characters. */
size_t text_fit(const char *text, size_t columns);

#endif
