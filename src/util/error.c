/* SPDX-License-Identifier: Apache-2.0 */
#include "util/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/display.h"

/* Texts may quote what others wrote: no terminal, log or record gets their control characters. */
static void error_clean(struct error *err)
{
	text_clean(err->cause, true);
	text_clean(err->remedy, true);
}

__attribute__((format(printf, 4, 0)))
static void error_fill(struct error *err, int code, const char *remedy, const char *cause, va_list args)
{
	char text[sizeof(err->cause)];

	/* Formatted aside first: an argument may point into err itself. */
	vsnprintf(text, sizeof(text), cause, args);
	if (!err)
		return;
	snprintf(err->remedy, sizeof(err->remedy), "%s", remedy ? remedy : "");
	memcpy(err->cause, text, sizeof(err->cause));
	err->code = code;
	error_clean(err);
}

int error_set(struct error *err, int code, const char *remedy, const char *cause, ...)
{
	va_list args;

	va_start(args, cause);
	error_fill(err, code, remedy, cause, args);
	va_end(args);
	return -code;
}

int error_errno(struct error *err, int code, const char *remedy, const char *cause, ...)
{
	va_list args;

	va_start(args, cause);
	error_fill(err, code, remedy, cause, args);
	va_end(args);
	if (err) {
		size_t used = strlen(err->cause);

		snprintf(err->cause + used, sizeof(err->cause) - used, ": %s", strerror(code));
	}
	return -code;
}

int error_prefix(struct error *err, const char *context, ...)
{
	char text[sizeof(err->cause)];
	va_list args;
	size_t used;

	if (!err)
		return 0;
	va_start(args, context);
	vsnprintf(text, sizeof(text), context, args);
	va_end(args);
	used = strlen(text);
	snprintf(text + used, sizeof(text) - used, ": %s", err->cause);
	memcpy(err->cause, text, sizeof(err->cause));
	error_clean(err);
	return -err->code;
}

void error_clear(struct error *err)
{
	if (err)
		memset(err, 0, sizeof(*err));
}
