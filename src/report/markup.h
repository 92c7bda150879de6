/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text of a record in HTML, SVG and XML. Whatever is no XML 1.0 character, no UTF-8, or would reorder or hide
 * what is beside it (controls, bidirectional overrides) becomes U+FFFD, so that a hostile name is only ever a
 * name. Line ends and tabs stay.
 */
#ifndef LB_REPORT_MARKUP_H
#define LB_REPORT_MARKUP_H

#include <stdarg.h>
#include <stdio.h>

/* With & < > " ' as references: fits in element content and in a quoted attribute. */
void markup_text(FILE *out, const char *text);
/* printf, and the whole of it through markup_text. */
void markup_format(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
void markup_vformat(FILE *out, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

#endif
