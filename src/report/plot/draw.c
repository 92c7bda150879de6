/* SPDX-License-Identifier: Apache-2.0 */
/* Runs gnuplot over the scripts of a folder: one process for all SVGs, one for all PDFs, at the same time. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "measure/clock.h"
#include "report/plot/script.h"
#include "util/text.h"

#define PROGRAM "gnuplot"
#define TIMEOUT_NS UINT64_C(60000000000)
#define NO_PROGRAM "install gnuplot (Debian: gnuplot-nox)"

struct drawer {
	const char *suffix;
	pid_t pid;       /* 0 = not running */
	int pidfd;       /* -1 = none */
	int messages;    /* what it says; -1 = none */
	int status;      /* as waitpid has it */
};

/*
 * Of the environment what it takes to be found, and to find fonts. All that would change what gnuplot draws
 * (GNUTERM, GNUPLOT_LIB, a language with a decimal comma) stays outside. C.UTF-8: labels may be in any
 * alphabet.
 */
static char **environment_make(void)
{
	static const char *const passed[] = { "PATH", "HOME", "XDG_CACHE_HOME", "TMPDIR" };
	char **environment = calloc(sizeof(passed) / sizeof(*passed) + 2, sizeof(*environment));
	size_t n = 0;

	if (!environment)
		return NULL;
	environment[n] = strdup("LC_ALL=C.UTF-8");
	n += environment[n] != NULL;
	for (size_t i = 0; i < sizeof(passed) / sizeof(*passed); i++) {
		const char *value = getenv(passed[i]);

		if (value && asprintf(&environment[n], "%s=%s", passed[i], value) >= 0)
			n++;
		else
			environment[n] = NULL;
	}
	return environment;
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

/* In `folder`, with nothing to read, and all that it says into `messages`. Returns 0 or an errno. */
static int drawer_spawn(struct drawer *drawer, const char *folder, char *const argv[],
			char *const environment[])
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int rc;

	sigemptyset(&none);
	rc = posix_spawn_file_actions_init(&actions);
	if (rc)
		return rc;
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	rc = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&actions, drawer->messages, 1);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&actions, drawer->messages, 2);
	if (!rc)
		rc = posix_spawn_file_actions_addchdir_np(&actions, folder);
	if (!rc)
		rc = posix_spawnp(&drawer->pid, PROGRAM, &actions, &attributes, argv, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

static int drawer_start(struct drawer *drawer, const struct plots *plots, const char *folder,
			struct error *err)
{
	char **argv = arguments_make(plots, !strcmp(drawer->suffix, "pdf")),
	     **environment = environment_make();
	int rc = 0;

	drawer->pid = 0;
	drawer->pidfd = -1;
	drawer->messages = memfd_create("gnuplot", MFD_CLOEXEC);
	if (!argv || !environment)
		rc = error_set(err, ENOMEM, NULL, "out of memory");
	else if (drawer->messages < 0)
		rc = error_errno(err, errno, NULL, "memfd_create");
	if (rc)
		goto out;
	rc = drawer_spawn(drawer, folder, argv, environment);
	if (rc) {
		drawer->pid = 0;
		rc = rc == ENOENT ? error_set(err, ENOENT, NO_PROGRAM, "%s is not installed", PROGRAM)
		     : error_errno(err, rc, NULL, "cannot start %s", PROGRAM);
		goto out;
	}
	drawer->pidfd = pidfd_open(drawer->pid, 0);
	if (drawer->pidfd < 0)
		rc = error_errno(err, errno, NULL, "pidfd_open");
out:
	list_free(environment);
	list_free(argv);
	return rc;
}

/* Until it ends, or until `deadline`. */
static int drawer_wait(struct drawer *drawer, uint64_t deadline, struct error *err)
{
	struct pollfd wait = { .fd = drawer->pidfd, .events = POLLIN };
	char words[400];
	int ready;

	do {
		uint64_t now = clock_monotonic_ns();

		ready = poll(&wait, 1, now < deadline ? (int)((deadline - now) / 1000000) + 1 : 0);
	} while (ready < 0 && errno == EINTR);
	if (ready <= 0)
		return error_set(err, ETIMEDOUT, NULL, "%s took longer than 60 s", PROGRAM);
	while (waitpid(drawer->pid, &drawer->status, 0) < 0)
		if (errno != EINTR)
			return error_errno(err, errno, NULL, "waitpid");
	drawer->pid = 0;
	if (drawer->status == 0)
		return 0;
	if (WIFEXITED(drawer->status) && WEXITSTATUS(drawer->status) == 127)
		return error_set(err, ENOENT, NO_PROGRAM, "%s is not installed", PROGRAM);
	text_last_words(drawer->messages, 0, words, sizeof(words));
	if (WIFSIGNALED(drawer->status))
		return error_set(err, EIO, NULL, "%s was ended by signal %d", PROGRAM,
				 WTERMSIG(drawer->status));
	return error_set(err, EIO, NULL, "%s failed: %s", PROGRAM, *words ? words : "it does not say why");
}

static void drawer_end(struct drawer *drawer)
{
	if (drawer->pid > 0) {
		kill(drawer->pid, SIGKILL);
		while (waitpid(drawer->pid, &drawer->status, 0) < 0 && errno == EINTR)
			;
	}
	if (drawer->pidfd >= 0)
		close(drawer->pidfd);
	if (drawer->messages >= 0)
		close(drawer->messages);
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
	struct drawer drawers[2] = { { .suffix = "svg", .pidfd = -1, .messages = -1 },
				     { .suffix = "pdf", .pidfd = -1, .messages = -1 } };
	size_t count = pdf ? 2 : 1;
	uint64_t deadline = clock_monotonic_ns() + TIMEOUT_NS;
	int rc = 0, finished;

	if (!plots->count)
		return 0;
	for (size_t i = 0; i < count && !rc; i++)
		rc = drawer_start(&drawers[i], plots, folder, err);
	for (size_t i = 0; i < count && !rc; i++)
		rc = drawer_wait(&drawers[i], deadline, err);
	for (size_t i = 0; i < count; i++)
		drawer_end(&drawers[i]);
	finished = drawn_finish(plots, folder, pdf, rc, err);
	return rc ? rc : finished;
}
