/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a record, which may come from another machine, another version, or somebody who means no good: what
 * is read is a plain file in the record's own directory, in pieces of bounded size.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/internal.h"
#include "results/record.h"
#include "results/reduce.h"
#include "system/below.h"

#define NOT_OURS "name the directory of a record that lanebench run has written"
#define REPAIR "remove that line, or take the file from a copy of the record"
#define COPY "take the file from a copy of the record"
/* A line, or run.json: most is samples, some 45 bytes a pair and second. */
#define PIECE_MAX ((size_t)256 << 20)

static FILE *open_file(int dir, const char *path, const char *name, struct error *err)
{
	int fd = below_open_file(dir, path, name, O_RDONLY, 0, err);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "re");

	if (fd == -ENOENT)
		error_errno(err, ENOENT, NOT_OURS, "cannot read %s/%s", path, name);
	else if (fd >= 0 && !file) {
		error_errno(err, errno, NULL, "cannot read %s/%s", path, name);
		close(fd);
	}
	return file;
}

static int run_check(const json_t *run, const char *path, struct error *err)
{
	const json_t *schema = json_object_get(run, "schema");

	if (!json_is_integer(schema) || !json_is_object(run))
		return error_set(err, EPROTO, NOT_OURS,
				 "%s/%s is not of lanebench: it has no number 'schema'", path, RUN_FILE);
	if (json_integer_value(schema) > RECORD_SCHEMA)
		return error_set(err, EPROTO, "read it with the lanebench that wrote it, or a newer one",
				 "%s/%s: its schema %lld is newer than the one that this lanebench reads "
				 "(%d)",
				 path, RUN_FILE, (long long)json_integer_value(schema), RECORD_SCHEMA);
	if (json_integer_value(schema) < 1)
		return error_set(err, EPROTO, NOT_OURS, "%s/%s: there is no schema %lld", path, RUN_FILE,
				 (long long)json_integer_value(schema));
	return 0;
}

int reader_run(int dir, const char *path, json_t **run, struct error *err)
{
	FILE *file = open_file(dir, path, RUN_FILE, err);
	json_error_t wrong;
	struct stat st;
	int rc;

	*run = NULL;
	if (!file)
		return -err->code;
	if (!fstat(fileno(file), &st) && (size_t)st.st_size > PIECE_MAX) {
		fclose(file);
		return error_set(err, EFBIG, COPY, "%s/%s is too large to be a run's", path, RUN_FILE);
	}
	*run = json_loadf(file, JSON_REJECT_DUPLICATES, &wrong);
	fclose(file);
	if (!*run)
		return error_set(err, EPROTO, COPY, "%s/%s:%d:%d: %s", path, RUN_FILE, wrong.line, wrong.column, wrong.text);
	rc = run_check(*run, path, err);
	if (rc) {
		json_decref(*run);
		*run = NULL;
	}
	return rc;
}

/* What a reader relies on; everything else it looks for and may find missing. NULL = fine. */
static const char *trial_wrong(const json_t *trial)
{
	static const char *const status[] = { "ok", "void", "failed", "skipped" };
	const char *text = json_string_value(json_object_get(trial, "status"));

	if (!json_is_object(json_object_get(trial, "test")))
		return "it has no object 'test'";
	if (!text)
		return "it has no text 'status'";
	for (size_t i = 0; i < sizeof(status) / sizeof(*status); i++)
		if (!strcmp(text, status[i]))
			return NULL;
	return "its 'status' is none of ok, void, failed, skipped";
}

int reader_open(struct reader *reader, int dir, const char *path, struct error *err)
{
	reader->path = path;
	reader->file = open_file(dir, path, TRIALS_FILE, err);
	return reader->file ? 0 : -err->code;
}

void reader_close(struct reader *reader)
{
	if (reader->file)
		fclose(reader->file);
	free(reader->skimmed);
	free(reader->line);
}

/* The line without buckets; NULL without memory, or where it is no JSON: the whole line then tells. */
static json_t *reader_skim(struct reader *reader, size_t length)
{
	if (reader->skimmed_size < reader->size) {
		free(reader->skimmed);
		reader->skimmed = malloc(reader->size);
		reader->skimmed_size = reader->skimmed ? reader->size : 0;
	}
	if (!reader->skimmed)
		return NULL;
	length = line_skim(reader->line, length, reader->skimmed);
	return json_loadb(reader->skimmed, length, JSON_REJECT_DUPLICATES, NULL);
}

static int reader_parse(struct reader *reader, size_t length, json_t **trial, struct error *err)
{
	json_error_t wrong;
	const char *why;

	*trial = reader->figures ? reader_skim(reader, length) : NULL;
	if (!*trial)
		*trial = json_loadb(reader->line, length, JSON_REJECT_DUPLICATES, &wrong);
	if (!*trial)
		return error_set(err, EPROTO, REPAIR, "%s/%s:%zu:%d: %s", reader->path, TRIALS_FILE,
				 reader->number, wrong.column, wrong.text);
	why = trial_wrong(*trial);
	if (!why)
		return 0;
	json_decref(*trial);
	*trial = NULL;
	return error_set(err, EPROTO, REPAIR, "%s/%s:%zu: not a trial of lanebench: %s", reader->path,
			 TRIALS_FILE, reader->number, why);
}

/* Room for one more byte of the line, and a 0 behind it. False without memory. */
static bool reader_room(struct reader *reader, size_t used)
{
	size_t size = reader->size ? 2 * reader->size : 65536;
	char *line;

	if (used + 2 <= reader->size)
		return true;
	line = realloc(reader->line, size);
	if (!line)
		return false;
	reader->line = line;
	reader->size = size;
	return true;
}

/* The next line, with its newline if it has one; *length is 0 at the end. */
static int reader_line(struct reader *reader, size_t *length, struct error *err)
{
	int c;

	*length = 0;
	reader->number++;
	while ((c = getc_unlocked(reader->file)) != EOF) {
		if (*length == PIECE_MAX)
			return error_set(err, EFBIG, REPAIR, "%s/%s:%zu: the line is too long to be a trial",
					 reader->path, TRIALS_FILE, reader->number);
		if (!reader_room(reader, *length))
			return error_set(err, ENOMEM, NULL, "out of memory");
		reader->line[(*length)++] = (char)c;
		if (c == '\n')
			break;
	}
	if (ferror(reader->file))
		return error_errno(err, errno ? errno : EIO, NULL, "cannot read %s/%s", reader->path, TRIALS_FILE);
	if (*length)
		reader->line[*length] = 0;
	return 0;
}

int reader_skip(struct reader *reader, struct error *err)
{
	size_t length;

	return reader_line(reader, &length, err);
}

int reader_next(struct reader *reader, json_t **trial, struct error *err)
{
	size_t length;
	int rc = reader_line(reader, &length, err);

	*trial = NULL;
	if (rc || !length)
		return rc;
	/* A line counts once its newline is there: then record_append had it whole. None follows one
	 * without. */
	if (reader->line[length - 1] == '\n')
		return reader_parse(reader, length - 1, trial, err);
	if (reader->warning)
		snprintf(reader->warning, READER_WARNING,
			 "%s:%zu: the last line is cut off (the run was killed as it wrote it); ignored",
			 TRIALS_FILE, reader->number);
	return 0;
}

