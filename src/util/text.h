/* SPDX-License-Identifier: Apache-2.0 */
/* What programs write for people. */
#ifndef LB_UTIL_TEXT_H
#define LB_UTIL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * The last line of `text` that is not empty, without white space around it; "" if there is none. What is
 * behind it is cut off.
 */
const char *text_last_line(char *text);

/* The same of a file, cut to fit; "" if it cannot be read. */
void text_last_words(int fd, char *line, size_t size);

/* "s" where there is not just one of them. */
const char *plural(size_t n);

/* printf behind what is in `text`, which has room for `size` bytes in all; what does not fit is cut. */
void text_append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* May the argument stand in a line for a shell as it is? Letters, digits, and what no shell gives a
 * meaning. */
bool text_is_shell_word(const char *argument);
/* As a shell would have it, for who types it again: 'it'\''s'. malloc'd; NULL without memory. */
char *text_shell_quote(const char *argument);

#endif
