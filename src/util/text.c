/* SPDX-License-Identifier: Apache-2.0 */
#include "util/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

void text_append(char *text, size_t size, const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, size - used, format, args);
	va_end(args);
}

bool text_is_shell_word(const char *argument)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-+=./:,@%";

	return *argument && !argument[strspn(argument, plain)];
}

char *text_shell_quote(const char *argument)
{
	static const char quote[] = "'\\''"; /* ends the quotation, a quote, begins it again */
	char *text, *to;

	if (text_is_shell_word(argument))
		return strdup(argument);
	text = to = malloc(strlen(argument) * strlen(quote) + sizeof("''"));
	if (!text)
		return NULL;
	*to++ = '\'';
	for (; *argument; argument++)
		if (*argument == '\'')
			to = stpcpy(to, quote);
		else
			*to++ = *argument;
	stpcpy(to, "'");
	return text;
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

void text_last_words(int fd, char *line, size_t size)
{
	char tail[1024];
	const off_t room = sizeof(tail) - 1;
	off_t end = lseek(fd, 0, SEEK_END);
	ssize_t length = pread(fd, tail, (size_t)room, end > room ? end - room : 0);

	tail[length > 0 ? length : 0] = 0;
	snprintf(line, size, "%s", text_last_line(tail));
}
