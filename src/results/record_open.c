/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Beginning a record, or going on with one. It may be another user's: nothing in it may lead what is written
 * elsewhere, so everything is opened below the descriptor of its directory.
 */
#include "results/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/internal.h"
#include "system/below.h"

static struct record *record_new(const char *directory)
{
	struct record *record = calloc(1, sizeof(*record));

	if (!record)
		return NULL;
	record->dir = record->logs = record->lock = record->trials = -1;
	record->directory = strdup(directory);
	if (!record->directory) {
		free(record);
		return NULL;
	}
	return record;
}

static int record_lock(struct record *record, struct error *err)
{
	record->lock = lock_take(record->dir, record->directory, LOCK_FILE, err);
	if (record->lock == -EBUSY)
		return error_set(err, EBUSY, "wait until it has ended, or name another record with -o DIR",
				 "another run is writing %s", record->directory);
	return record->lock < 0 ? record->lock : 0;
}

/* logs/, made where it is missing. */
static int logs_open(struct record *record, struct error *err)
{
	bool made = !mkdirat(record->dir, LOGS_DIRECTORY, 0755);

	if (!made && errno != EEXIST)
		return record_write_failed(err, errno, record->directory, LOGS_DIRECTORY);
	record->logs = below_open(record->dir, LOGS_DIRECTORY, O_RDONLY | O_DIRECTORY, 0);
	if (record->logs < 0)
		return error_set(err, EPERM, "go on with a record of your own", "%s/%s is no directory",
				 record->directory, LOGS_DIRECTORY);
	if (made)
		directory_share_owner(record->dir, record->logs);
	return 0;
}

/* ---- a new one ------------------------------------------------------------------------------------------ */

/* Open the directory, which must hold nothing. */
static int create_directory(struct record *record, bool *made, struct error *err)
{
	int rc;

	record->dir = directory_make(record->directory, made);
	if (record->dir < 0)
		return record_write_failed(err, -record->dir, record->directory, "");
	rc = directory_is_empty(record->dir);
	if (rc < 0)
		return error_errno(err, -rc, NULL, "cannot read %s", record->directory);
	if (rc == 0)
		return error_set(err, EEXIST,
				 "name another record with -o DIR, or go on with this one: run --resume DIR",
				 "%s exists already and is not empty", record->directory);
	return 0;
}

/* The files in it. O_EXCL settles which of two runs that found the directory empty has it. */
static int create_files(struct record *record, struct error *err)
{
	int rc;

	record->trials = below_open(record->dir, TRIALS_FILE, O_RDWR | O_APPEND | O_CREAT | O_EXCL, 0644);
	if (record->trials < 0)
		return record_write_failed(err, -record->trials, record->directory, TRIALS_FILE);
	directory_share_owner(record->dir, record->trials);
	rc = record_lock(record, err);
	if (!rc)
		rc = logs_open(record, err);
	if (rc)
		return rc;
	rc = record_write_run(record);
	return rc ? record_write_failed(err, -rc, record->directory, RUN_FILE) : 0;
}

/* Take back a record that could not be made whole. */
static void create_undo(struct record *record, bool made)
{
	if (record->trials >= 0) {
		unlinkat(record->dir, RUN_FILE, 0);
		unlinkat(record->dir, LOGS_DIRECTORY, AT_REMOVEDIR);
		unlinkat(record->dir, TRIALS_FILE, 0);
	}
	if (record->lock >= 0)
		lock_release(record->dir, LOCK_FILE, record->lock);
	record->lock = -1;
	if (made)
		rmdir(record->directory); /* fails, rightly, if somebody has put something in it */
	record_close(record);
}

int record_create(struct record **out, const char *directory, json_t *run, struct error *err)
{
	struct record *record = record_new(directory);
	bool made = false;
	int rc;

	*out = NULL;
	if (!record)
		return error_set(err, ENOMEM, NULL, "out of memory");
	if (json_object_set_new(run, "schema", json_integer(RECORD_SCHEMA)) != 0 ||
	    (!json_object_get(run, "lanebench") &&
	     json_object_set_new(run, "lanebench", json_string(LANEBENCH_VERSION)) != 0)) {
		rc = error_set(err, EINVAL, NULL, "the description of the run is not an object");
		goto fail;
	}
	record->run = json_incref(run);
	rc = create_directory(record, &made, err);
	if (rc)
		goto fail;
	rc = create_files(record, err);
	if (rc)
		goto fail;
	*out = record;
	return 0;
fail:
	create_undo(record, made);
	return rc;
}

/* ---- one to go on with ---------------------------------------------------------------------------------- */

/* Where the last whole line ends: just behind the last newline. -errno if the file cannot be read. */
static off_t whole_length(int fd)
{
	char block[16384];
	off_t end = lseek(fd, 0, SEEK_END);

	if (end < 0)
		return -errno;
	while (end > 0) {
		size_t size = end < (off_t)sizeof(block) ? (size_t)end : sizeof(block);
		ssize_t n = pread(fd, block, size, end - (off_t)size);
		const char *newline;

		if (n != (ssize_t)size)
			return n < 0 ? -errno : -EIO;
		newline = memrchr(block, '\n', size);
		if (newline)
			return end - (off_t)size + (newline - block) + 1;
		end -= (off_t)size;
	}
	return 0;
}

/* Remove what a kill has left of a line. */
static int trials_mend(struct record *record, struct error *err)
{
	off_t length = whole_length(record->trials);
	struct stat st;

	if (length < 0)
		return error_errno(err, (int)-length, NULL, "cannot read %s/%s", record->directory,
				   TRIALS_FILE);
	if (fstat(record->trials, &st) != 0)
		return error_errno(err, errno, NULL, "cannot read %s/%s", record->directory, TRIALS_FILE);
	record->length = length;
	if (st.st_size == length)
		return 0;
	if (ftruncate(record->trials, length) != 0 || fdatasync(record->trials) != 0)
		return record_write_failed(err, errno, record->directory, TRIALS_FILE);
	return 0;
}

int record_resume(struct record **out, const char *directory, struct error *err)
{
	struct record *record = record_new(directory);
	int rc;

	*out = NULL;
	if (!record)
		return error_set(err, ENOMEM, NULL, "out of memory");
	rc = record->dir = directory_open(directory, err);
	if (rc < 0)
		goto fail;
	/* First, so that what is no record gets no files. */
	rc = reader_run(record->dir, directory, &record->run, err);
	if (!rc)
		rc = record_lock(record, err);
	if (rc)
		goto fail;
	/* Once more: what was read before the lock was had may be a step behind. */
	json_decref(record->run);
	record->run = NULL;
	rc = reader_run(record->dir, directory, &record->run, err);
	if (rc)
		goto fail;
	rc = record->trials = below_open_file(record->dir, directory, TRIALS_FILE, O_RDWR | O_APPEND, 0, err);
	if (rc < 0)
		goto fail;
	rc = logs_open(record, err);
	if (rc)
		goto fail;
	rc = trials_mend(record, err);
	if (rc)
		goto fail;
	*out = record;
	return 0;
fail:
	record_close(record);
	return rc;
}
