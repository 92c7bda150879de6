/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/container/lxc_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The first errors tell the cause; those after them that liblxc gave up. */
#define ERRORS_TOLD 3

off_t lxc_log_size(const char *path)
{
	struct stat log;

	return stat(path, &log) ? 0 : log.st_size;
}

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
	line[strcspn(line, "\n")] = 0;
	return text + 3;
}

void lxc_log_explain(const char *path, off_t from, struct error *err)
{
	FILE *file;
	char *line = NULL;
	size_t size = 0, used;
	int told = 0;

	if (!err)
		return;
	file = fopen(path, "re");
	if (!file)
		return;
	if (!fseeko(file, from, SEEK_SET)) {
		while (told < ERRORS_TOLD && getline(&line, &size, file) > 0) {
			const char *message = error_message(line);

			if (!message)
				continue;
			used = strlen(err->cause);
			snprintf(err->cause + used, sizeof(err->cause) - used, "%s %s", told ? ";" : ":",
				 message);
			told++;
		}
	}
	free(line);
	fclose(file);
	if (!err->remedy[0])
		snprintf(err->remedy, sizeof(err->remedy), "liblxc's log is %s", path);
}
