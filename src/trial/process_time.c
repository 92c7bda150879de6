/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/process_time.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/clock.h"

static double tick_s(void)
{
	return 1.0 / (double)sysconf(_SC_CLK_TCK);
}

/* A file of /proc as text; these are shorter than a page. 0 or -errno. */
static int read_text(int directory, const char *path, char *text, size_t size)
{
	int fd = openat(directory, path, O_RDONLY | O_CLOEXEC), result = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, size - 1);
	if (n < 0)
		result = -errno;
	text[n < 0 ? 0 : n] = 0;
	close(fd);
	return result;
}

/* Field `number` of a stat file (proc(5)), from 3 on, of what stands behind the name; 0 if there is none. */
static unsigned long long stat_field(const char *rest, int number)
{
	for (rest += strspn(rest, " "); number > 3; number--) {
		rest += strcspn(rest, " ");
		rest += strspn(rest, " ");
	}
	return strtoull(rest, NULL, 10);
}

/* The name stands in brackets and may have brackets and spaces in it: what follows, follows the last bracket. */
static int parse_stat(const char *text, struct thread_time *thread)
{
	enum { UTIME = 14, STIME = 15, PROCESSOR = 39 };
	const char *open = strchr(text, '('), *close = strrchr(text, ')');

	if (!open || !close || close < open)
		return -EPROTO;
	snprintf(thread->name, sizeof(thread->name), "%.*s", (int)(close - open - 1), open + 1);
	thread->user = stat_field(close + 1, UTIME);
	thread->system = stat_field(close + 1, STIME);
	thread->processor = (int)stat_field(close + 1, PROCESSOR);
	return 0;
}

static int read_stat(int directory, const char *path, struct thread_time *thread)
{
	char text[2048];
	int result = read_text(directory, path, text, sizeof(text));

	return result ? result : parse_stat(text, thread);
}

/* Its first two numbers: ns on a processor, ns waiting for one. */
static int read_schedstat(int directory, const char *path, struct thread_time *thread)
{
	char text[128];
	unsigned long long run, waited;

	if (read_text(directory, path, text, sizeof(text)) || sscanf(text, "%llu %llu", &run, &waited) != 2)
		return -ENOTSUP;
	thread->run_ns = run;
	thread->waited_ns = waited;
	return 0;
}

static struct thread_time *time_add(struct process_time *time)
{
	/* Grows at powers of two, so that the capacity need not be kept. */
	if (!(time->count & (time->count - 1))) {
		size_t capacity = time->count ? 2 * (size_t)time->count : 1;
		struct thread_time *threads = reallocarray(time->threads, capacity, sizeof(*threads));

		if (!threads)
			return NULL;
		time->threads = threads;
	}
	return memset(&time->threads[time->count++], 0, sizeof(struct thread_time));
}

static int read_thread(struct process_time *time, int tasks, pid_t tid, const struct thread_time *process,
		       pid_t pid)
{
	struct thread_time *thread = time_add(time);
	char path[64];
	int result;

	if (!thread)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%d/stat", tid);
	result = read_stat(tasks, path, thread);
	if (result) {
		time->count--; /* it ended meanwhile: its time is in the process's */
		return result == -ENOENT || result == -ESRCH ? 0 : result;
	}
	thread->pid = pid;
	thread->tid = tid;
	memcpy(thread->process, process->name, sizeof(thread->process));
	snprintf(path, sizeof(path), "%d/schedstat", tid);
	if (read_schedstat(tasks, path, thread))
		time->precise = false;
	return 0;
}

static int read_threads(struct process_time *time, DIR *tasks, const struct thread_time *process, pid_t pid)
{
	const struct dirent *entry;
	int result = 0;

	while (!result && (entry = readdir(tasks))) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10); /* 0: "." and ".." */

		if (tid > 0)
			result = read_thread(time, dirfd(tasks), tid, process, pid);
	}
	return result;
}

static int read_process(struct process_time *time, pid_t pid)
{
	struct thread_time process = { 0 };
	char path[64];
	DIR *tasks;
	int result;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	result = read_stat(AT_FDCWD, path, &process);
	if (result)
		return result == -ENOENT ? -ESRCH : result;
	time->user += process.user;
	time->system += process.system;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	if (!tasks)
		return errno == ENOENT ? -ESRCH : -errno;
	result = read_threads(time, tasks, &process, pid);
	closedir(tasks);
	return result;
}

int process_time_read(struct process_time *time, const struct process *processes, unsigned count,
		      struct error *err)
{
	memset(time, 0, sizeof(*time));
	time->taken_ns = clock_monotonic_ns();
	time->precise = true;
	for (unsigned i = 0; i < count; i++) {
		int result = processes[i].pid > 0 ? read_process(time, processes[i].pid) : 0;

		if (result)
			return error_errno(err, -result, NULL, "cannot read the processor time of process %d",
					   (int)processes[i].pid);
	}
	return 0;
}

void process_time_free(struct process_time *time)
{
	free(time->threads);
	memset(time, 0, sizeof(*time));
}

/* ---- between two readings ------------------------------------------------------------------------------ */

static double seconds_between(uint64_t begin, uint64_t end, double unit)
{
	return end > begin ? (double)(end - begin) * unit : 0;
}

/* The thread as it was at the beginning; one that was not there had no time yet. */
static struct thread_time thread_before(const struct process_time *begin, const struct thread_time *thread)
{
	for (unsigned i = 0; i < begin->count; i++)
		if (begin->threads[i].tid == thread->tid && begin->threads[i].pid == thread->pid)
			return begin->threads[i];
	return (struct thread_time){ 0 };
}

json_t *process_time_between(const struct process_time *begin, const struct process_time *end)
{
	bool precise = begin->precise && end->precise;
	double window = (double)(end->taken_ns - begin->taken_ns) / 1e9;
	double user = seconds_between(begin->user, end->user, tick_s());
	double system = seconds_between(begin->system, end->system, tick_s());
	double total = precise ? 0 : user + system;
	json_t *threads = json_array();

	for (unsigned i = 0; i < end->count; i++) {
		const struct thread_time *thread = &end->threads[i], before = thread_before(begin, thread);
		double thread_user = seconds_between(before.user, thread->user, tick_s());
		double thread_system = seconds_between(before.system, thread->system, tick_s());
		double run = precise ? seconds_between(before.run_ns, thread->run_ns, 1e-9) :
			     thread_user + thread_system;

		double waited = seconds_between(before.waited_ns, thread->waited_ns, 1e-9);

		total += precise ? run : 0;
		json_array_append_new(threads, json_pack("{s:s, s:s, s:i, s:f, s:f, s:f, s:o}",
							 "process", thread->process,
							 "name", thread->name,
							 "processor", thread->processor, "user_s", thread_user,
							 "system_s", thread_system, "total_s", run, "waited_s",
							 precise ? json_real(waited) : json_null()));
	}
	return json_pack("{s:f, s:f, s:f, s:o, s:s, s:o}", "user_s", user, "system_s", system, "total_s", total,
			 "busy", window > 0 ? json_real(total / window) : json_null(),
			 "source", precise ? "schedstat" : "ticks", "threads", threads);
}

double process_time_waiting(const struct process_time *begin, const struct process_time *end)
{
	double window = (double)(end->taken_ns - begin->taken_ns) / 1e9, most = 0;

	for (unsigned i = 0; begin->precise && end->precise && i < end->count; i++) {
		const struct thread_time before = thread_before(begin, &end->threads[i]);
		double waited = seconds_between(before.waited_ns, end->threads[i].waited_ns, 1e-9);

		most = waited > most ? waited : most;
	}
	return window > 0 ? most / window : 0;
}
