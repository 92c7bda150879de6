/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one way to the stream for text of people's reports: everything printed through it is made safe first,
 * so that a hostile name in a foreign record cannot drive the reader's terminal.
 */
#ifndef LB_REPORT_SHEET_H
#define LB_REPORT_SHEET_H

#include <stdbool.h>
#include <stdio.h>

enum style { STYLE_PLAIN, STYLE_HEADING, STYLE_GOOD, STYLE_WARNING, STYLE_BAD, STYLE_FAINT };

struct sheet {
	FILE *out;
	unsigned width;
	bool colour, utf8;
};

/* Does the environment's locale write UTF-8? Not by setlocale, which would change the whole program. */
bool sheet_locale_is_utf8(void);

/* A paragraph: wrapped at the sheet's width; first line indented by `indent`, the others by `hang`. */
void sheet_text(const struct sheet *sheet, enum style style, unsigned indent, unsigned hang,
		const char *format, ...) __attribute__((format(printf, 5, 6)));
/* One line, not wrapped: for commands and paths, which are to be copied. */
void sheet_line(const struct sheet *sheet, enum style style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void sheet_gap(const struct sheet *sheet);
/* Escape sequence that begins a style (STYLE_PLAIN ends it); "" without colour. */
const char *sheet_style(const struct sheet *sheet, enum style style);

#endif
