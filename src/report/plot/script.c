/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of a record in a script of gnuplot's. */
#include <stdlib.h>
#include <string.h>

#include "report/plot/script.h"
#include "util/display.h"
#include "util/utf8.h"

static void text_write(FILE *out, const char *text, size_t columns, bool tick)
{
	char *clean = strdup(text), *from = clean;

	if (!clean)
		return;
	text_clean(clean, true);
	for (size_t n = 0, all = text_columns(clean); *from; n++) {
		uint32_t c = 0;
		size_t length = utf8_decode(from, &c);

		if (n + 3 == columns && all > columns) {
			fputs("...", out);
			break;
		}
		if (*from == '\'' || (tick && *from == '%'))
			fputc(*from, out);
		fwrite(from, 1, length, out);
		from += length;
	}
	free(clean);
}

void script_text(FILE *out, const char *text, size_t columns)
{
	fputc('\'', out);
	text_write(out, text, columns, false);
	fputc('\'', out);
}

void script_tick(FILE *out, const char *text, size_t columns)
{
	fputc('\'', out);
	text_write(out, text, columns, true);
	fputc('\'', out);
}
