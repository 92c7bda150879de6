/* SPDX-License-Identifier: Apache-2.0 */
#include "system/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool terminal_is(FILE *stream)
{
	const char *term = getenv("TERM");

	return isatty(fileno(stream)) && term && *term && strcmp(term, "dumb") != 0;
}

bool terminal_has_colour(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR");

	return terminal_is(stream) && !(no_color && *no_color);
}

unsigned terminal_width(FILE *stream, unsigned otherwise)
{
	struct winsize size;

	if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return otherwise;
}

unsigned terminal_table_width(FILE *stream)
{
	unsigned width = terminal_width(stream, 100);

	return width < 60 ? 60 : width > 100 ? 100 : width;
}
