/* SPDX-License-Identifier: Apache-2.0 */
#include "util/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

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

void text_last_words(int fd, off_t begin, char *line, size_t size)
{
	char tail[1024];
	const off_t room = sizeof(tail) - 1;
	off_t end = lseek(fd, 0, SEEK_END);
	off_t from = end - begin > room ? end - room : begin;
	ssize_t length = pread(fd, tail, (size_t)room, from);

	tail[length > 0 ? length : 0] = 0;
	snprintf(line, size, "%s", text_last_line(tail));
}
