/* SPDX-License-Identifier: Apache-2.0 */
#include "util/text.h"

#include <ctype.h>
#include <string.h>

const char *text_last_line(char *text)
{
	size_t length = strlen(text);
	const char *line;

	while (length > 0 && isspace((unsigned char)text[length - 1]))
		text[--length] = 0;
	line = strrchr(text, '\n');
	line = line ? line + 1 : text;
	return line + strspn(line, " \t");
}
