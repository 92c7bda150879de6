/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other people's programs: daemons that a switch consists of, and tools that configure them. Argument vectors
 * only, an environment of our own making, in the network namespace that the testbed has for the switch, with
 * no more capabilities than named.
 */
#ifndef LB_SYSTEM_PROGRAM_H
#define LB_SYSTEM_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "system/process.h"
#include "system/view.h"
#include "util/error.h"

struct program;

/* Where programs run, if not beside lanebench: who starts them there. */
struct program_place {
	/* As program_start, with its output as `program` says, and the descriptor for its standard error. */
	int (*start)(void *context, const struct program *program, int error_fd, struct process *process,
		     struct process_hook hook, struct error *err);
	void *context;
};

struct program {
	const struct program_place *place; /* NULL = on the host; else view, user and netns are the place's */
	const char *path;           /* of the executable; argv[0] is its name */
	char *const *argv;
	char *const *environment;   /* NAME=VALUE beside PATH and HOME; NULL-terminated; NULL = none */
	const struct view *view;    /* of the file system; NULL = the caller's. It needs a user, and root */
	const char *directory;      /* to run in; NULL = the caller's */
	const char *const *capabilities; /* that it keeps: "net_admin"; NULL-terminated; NULL = none */
	uid_t user;                 /* to run as (confine.h); 0 = the caller's */
	bool filter;                /* it may make the system calls alone that handling packets takes: filter.h */
	int netns;                  /* network namespace to run in; -1 = the caller's */
	/* program_start: its standard error, and its output unless `talks` or `mute`; -1 = /dev/null */
	int log_fd;
	bool mute;                  /* its output goes to /dev/null, whatever becomes of its standard error */
	bool talks;                 /* its standard input and output are process.socket */
	bool merge;                 /* program_run: what it writes on its standard error is output, too */
	const int *processors;      /* it may run on these alone; NULL = wherever the caller may */
	unsigned processor_count;
	const char *cgroup;         /* path of the cgroup to run in, from its first instruction; NULL = the caller's */
};

/*
 * Start it; it runs when this returns 0 (a program that cannot be executed is an error here, named with its
 * path). Ended by process_stop; dies with lanebench.
 */
int program_start(const struct program *program, struct process *process, struct process_hook hook,
		  struct error *err);

/*
 * Run it to its end, at most timeout_ms; log_fd and talks are not looked at. *output (may be NULL) gets
 * what it printed, NUL-terminated, to be freed. Failures: as above; a status other than 0 is -EIO with the
 * last line that it wrote on its standard error.
 */
int program_run(const struct program *program, int timeout_ms, char **output, struct process_hook hook,
		struct error *err);

/* For a place, in the child, last of all: directory, output and error, then the program. Returns an exit status. */
struct confined;
int program_become(const struct program *program, const struct confined *confined);

/* Where an executable is: the first of the NULL-terminated absolute paths that can be run, or NULL. */
const char *program_find(const char *const *paths);

#endif
