/* SPDX-License-Identifier: Apache-2.0 */
#include "report/terminal/sheet.h"

#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "util/display.h"

const char *sheet_style(const struct sheet *sheet, enum style style)
{
	static const char *const sequence[] = {
		[STYLE_PLAIN] = "\033[0m", [STYLE_HEADING] = "\033[1m", [STYLE_GOOD] = "\033[32m",
		[STYLE_WARNING] = "\033[33m", [STYLE_BAD] = "\033[31m", [STYLE_FAINT] = "\033[2m",
	};

	return sheet->colour ? sequence[style] : "";
}

void sheet_gap(const struct sheet *sheet)
{
	fputc('\n', sheet->out);
}

/* How many bytes of text go on a line of `room` columns: up to the last space that fits, else hard. */
static size_t line_cut(const char *text, size_t room)
{
	size_t fits = text_fit(text, room), cut = fits;

	if (!text[fits] || text[fits] == ' ')
		return fits;
	while (cut && text[cut] != ' ')
		cut--;
	return cut ? cut : fits;
}

static void text_wrap(const struct sheet *sheet, unsigned indent, unsigned hang, const char *text)
{
	do {
		size_t cut = line_cut(text, sheet->width > indent + 20 ? sheet->width - indent : 20);

		fprintf(sheet->out, "%*s%.*s\n", (int)indent, "", (int)cut, text);
		text += cut;
		text += strspn(text, " ");
		indent = hang;
	} while (*text);
}

/* Format and make safe. To be freed; NULL when out of memory. */
static char *text_make(const struct sheet *sheet, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

static char *text_make(const struct sheet *sheet, const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		return NULL;
	text_clean(text, sheet->utf8);
	return text;
}

void sheet_text(const struct sheet *sheet, enum style style, unsigned indent, unsigned hang,
		const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = text_make(sheet, format, args);
	va_end(args);
	if (!text)
		return;
	if (style != STYLE_PLAIN)
		fputs(sheet_style(sheet, style), sheet->out);
	text_wrap(sheet, indent, hang, text);
	if (style != STYLE_PLAIN)
		fputs(sheet_style(sheet, STYLE_PLAIN), sheet->out);
	free(text);
}

void sheet_line(const struct sheet *sheet, enum style style, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = text_make(sheet, format, args);
	va_end(args);
	if (!text)
		return;
	if (style == STYLE_PLAIN)
		fprintf(sheet->out, "%s\n", text);
	else
		fprintf(sheet->out, "%s%s%s\n", sheet_style(sheet, style), text,
			sheet_style(sheet, STYLE_PLAIN));
	free(text);
}

bool sheet_locale_is_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8;

	if (!locale)
		return false;
	utf8 = !strcmp(nl_langinfo_l(CODESET, locale), "UTF-8");
	freelocale(locale);
	return utf8;
}
