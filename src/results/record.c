/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a record. Two rules keep it readable whatever happens: run.json is only ever replaced whole
 * (temporary file, fsync, rename), and trials.jsonl only ever grows by whole lines (one write, fdatasync, and
 * cut back to its old length if the write was not whole). What a kill leaves of a line has no newline at its
 * end: the reader ignores it, record_resume removes it.
 */
#include "results/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "results/internal.h"

#define RUN_FILE_NEW RUN_FILE ".new"

/* All of it, or -errno. */
static int write_whole(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t n = write(fd, text, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		size -= (size_t)n;
	}
	return 0;
}

int record_write_run(const struct record *record)
{
	char *text = json_dumps(record->run, JSON_INDENT(2) | RECORD_NUMBERS);
	int fd = -1, rc;

	if (!text)
		return -ENOMEM;
	/* What a kill has left, or somebody has put there: a link or a pipe must not be written to. */
	unlinkat(record->dir, RUN_FILE_NEW, 0);
	fd = openat(record->dir, RUN_FILE_NEW, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0) {
		rc = -errno;
		goto out;
	}
	directory_share_owner(record->dir, fd);
	rc = write_whole(fd, text, strlen(text));
	if (!rc)
		rc = write_whole(fd, "\n", 1);
	if (!rc && fsync(fd) != 0)
		rc = -errno;
	if (!rc && renameat(record->dir, RUN_FILE_NEW, record->dir, RUN_FILE) != 0)
		rc = -errno;
	if (rc)
		unlinkat(record->dir, RUN_FILE_NEW, 0);
	else if (fsync(record->dir) != 0)
		rc = -errno;
out:
	if (fd >= 0)
		close(fd);
	free(text);
	return rc;
}

const char *record_directory(const struct record *record)
{
	return record->directory;
}

int record_logs_fd(const struct record *record)
{
	return record->logs;
}

json_t *record_run(struct record *record)
{
	return record->run;
}

/* One write, so that a reader or a kill in between finds all of the line or a piece without newline. */
static int append_line(struct record *record, const char *line, size_t size)
{
	ssize_t n;
	int rc = 0;

	do
		n = write(record->trials, line, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		rc = -errno;
	else if ((size_t)n != size)
		rc = write_whole(record->trials, line + n, size - (size_t)n); /* tells why it was short */
	if (!rc && fdatasync(record->trials) != 0)
		rc = -errno;
	/* Shrinking needs no space. Should it fail all the same, record_resume removes the piece. */
	if (rc && ftruncate(record->trials, record->length) == 0)
		fdatasync(record->trials);
	return rc;
}

int record_append(struct record *record, json_t *trial, struct error *err)
{
	char *line = json_dumps(trial, JSON_COMPACT | RECORD_NUMBERS);
	size_t size;
	int rc;

	if (!line)
		return error_set(err, ENOMEM, NULL, "out of memory");
	size = strlen(line);
	line[size++] = '\n'; /* in the place of the final NUL */
	rc = append_line(record, line, size);
	free(line);
	if (rc)
		return record_write_failed(err, -rc, record->directory, TRIALS_FILE);
	record->length += (off_t)size;
	return 0;
}

int record_update(struct record *record, struct error *err)
{
	int rc = record_write_run(record);

	return rc ? record_write_failed(err, -rc, record->directory, RUN_FILE) : 0;
}

void record_close(struct record *record)
{
	if (!record)
		return;
	if (record->trials >= 0)
		close(record->trials);
	if (record->logs >= 0)
		close(record->logs);
	if (record->lock >= 0)
		lock_release(record->dir, LOCK_FILE, record->lock);
	if (record->dir >= 0)
		close(record->dir);
	json_decref(record->run);
	free(record->directory);
	free(record);
}
