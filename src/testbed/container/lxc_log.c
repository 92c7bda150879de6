/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/container/lxc_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/text.h"

/* The first errors tell the cause; those after them that liblxc gave up. */
#define ERRORS_TOLD 3

/*
 * "lxc NAME 20260102030405.678 ERROR    start - ../src/lxc/start.c:lxc_spawn:1734 - Failed to ..." ->
 * "Failed to ..."; NULL for lines of other levels.
 */
static const char *error_message(char *line)
{
	char *text = strstr(line, " ERROR ");

	if (text)
		text = strstr(text, " - ");
	if (text)
		text = strstr(text + 3, " - ");
	if (!text)
		return NULL;
	return text + 3;
}

void lxc_log_explain(const struct log_file *log, struct error *err)
{
	char *text = malloc(LOG_FILE_MAX + 1), *next = NULL;
	ssize_t size = text && err ? pread(log->fd, text, LOG_FILE_MAX, 0) : 0;
	unsigned told = 0;

	if (size > 0) {
		text[size] = 0;
		for (char *line = strtok_r(text, "\n", &next); line && told < ERRORS_TOLD;
		     line = strtok_r(NULL, "\n", &next)) {
			const char *message = error_message(line);

			if (message)
				text_append(err->cause, sizeof(err->cause), "%s %s", told++ ? ";" : ":", message);
		}
	}
	free(text);
	if (err && !err->remedy[0])
		snprintf(err->remedy, sizeof(err->remedy), "liblxc's log is in the record: logs/%s", log->name);
}
