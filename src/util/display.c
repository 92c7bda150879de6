/* SPDX-License-Identifier: Apache-2.0 */
#include "util/display.h"

#include <stdint.h>
#include <string.h>

#include "util/utf8.h"

void text_clean(char *text, bool utf8)
{
	const char *from = text;

	while (*from) {
		uint32_t c = 0;
		size_t length = utf8_decode(from, &c);

		if (c == '\n' || c == '\t' || c == '\r') {
			*text++ = ' ';
		} else if (!length || !utf8_is_safe(c) || (length > 1 && !utf8)) {
			*text++ = '?';
		} else {
			memmove(text, from, length);
			text += length;
		}
		from += length ? length : 1;
	}
	*text = 0;
}

/*
 * Columns of a character. Not wcwidth, which needs the locale: blocks of Unicode that are wide (UAX #11) or
 * combining as a whole, which is enough to keep tables straight with names of any alphabet in common use.
 */
static size_t character_columns(uint32_t c)
{
	static const struct { uint32_t first, last; size_t columns; } blocks[] = {
		{ 0x0300, 0x036f, 0 }, { 0x0483, 0x0489, 0 }, { 0x0591, 0x05bd, 0 }, { 0x0610, 0x061a, 0 },
		{ 0x064b, 0x065f, 0 }, { 0x1100, 0x115f, 2 }, { 0x1ab0, 0x1aff, 0 }, { 0x1dc0, 0x1dff, 0 },
		{ 0x20d0, 0x20ff, 0 }, { 0x2e80, 0x303e, 2 }, { 0x3041, 0x4dbf, 2 }, { 0x4e00, 0xa4cf, 2 },
		{ 0xa960, 0xa97f, 2 }, { 0xac00, 0xd7a3, 2 }, { 0xf900, 0xfaff, 2 }, { 0xfe00, 0xfe0f, 0 },
		{ 0xfe20, 0xfe2f, 0 }, { 0xfe30, 0xfe6f, 2 }, { 0xff01, 0xff60, 2 }, { 0xffe0, 0xffe6, 2 },
		{ 0x1f300, 0x1f64f, 2 }, { 0x1f680, 0x1f6ff, 2 }, { 0x1f900, 0x1f9ff, 2 },
		{ 0x20000, 0x3fffd, 2 },
	};

	for (size_t i = 0; c >= blocks[0].first && i < sizeof(blocks) / sizeof(*blocks); i++)
		if (c >= blocks[i].first && c <= blocks[i].last)
			return blocks[i].columns;
	return 1;
}

/* Columns of its first character, and how many bytes that has; the text is not empty. */
static size_t text_step(const char *text, size_t *length)
{
	uint32_t c = 0;

	*length = utf8_decode(text, &c);
	if (*length)
		return character_columns(c);
	*length = 1;
	return 1;
}

size_t text_columns(const char *text)
{
	size_t columns = 0, length;

	for (; *text; text += length)
		columns += text_step(text, &length);
	return columns;
}

size_t text_fit(const char *text, size_t columns)
{
	size_t used = 0, bytes = 0, length;

	for (; text[bytes]; bytes += length) {
		used += text_step(text + bytes, &length);
		if (used > columns)
			break;
	}
	return bytes;
}
