/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Child processes: argument vectors only, never a shell. A child does not run before the ledger knows
 * it: it waits on a pipe between fork and its first act, and exits if lanebench dies first.
 */
#ifndef LB_SYSTEM_PROCESS_H
#define LB_SYSTEM_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/error.h"

struct process;

/* Who must know of every process that is started: a list of what is to be killed if we are. */
struct process_hook {
	/* The child exists, and is held before its first act. 0 lets it go; -errno with err ends it. */
	int (*begun)(struct process *process, void *context, struct error *err);
	void (*ended)(struct process *process, void *context);
	void *context;
};

#define PROCESS_NO_HOOK ((struct process_hook){ .begun = NULL })

struct process {
	pid_t pid;      /* 0 = none */
	/*
	 * The other end of its standard input and output: a connected AF_UNIX stream, which may carry
	 * descriptors; non-blocking, close-on-exec; -1 = none. shutdown(SHUT_WR) ends its input. A child that
	 * has ended without reading all makes one read fail with ECONNRESET, after what it has written.
	 */
	int socket;
	struct process_hook hook;
	int entry;      /* the hook's own, 0 = none */
	bool reaped;
	int status;     /* wait status once reaped */
};

#define PROCESS_NONE { .pid = 0, .socket = -1 }

/*
 * Fork a child that runs `child(context)` in a session of its own (a Ctrl-C on the terminal is for
 * lanebench, which then stops its children in order) and exits with what it returns. With `talks`, its
 * standard input and output are a socket; else /dev/null. Its standard error is error_fd (-1 = /dev/null). All
 * other descriptors are close-on-exec ones of ours. The child gets SIGKILL when lanebench dies and default
 * signal handling.
 */
int process_spawn(struct process *process, struct process_hook hook, bool talks, int error_fd,
		  int (*child)(void *context), void *context, struct error *err);

/*
 * Run child(context) in a process of its own to see whether it works: what it does to that process is gone with it.
 * Returns its result (0 to 255), or -errno: none came within a few seconds.
 */
int process_try(int (*child)(void *context), void *context, struct error *err);

/* For a child that has another child of ours take its place (process->pid), which is held: the hook is told. */
int process_begin(struct process *process, struct process_hook hook, struct error *err);

/* In a child: no handlers, nothing ignored, nothing blocked. */
void process_reset_signals(void);

/* Has it ended? Reaps it. */
bool process_ended(struct process *process);
/* Wait up to timeout_ms for the end. Has it ended? */
bool process_wait(struct process *process, int timeout_ms);
/* Text of the end: "exited with status 1", "was killed by signal 9 (Killed)". */
void process_describe_end(const struct process *process, char *text, size_t size);

/*
 * Call each(thread, context) for the threads that a process has now, until one returns anything but 0, which is then
 * the result. One that ends meanwhile is the callee's to pass over (ESRCH); of a process that has ended there are none.
 */
int process_each_thread(pid_t pid, int (*each)(pid_t thread, void *context), void *context);

/*
 * Ask (end its input, SIGTERM), wait up to grace_ms, then SIGKILL; reap, close the socket, tell the hook. Safe
 * on PROCESS_NONE and when already ended.
 */
void process_stop(struct process *process, int grace_ms);

#endif
