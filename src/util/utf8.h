/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 (RFC 3629), and which characters of foreign texts are safe to show. Pure. */
#ifndef LB_UTIL_UTF8_H
#define LB_UTIL_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the well-formed sequence at `text` (NUL-terminated), 0 if there is none; its character in *c. */
size_t utf8_decode(const char *text, uint32_t *c);

/* False for controls (line ends and tabs, too) and for what reorders or hides the text beside it. */
bool utf8_is_safe(uint32_t c);

#endif
