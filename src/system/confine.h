/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last steps of a child, alike for endpoints in containers of all runtimes and for the programs of a
 * switch: a user of its own if it has one, exactly the capabilities that were asked for, no way to gain
 * others, an environment of our making, then the program behind a descriptor.
 */
#ifndef LB_SYSTEM_CONFINE_H
#define LB_SYSTEM_CONFINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/error.h"

/* NULL-terminated names ("net_raw") to a mask of 1 << CAP_...; NULL = none. -EINVAL for an unknown name. */
int confine_parse(const char *const *names, uint64_t *capabilities, struct error *err);

/* Does the caller have all of these, so that it can leave them to a program? */
bool confine_may_leave(uint64_t capabilities);

struct confined {
	int program_fd;
	char *const *argv;
	uint64_t capabilities;
	uid_t user;               /* to become, with the group of this number and no other; 0 = the caller's */
	bool filter;              /* system calls: see filter.h */
	char *const *environment; /* NAME=VALUE beside PATH and HOME; NULL-terminated; NULL = none */
	/* write end of a pipe: an errno goes here if the program cannot be run; closed by its start */
	int report_fd;
};

/* A pipe for the report. *report_fd is its read end. */
int confine_open(struct confined *confined, int *report_fd, struct error *err);
/* In the child. Returns (an exit status) only if it failed, and has reported that. */
int confine_exec(const struct confined *confined);
/* In the child: say that a step before has failed. Returns the exit status. */
int confine_fail(const struct confined *confined, int code);
/* In the parent: close the write end, wait until the program runs or has failed to. 0 or -errno. */
int confine_wait(struct confined *confined, int *report_fd, struct error *err);
/* In the parent: close both ends. For the way out. */
void confine_close(struct confined *confined, int *report_fd);

#endif
