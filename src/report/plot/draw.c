/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs gnuplot over the scripts of a folder: one process for all SVGs, one for all PDFs, at the same time.
 * Scripts hold texts of a record, which may be a stranger's; so gnuplot runs without capabilities, and where
 * lanebench is root as a user of its own, on copies in a directory that has nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "report/plot/bench.h"
#include "system/deadline.h"
#include "system/program.h"
#include "util/text.h"

#define PROGRAM "gnuplot"
#define TIMEOUT_MS 60000

const char *plots_program(void)
{
	static const char *const places[] = { "/usr/bin/gnuplot", "/usr/local/bin/gnuplot", NULL };

	return program_find(places);
}

static void list_free(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

static char **arguments_make(const struct plots *plots, bool pdf)
{
	char **argv = calloc(plots->count + 5, sizeof(*argv));
	size_t n = 0;

	if (!argv)
		return NULL;
	argv[n++] = strdup(PROGRAM);
	argv[n++] = strdup("--default-settings");
	if (pdf) {
		argv[n++] = strdup("-e");
		argv[n++] = strdup("pdf=1");
	}
	for (size_t i = 0; i < plots->count; i++)
		if (asprintf(&argv[n + i], "%s.gp", plots->plot[i].name) < 0)
			argv[n + i] = NULL;
	for (size_t i = 0; i < n + plots->count; i++)
		if (!argv[i]) { /* a gap would end the list too early */
			for (size_t k = 0; k < n + plots->count; k++)
				free(argv[k]);
			free(argv);
			return NULL;
		}
	return argv;
}

/*
 * In the bench's directory, with nothing to read. C.UTF-8: labels may be in any alphabet. Of lanebench's own
 * environment there is nothing: neither what would change a drawing (GNUTERM, GNUPLOT_LIB, a language with a
 * decimal comma), nor what could lead to other programs and libraries.
 */
static int drawer_start(struct process *drawer, const struct plots *plots, const struct bench *bench,
			bool pdf, struct error *err)
{
	char *environment[] = { (char[]){ "LC_ALL=C.UTF-8" }, NULL }, **argv = arguments_make(plots, pdf);
	const struct program program = {
		.path = plots_program(),
		.argv = argv,
		.environment = environment,
		.directory = bench->path,
		.user = bench->user,
		.netns = -1,
		.talks = true,
		.merge = true,
	};
	int rc;

	if (!program.path)
		rc = error_set(err, ENOENT, "install gnuplot (Debian: gnuplot-nox)", PROGRAM " is not installed");
	else if (!argv)
		rc = error_set(err, ENOMEM, NULL, "out of memory");
	else
		rc = program_start(&program, drawer, PROCESS_NO_HOOK, err);
	list_free(argv);
	return rc;
}

static int drawer_wait(struct process *drawer, const struct deadline *deadline, struct error *err)
{
	char words[4096];
	const char *line;
	ssize_t size;

	if (!process_wait(drawer, deadline_left_ms(deadline)))
		return error_set(err, ETIMEDOUT, NULL, PROGRAM " took longer than %d s", TIMEOUT_MS / 1000);
	if (drawer->status == 0)
		return 0;
	if (WIFSIGNALED(drawer->status))
		return error_set(err, EIO, NULL, PROGRAM " was ended by signal %d", WTERMSIG(drawer->status));
	size = read(drawer->socket, words, sizeof(words) - 1);
	words[size > 0 ? size : 0] = 0;
	line = text_last_line(words);
	return error_set(err, EIO, NULL, "%s failed: %s", PROGRAM, *line ? line : "it does not say why");
}

/*
 * The date in a PDF is that of the run, not of the drawing: the same record gives the same bytes. (cairo
 * obeys SOURCE_DATE_EPOCH only from 1.17 on.) It stands in the open, and the new one has the same length.
 */
static void pdf_date(char *data, size_t size, int64_t made)
{
	static const char key[] = "/CreationDate (D:";
	char *at = memmem(data, size, key, sizeof(key) - 1), *digits, date[16];
	time_t when = (time_t)made;
	struct tm tm;

	if (!at || !gmtime_r(&when, &tm) || strftime(date, sizeof(date), "%Y%m%d%H%M%S", &tm) != 14)
		return;
	digits = at + sizeof(key) - 1;
	for (size_t i = 0; i < 14; i++)
		if (digits + i >= data + size || digits[i] < '0' || digits[i] > '9')
			return;
	memcpy(digits, date, 14);
	/* Its own offset from UTC: "Z00'00)", "+01'00)" and the like. */
	for (digits += 14; digits < data + size && *digits != ')'; digits++)
		*digits = *digits >= '1' && *digits <= '9' ? '0' : *digits;
}

static int pdf_set_date(int dir, const char *folder, const char *name, int64_t made, struct error *err)
{
	int fd = openat(dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	void *data =
		size > 0 ? mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
	int rc = 0;

	if (data == MAP_FAILED)
		rc = error_errno(err, size == 0 ? EIO : errno, NULL, "%s has not made %s/%s", PROGRAM, folder,
				 name);
	else
		pdf_date(data, (size_t)size, made);
	if (data != MAP_FAILED)
		munmap(data, (size_t)size);
	if (fd >= 0)
		close(fd);
	return rc;
}

/*
 * What was to be made is there; of PDFs the date is set. Or, after a failure, gone: nothing half drawn stays.
 */
static int drawn_finish(const struct plots *plots, const char *folder, bool pdf, int failed,
			struct error *err)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	if (dir < 0)
		return failed ? 0 : error_errno(err, errno, NULL, "cannot open the folder %s", folder);
	for (size_t i = 0; i < plots->count && !rc; i++) {
		char svg[80], paper[80];

		snprintf(svg, sizeof(svg), "%s.svg", plots->plot[i].name);
		snprintf(paper, sizeof(paper), "%s.pdf", plots->plot[i].name);
		if (failed) {
			unlinkat(dir, svg, 0);
			unlinkat(dir, paper, 0);
			continue;
		}
		if (faccessat(dir, svg, R_OK, 0) != 0)
			rc = error_errno(err, errno, NULL, "%s has not made %s/%s", PROGRAM, folder, svg);
		else if (pdf)
			rc = pdf_set_date(dir, folder, paper, plots->made, err);
	}
	close(dir);
	return rc;
}

int plots_draw(const struct plots *plots, const char *folder, bool pdf, struct error *err)
{
	struct process drawers[2] = { PROCESS_NONE, PROCESS_NONE };
	const struct deadline deadline = deadline_after_ms(TIMEOUT_MS);
	size_t count = pdf ? 2 : 1;
	struct bench bench;
	int rc, finished;

	if (!plots->count)
		return 0;
	rc = bench_open(&bench, plots, folder, err);
	for (size_t i = 0; i < count && !rc; i++)
		rc = drawer_start(&drawers[i], plots, &bench, i == 1, err);
	for (size_t i = 0; i < count && !rc; i++)
		rc = drawer_wait(&drawers[i], &deadline, err);
	for (size_t i = 0; i < count; i++)
		process_stop(&drawers[i], 0);
	rc = rc ? rc : bench_take(&bench, plots, pdf, err);
	bench_close(&bench);
	finished = drawn_finish(plots, folder, pdf, rc, err);
	return rc ? rc : finished;
}
