/* SPDX-License-Identifier: Apache-2.0 */
/* Percentile distributions, a file each test: .hgrm, which HdrHistogram's plotters take. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/export/hdr.h"
#include "report/export/hdr_source.h"
#include "report/report.h"
#include "util/text.h"

#define ROWS_AT_ONCE 1024 /* their histograms are held; for the next ones the record is read again */

struct files {
	const char *folder;
	int dir;
	size_t first;                /* row of the first histogram */
	struct histogram *histogram; /* of ROWS_AT_ONCE rows, repeats merged */
	struct hdr hdr;
	size_t written;
};

static int files_open(struct files *files, struct error *err)
{
	if (mkdir(files->folder, 0777) != 0 && errno != EEXIST)
		return error_errno(err, errno, "name a folder that is there, or can be made",
				   "cannot make %s", files->folder);
	files->dir = open(files->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (files->dir < 0)
		return error_errno(err, errno, "name a folder that is there, or can be made",
				   "cannot open %s", files->folder);
	return 0;
}

/* To write a file from its beginning: no link is followed, and nothing but a file is opened. */
static FILE *file_open(const struct files *files, const char *file, struct error *err)
{
	int fd = openat(files->dir, file, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
	struct stat st;
	FILE *out = NULL;

	if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		errno = EEXIST;
	else if (fd >= 0 && ftruncate(fd, 0) == 0)
		out = fdopen(fd, "we");
	if (!out) {
		error_errno(err, errno, "remove it, or name another folder", "cannot write %s/%s",
			    files->folder, file);
		if (fd >= 0)
			close(fd);
	}
	return out;
}

static int file_write(struct files *files, const char *name, const struct histogram *histogram,
		      struct error *err)
{
	char file[HDR_NAME_MAX + sizeof(".hgrm")];
	bool failed;
	FILE *out;

	snprintf(file, sizeof(file), "%s.hgrm", name);
	out = file_open(files, file, err);
	if (!out)
		return -err->code;
	hdr_make(&files->hdr, histogram);
	hdr_print(out, &files->hdr);
	failed = ferror(out);
	if (fclose(out) != 0 || failed)
		return error_errno(err, errno, NULL, "cannot write %s/%s", files->folder, file);
	files->written++;
	return 0;
}

static int merge_trial(void *context, size_t row, const json_t *trial, const struct histogram *histogram,
		       struct error *err)
{
	struct files *files = context;
	struct histogram *into = &files->histogram[row - files->first];

	(void)trial;
	(void)err;
	/* What a foreign record counts may be more than all packets that were ever sent. */
	if (into->count + histogram->count <= INT64_MAX)
		histogram_merge(into, histogram);
	return 0;
}

static int files_write_some(struct files *files, struct hdr_source *source, struct error *err)
{
	size_t left = source->digest.count - files->first, count = left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE;
	const struct hdr_visit some = { merge_trial, files, files->first, files->first + count };
	int rc;

	for (size_t i = 0; i < count; i++)
		histogram_reset(&files->histogram[i]);
	rc = hdr_source_scan(source, &some, err);
	for (size_t i = 0; !rc && i < count; i++)
		if (files->histogram[i].count)
			rc = file_write(files, source->name[files->first + i], &files->histogram[i], err);
	return rc;
}

static int files_write(struct files *files, struct hdr_source *source, struct error *err)
{
	int rc = 0;

	files->histogram = calloc(ROWS_AT_ONCE, sizeof(*files->histogram));
	if (!files->histogram)
		return error_set(err, ENOMEM, NULL, "out of memory");
	for (; !rc && files->first < source->digest.count; files->first += ROWS_AT_ONCE)
		rc = files_write_some(files, source, err);
	free(files->histogram);
	if (rc)
		return rc;
	if (source->damaged)
		return error_set(err, EPROTO, "take trials.jsonl from a copy of the record",
				 "%zu trial%s left out of the %zu files in %s: damaged histogram%s",
				 source->damaged, source->damaged == 1 ? " is" : "s are", files->written,
				 files->folder, plural(source->damaged));
	return 0;
}

static bool source_is_empty(const struct hdr_source *source)
{
	for (size_t i = 0; i < source->digest.count; i++)
		if (source->name[i])
			return false;
	return true;
}

int report_hgrm(const char *folder, const struct record_view *view, struct error *err)
{
	struct files files = { .folder = folder, .dir = -1 };
	struct hdr_source source;
	int rc = hdr_source_make(&source, view, err);

	if (!rc && source_is_empty(&source))
		rc = error_set(err, ENODATA, NULL, "no trial of this record has measured a latency: nothing "
			       "is written");
	if (!rc)
		rc = files_open(&files, err);
	if (!rc)
		rc = files_write(&files, &source, err);
	if (files.dir >= 0)
		close(files.dir);
	hdr_source_free(&source);
	return rc;
}
