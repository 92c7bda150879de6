/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/excerpt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define EXCERPT_MAX 48

static bool is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

struct excerpt excerpt(const char *text)
{
	struct excerpt result;
	size_t length = strnlen(text, EXCERPT_MAX + 1);
	bool cut = length > EXCERPT_MAX;

	if (cut)
		length = EXCERPT_MAX;
	while (cut && length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
		length--; /* that byte continues a character: drop the whole of it */
	for (size_t i = 0; i < length; i++)
		result.text[i] = is_control((unsigned char)text[i]) ? '?' : text[i];
	snprintf(result.text + length, sizeof(result.text) - length, "%s", cut ? "..." : "");
	return result;
}
