/* SPDX-License-Identifier: Apache-2.0 */
/* What programs write for people. */
#ifndef LB_UTIL_TEXT_H
#define LB_UTIL_TEXT_H

/*
 * The last line of `text` that is not empty, without white space around it; "" if there is none. What is behind
 * it is cut off.
 */
const char *text_last_line(char *text);

#endif
