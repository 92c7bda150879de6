/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a record. Two rules keep it readable whatever happens: run.json is only ever replaced whole
 * (temporary file, fsync, rename), and trials.jsonl only ever grows by whole lines (one write, fdatasync, and
 * cut back to its old length if the write was not whole). What a kill leaves of a line has no newline at its
 * end: the reader ignores it, record_resume removes it.
 *
 * The lock is on trials.jsonl: run.json is another file after each rename.
 */
#include "results/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/internal.h"

#define RUN_FILE_NEW RUN_FILE ".new"

struct record {
	char *directory;
	int dir;       /* the record's directory */
	int trials;    /* trials.jsonl, locked for as long as it is open */
	off_t length;  /* of the whole lines in it */
	json_t *run;
};

static int write_failed(struct error *err, int code, const char *directory, const char *file)
{
	const char *remedy = "";

	if (code == ENOSPC || code == EDQUOT)
		remedy = "free some space there and go on with run --resume, or name a record on another "
			 "file "
			 "system with -o DIR";
	else if (code == EACCES || code == EPERM || code == EROFS)
		remedy = "name a directory that you may write to with -o DIR";
	return error_errno(err, code, remedy, "cannot write %s%s%s", directory, *file ? "/" : "", file);
}

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

static int run_write(const struct record *record)
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

static struct record *record_new(const char *directory)
{
	struct record *record = calloc(1, sizeof(*record));

	if (!record)
		return NULL;
	record->dir = record->trials = -1;
	record->directory = strdup(directory);
	if (!record->directory) {
		free(record);
		return NULL;
	}
	return record;
}

static int trials_lock(const struct record *record, struct error *err)
{
	if (flock(record->trials, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return error_set(err, EBUSY, "wait until it has ended, or name another record with -o DIR",
				 "another run is writing %s", record->directory);
	return error_errno(err, errno, "name a record on a local file system with -o DIR",
			   "cannot lock %s/%s", record->directory, TRIALS_FILE);
}

/* Open the directory, which must hold nothing. */
static int create_directory(struct record *record, bool *made, struct error *err)
{
	int rc = directory_make(record->directory);

	if (rc < 0)
		return write_failed(err, -rc, record->directory, "");
	*made = rc == 1;
	record->dir = record_open_directory(record->directory, err);
	if (record->dir < 0)
		return record->dir;
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
	int logs, rc;

	record->trials =
		openat(record->dir, TRIALS_FILE, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (record->trials < 0)
		return write_failed(err, errno, record->directory, TRIALS_FILE);
	directory_share_owner(record->dir, record->trials);
	rc = trials_lock(record, err);
	if (rc)
		return rc;
	if (mkdirat(record->dir, LOGS_DIRECTORY, 0755) != 0)
		return write_failed(err, errno, record->directory, LOGS_DIRECTORY);
	logs = openat(record->dir, LOGS_DIRECTORY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (logs >= 0) {
		directory_share_owner(record->dir, logs);
		close(logs);
	}
	rc = run_write(record);
	return rc ? write_failed(err, -rc, record->directory, RUN_FILE) : 0;
}

/* Take back a record that could not be made whole. */
static void create_undo(struct record *record, bool made)
{
	if (record->trials >= 0) {
		unlinkat(record->dir, RUN_FILE, 0);
		unlinkat(record->dir, LOGS_DIRECTORY, AT_REMOVEDIR);
		unlinkat(record->dir, TRIALS_FILE, 0);
	}
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

/*
 * The record may be another user's: nothing in it may lead what we write elsewhere, trials.jsonl by a hard
 * link, the logs by a symbolic one.
 */
static int check_files(const struct record *record, struct error *err)
{
	struct stat trials, logs;

	if (fstat(record->trials, &trials) || !S_ISREG(trials.st_mode) || trials.st_nlink != 1)
		return error_set(err, EPERM, "go on with a record of your own",
				 "%s/%s is a link or no plain file", record->directory, TRIALS_FILE);
	if (mkdirat(record->dir, LOGS_DIRECTORY, 0755) && errno != EEXIST)
		return write_failed(err, errno, record->directory, LOGS_DIRECTORY);
	if (fstatat(record->dir, LOGS_DIRECTORY, &logs, AT_SYMLINK_NOFOLLOW) || !S_ISDIR(logs.st_mode))
		return error_set(err, EPERM, "go on with a record of your own", "%s/%s is no directory",
				 record->directory, LOGS_DIRECTORY);
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
		return write_failed(err, errno, record->directory, TRIALS_FILE);
	return 0;
}

int record_resume(struct record **out, const char *directory, struct error *err)
{
	struct record *record = record_new(directory);
	int rc;

	*out = NULL;
	if (!record)
		return error_set(err, ENOMEM, NULL, "out of memory");
	rc = record->dir = record_open_directory(directory, err);
	if (rc < 0)
		goto fail;
	rc = record_load_run(record->dir, directory, &record->run, err);
	if (rc)
		goto fail;
	record->trials = openat(record->dir, TRIALS_FILE, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	if (record->trials < 0) {
		rc = write_failed(err, errno, directory, TRIALS_FILE);
		goto fail;
	}
	rc = check_files(record, err);
	if (!rc)
		rc = trials_lock(record, err);
	if (rc)
		goto fail;
	/* Once more: what was read before the lock was had may be a step behind. */
	json_decref(record->run);
	record->run = NULL;
	rc = record_load_run(record->dir, directory, &record->run, err);
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

const char *record_directory(const struct record *record)
{
	return record->directory;
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
		return write_failed(err, -rc, record->directory, TRIALS_FILE);
	record->length += (off_t)size;
	return 0;
}

int record_update(struct record *record, struct error *err)
{
	int rc = run_write(record);

	return rc ? write_failed(err, -rc, record->directory, RUN_FILE) : 0;
}

void record_close(struct record *record)
{
	if (!record)
		return;
	if (record->trials >= 0)
		close(record->trials); /* and with it the lock */
	if (record->dir >= 0)
		close(record->dir);
	json_decref(record->run);
	free(record->directory);
	free(record);
}
