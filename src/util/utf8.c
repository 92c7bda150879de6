/* SPDX-License-Identifier: Apache-2.0 */
#include "util/utf8.h"

/* Length that the first byte of a sequence announces; 0 if it cannot be one. */
static size_t announced_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if ((first & 0xe0) == 0xc0)
		return 2;
	if ((first & 0xf0) == 0xe0)
		return 3;
	return (first & 0xf8) == 0xf0 ? 4 : 0;
}

size_t utf8_decode(const char *text, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)text;
	size_t length = announced_length(*s);

	if (!length)
		return 0;
	*c = length == 1 ? *s : *s & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80) /* also the final NUL */
			return 0;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	return *c < least[length] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff) ? 0 : length;
}

bool utf8_is_safe(uint32_t c)
{
	static const uint32_t unsafe[][2] = {
		{ 0x00, 0x1f }, { 0x7f, 0x9f },         /* control characters */
		{ 0x061c, 0x061c }, { 0x200b, 0x200f }, /* direction; of no width */
		{ 0x2028, 0x202e }, { 0x2060, 0x206f }, /* line ends, direction */
		{ 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe0fff },
	};

	for (size_t i = 0; i < sizeof(unsafe) / sizeof(*unsafe); i++)
		if (c >= unsafe[i][0] && c <= unsafe[i][1])
			return false;
	return true;
}
