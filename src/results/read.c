/* SPDX-License-Identifier: Apache-2.0 */
/* A record for reading: run.json and the trials, whole or with their figures alone. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "results/internal.h"
#include "results/record.h"
#include "results/reduce.h"

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

static int view_load(struct record_view *view, struct error *err)
{
	struct reader reader = { .figures = view->reduced, .warning = view->warning };
	struct share *share = view->reduced ? share_new() : NULL;
	int rc = reader_run(view->dir, view->directory, &view->run, err);

	if (!rc)
		rc = reader_open(&reader, view->dir, view->directory, err);
	if (!rc) {
		share_parts(share, view->run);
		rc = trials_load(view, &reader, share, err);
	}
	share_free(share);
	reader_close(&reader);
	return rc;
}

/* The directory's descriptor, or -errno, is the view's from here on. */
static int view_read(struct record_view *view, int dir, const char *directory, bool reduced, struct error *err)
{
	int rc;

	*view = (struct record_view){ .dir = dir, .reduced = reduced };
	if (dir < 0)
		return dir;
	view->directory = strdup(directory);
	rc = view->directory ? view_load(view, err) : error_set(err, ENOMEM, NULL, "out of memory");
	if (!view->directory)
		close(dir);
	if (rc)
		record_view_free(view);
	return rc;
}

int record_read(struct record_view *view, const char *directory, struct error *err)
{
	return view_read(view, directory_open(directory, err), directory, false, err);
}

int record_read_figures(struct record_view *view, const char *directory, struct error *err)
{
	return view_read(view, directory_open(directory, err), directory, true, err);
}

int record_read_own(struct record_view *view, const struct record *record, struct error *err)
{
	int dir = openat(record->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0) {
		memset(view, 0, sizeof(*view));
		return error_errno(err, errno, NULL, "cannot read %s", record->directory);
	}
	return view_read(view, dir, record->directory, true, err);
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
	int rc = 0;

	for (size_t i = 0; !rc && i < view->count; i++)
		rc = !wanted || wanted[i] ? scan_line(view, i, reader, visit, context, err) :
					    reader_skip(reader, err);
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
	int rc;

	if (!view->reduced)
		return scan_memory(view, wanted, visit, context, err);
	rc = reader_open(&reader, view->dir, view->directory, err);
	if (!rc)
		rc = scan_file(view, &reader, wanted, visit, context, err);
	reader_close(&reader);
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
	if (view->directory)
		close(view->dir);
	free(view->directory);
	json_decref(view->run);
	memset(view, 0, sizeof(*view));
}

bool record_line_concludes(const json_t *line)
{
	const char *kind = json_string_value(json_object_get(line, "kind"));

	return !kind || !strcmp(kind, "trial") || !strcmp(kind, "search");
}
