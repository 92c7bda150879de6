/* SPDX-License-Identifier: Apache-2.0 */
/* Errors of a program, under the name that it was called by: this folder does not know of which one it is. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "testbed/switch/programs/common/program.h"

void program_error(const char *format, ...)
{
	va_list values;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(values, format);
	vfprintf(stderr, format, values);
	va_end(values);
	fputc('\n', stderr);
}
