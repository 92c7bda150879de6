/* SPDX-License-Identifier: Apache-2.0 */
/* What programs write for people. */
#ifndef LB_UTIL_TEXT_H
#define LB_UTIL_TEXT_H

#include <stddef.h>
#include <sys/types.h>

/*
 * The last line of `text` that is not empty, without white space around it; "" if there is none. What is behind
 * it is cut off.
 */
const char *text_last_line(char *text);

/* The same of what the file has from `begin` on, cut to fit; "" if it cannot be read. */
void text_last_words(int fd, off_t begin, char *line, size_t size);

/* "s" where there is not just one of them. */
const char *plural(size_t n);

#endif
