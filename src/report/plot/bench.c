/* SPDX-License-Identifier: Apache-2.0 */
#include "report/plot/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/memory.h"

#define MEGABYTES 256

/*
 * A plain file, and no link: what gnuplot has left may be anything. `owner`: who may read the copy, whatever the
 * umask says; 0 = as the umask has it. 0, also where there is no such file, or -errno.
 */
static int copy_file(int from, int to, const char *name, const char *suffix, uid_t owner)
{
	char file[96], text[65536];
	int in, out = -1, rc = 0;
	struct stat found;
	ssize_t size;

	snprintf(file, sizeof(file), "%s.%s", name, suffix);
	in = openat(from, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (in < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(in, &found) || !S_ISREG(found.st_mode))
		rc = -EINVAL;
	if (!rc)
		out = openat(to, file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (!rc && (out < 0 || (owner && fchown(out, owner, owner))))
		rc = -errno;
	while (!rc && (size = read(in, text, sizeof(text))) != 0)
		if (size < 0 || write(out, text, (size_t)size) != size)
			rc = errno ? -errno : -ENOSPC;
	if (out >= 0)
		close(out);
	close(in);
	return rc;
}

static int copy_files(int from, int to, const struct plots *plots, const char *const suffixes[2], uid_t owner,
		      struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < plots->count && !rc; i++)
		for (size_t k = 0; k < 2 && suffixes[k] && !rc; k++) {
			rc = copy_file(from, to, plots->plot[i].name, suffixes[k], owner);
			if (rc)
				error_errno(err, -rc, NULL, "cannot copy the plot %s.%s", plots->plot[i].name,
					    suffixes[k]);
		}
	return rc;
}

/* The root of a container that may mount nothing has no copy, and no user for it: gnuplot is then as it is. */
static int copy_make(struct bench *bench, const struct plots *plots, struct error *err)
{
	static const char *const written[2] = { "gp", "dat" };

	if (geteuid() || identity_take(&bench->identity, NULL))
		return 0;
	bench->copy = memory_directory(MEGABYTES, bench->identity.id, err);
	if (bench->copy == -EPERM)
		return 0;
	if (bench->copy < 0)
		return bench->copy;
	bench->user = bench->identity.id;
	return copy_files(bench->folder, bench->copy, plots, written, bench->user, err);
}

int bench_open(struct bench *bench, const struct plots *plots, const char *folder, struct error *err)
{
	int rc;

	*bench = (struct bench){ .copy = -1, .identity = IDENTITY_NONE };
	bench->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (bench->folder < 0)
		return error_errno(err, errno, NULL, "cannot open the folder %s", folder);
	rc = copy_make(bench, plots, err);
	snprintf(bench->path, sizeof(bench->path), "/proc/self/fd/%d", bench->copy >= 0 ? bench->copy : bench->folder);
	return rc;
}

int bench_take(const struct bench *bench, const struct plots *plots, bool pdf, struct error *err)
{
	const char *const drawn[2] = { "svg", pdf ? "pdf" : NULL };

	return bench->copy >= 0 ? copy_files(bench->copy, bench->folder, plots, drawn, 0, err) : 0;
}

void bench_close(struct bench *bench)
{
	if (bench->copy >= 0)
		close(bench->copy);
	if (bench->folder >= 0)
		close(bench->folder);
	identity_release(&bench->identity);
}
