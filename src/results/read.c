/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a record, which may come from another machine or another version: nothing in it is taken on trust.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "results/internal.h"
#include "results/record.h"
#include "results/reduce.h"

#define NOT_OURS "name the directory of a record that lanebench run has written"
#define REPAIR "remove that line, or take the file from a copy of the record"

int record_open_directory(const char *path, struct error *err)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return error_errno(err, errno, NOT_OURS, "cannot open the record %s", path);
	return dir;
}

static FILE *open_file(int dir, const char *path, const char *name, struct error *err)
{
	int fd = openat(dir, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a pipe: do not wait */
	FILE *file = fd < 0 ? NULL : fdopen(fd, "re");

	if (!file) {
		error_errno(err, errno, errno == ENOENT ? NOT_OURS : "", "cannot read %s/%s", path, name);
		if (fd >= 0)
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

int record_load_run(int dir, const char *path, json_t **run, struct error *err)
{
	FILE *file = open_file(dir, path, RUN_FILE, err);
	json_error_t wrong;
	int rc;

	*run = NULL;
	if (!file)
		return -err->code;
	*run = json_loadf(file, JSON_REJECT_DUPLICATES, &wrong);
	fclose(file);
	if (!*run)
		return error_set(err, EPROTO, "take the file from a copy of the record", "%s/%s:%d:%d: %s",
				 path, RUN_FILE, wrong.line, wrong.column, wrong.text);
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

static int view_add(struct record_view *view, size_t *room, json_t *trial)
{
	if (view->count == *room) {
		size_t more = *room ? *room * 2 : 64;
		json_t **trials = reallocarray(view->trials, more, sizeof(*trials));

		if (!trials)
			return -ENOMEM;
		view->trials = trials;
		*room = more;
	}
	view->trials[view->count++] = trial;
	return 0;
}

/* trials.jsonl, a line at a time. */
struct reader {
	FILE *file;
	const char *path; /* of the record, for messages */
	bool figures;     /* no buckets of histograms */
	char *line, *skimmed;
	size_t size, skimmed_size, number;
	char *warning;    /* WARNING_SIZE bytes; NULL = nobody asks */
};

#define WARNING_SIZE sizeof(((struct record_view *)0)->warning)

static int reader_open(struct reader *reader, int dir, const char *path, struct error *err)
{
	reader->path = path;
	reader->file = open_file(dir, path, TRIALS_FILE, err);
	return reader->file ? 0 : -err->code;
}

static void reader_close(struct reader *reader)
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

/* The next line; *length is 0 at the end. */
static int reader_line(struct reader *reader, size_t *length, struct error *err)
{
	ssize_t n;

	*length = 0;
	errno = 0;
	n = getline(&reader->line, &reader->size, reader->file);
	if (n < 0)
		return !ferror(reader->file) && !errno ? 0 :
		       error_errno(err, errno ? errno : EIO, NULL, "cannot read %s/%s", reader->path,
				   TRIALS_FILE);
	*length = (size_t)n;
	reader->number++;
	return 0;
}

/* The next trial, a new reference; NULL at the end. */
static int reader_next(struct reader *reader, json_t **trial, struct error *err)
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
		snprintf(reader->warning, WARNING_SIZE,
			 "%s:%zu: the last line is cut off (the run was killed as it wrote it); ignored",
			 TRIALS_FILE, reader->number);
	return 0;
}

static int trials_load(struct record_view *view, struct reader *reader, struct share *share,
		       struct error *err)
{
	json_t *trial;
	size_t room = 0;
	int rc;

	while ((rc = reader_next(reader, &trial, err)) == 0 && trial) {
		if (view->reduced)
			trial_reduce(trial);
		share_parts(share, trial);
		if (view_add(view, &room, trial) != 0) {
			json_decref(trial);
			return error_set(err, ENOMEM, NULL, "out of memory");
		}
	}
	return rc;
}

static int view_load(struct record_view *view, int dir, struct error *err)
{
	struct reader reader = { .figures = view->reduced, .warning = view->warning };
	struct share *share = view->reduced ? share_new() : NULL;
	int rc = record_load_run(dir, view->directory, &view->run, err);

	if (!rc)
		rc = reader_open(&reader, dir, view->directory, err);
	if (!rc) {
		share_parts(share, view->run);
		rc = trials_load(view, &reader, share, err);
	}
	share_free(share);
	reader_close(&reader);
	return rc;
}

static int view_read(struct record_view *view, const char *directory, bool reduced, struct error *err)
{
	int dir, rc;

	memset(view, 0, sizeof(*view));
	view->reduced = reduced;
	view->directory = strdup(directory);
	if (!view->directory)
		return error_set(err, ENOMEM, NULL, "out of memory");
	dir = record_open_directory(directory, err);
	rc = dir < 0 ? dir : view_load(view, dir, err);
	if (dir >= 0)
		close(dir);
	if (rc)
		record_view_free(view);
	return rc;
}

int record_read(struct record_view *view, const char *directory, struct error *err)
{
	return view_read(view, directory, false, err);
}

int record_read_figures(struct record_view *view, const char *directory, struct error *err)
{
	return view_read(view, directory, true, err);
}

/* `reduced` has no nulls, but for those in `test`. */
static bool trial_is_same(const json_t *reduced, const json_t *trial)
{
	static const char *const same[] = { "trial", "repeat", "kind", "status", "started", "test" };

	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		const json_t *x = json_object_get(reduced, same[i]), *y = json_object_get(trial, same[i]);

		if (x ? !json_equal(x, y) : y && !json_is_null(y))
			return false;
	}
	return true;
}

/* The trial on the next line, which is to be the view's. */
static int scan_line(const struct record_view *view, size_t index, struct reader *reader, record_visit *visit,
		     void *context, struct error *err)
{
	json_t *trial;
	int rc = reader_next(reader, &trial, err);

	if (!rc && (!trial || !trial_is_same(view->trials[index], trial)))
		rc = error_set(err, EPROTO, "run the command again",
			       "%s/%s:%zu: the record has changed while it was read", view->directory,
			       TRIALS_FILE, index + 1);
	if (!rc)
		rc = visit(context, index, trial, err);
	json_decref(trial);
	return rc;
}

/* Lines that a run has appended meanwhile are not of this view. */
static int scan_file(const struct record_view *view, struct reader *reader, const bool *wanted,
		     record_visit *visit, void *context, struct error *err)
{
	size_t length;
	int rc = 0;

	for (size_t i = 0; !rc && i < view->count; i++)
		rc = !wanted || wanted[i] ? scan_line(view, i, reader, visit, context, err) :
					    reader_line(reader, &length, err);
	return rc;
}

static int scan_memory(const struct record_view *view, const bool *wanted, record_visit *visit, void *context,
		       struct error *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < view->count; i++)
		if (!wanted || wanted[i])
			rc = visit(context, i, view->trials[i], err);
	return rc;
}

int record_scan_some(const struct record_view *view, const bool *wanted, record_visit *visit, void *context,
		     struct error *err)
{
	struct reader reader = { 0 };
	int dir, rc;

	if (!view->reduced)
		return scan_memory(view, wanted, visit, context, err);
	dir = record_open_directory(view->directory, err);
	rc = dir < 0 ? dir : reader_open(&reader, dir, view->directory, err);
	if (!rc)
		rc = scan_file(view, &reader, wanted, visit, context, err);
	reader_close(&reader);
	if (dir >= 0)
		close(dir);
	return rc;
}

int record_scan(const struct record_view *view, record_visit *visit, void *context, struct error *err)
{
	return record_scan_some(view, NULL, visit, context, err);
}

void record_view_free(struct record_view *view)
{
	for (size_t i = 0; i < view->count; i++)
		json_decref(view->trials[i]);
	free(view->trials);
	free(view->directory);
	json_decref(view->run);
	memset(view, 0, sizeof(*view));
}

bool record_line_concludes(const json_t *line)
{
	const char *kind = json_string_value(json_object_get(line, "kind"));

	return !kind || !strcmp(kind, "trial") || !strcmp(kind, "search");
}
