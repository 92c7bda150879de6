/* SPDX-License-Identifier: Apache-2.0 */
#include "report/markup.h"

#include <stdlib.h>

#include "util/utf8.h"

static const char *reference_of(uint32_t c)
{
	switch (c) {
	case '&':  return "&amp;";
	case '<':  return "&lt;";
	case '>':  return "&gt;";
	case '"':  return "&quot;";
	case '\'': return "&#39;";
	default:   return NULL;
	}
}

static bool character_stays(uint32_t c)
{
	/* U+FFFE and U+FFFF are no characters to XML. */
	return c == '\n' || c == '\t' || (utf8_is_safe(c) && (c & 0xfffe) != 0xfffe);
}

void markup_text(FILE *out, const char *text)
{
	while (*text) {
		uint32_t c = 0;
		size_t length = utf8_decode(text, &c);
		const char *reference = length ? reference_of(c) : NULL;

		if (reference)
			fputs(reference, out);
		else if (c == '\r' && length) /* a parser of XML would make a line end of it */
			fputc(' ', out);
		else if (!length || !character_stays(c))
			fputs("\xef\xbf\xbd", out);
		else
			fwrite(text, 1, length, out);
		text += length ? length : 1;
	}
}

void markup_vformat(FILE *out, const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		return;
	markup_text(out, text);
	free(text);
}

void markup_format(FILE *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	markup_vformat(out, format, args);
	va_end(args);
}
