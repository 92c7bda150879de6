/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs beside the containers, such as those of a switch, are none of lanebench's user's: one that a hostile
 * container takes over has a user of its own, no file of the host's but what all programs need to run, and nothing
 * to write to but its own directories.
 *
 * That takes root; where lanebench is not the machine's root, its programs have its own user and see what it sees.
 * Or they run in a container: then its user is theirs, and they see what it sees.
 */
#ifndef LB_TESTBED_HOST_PROGRAM_USER_H
#define LB_TESTBED_HOST_PROGRAM_USER_H

#include "system/identity.h"
#include "system/program.h"
#include "util/error.h"

struct program_user {
	struct identity identity;
	const char *own[3];
	struct view view;
	struct program_place place; /* start NULL = on the host */
	uid_t owner;                /* of what is in the container */
};

#define PROGRAM_USER_NONE { .identity = IDENTITY_NONE }

/*
 * Take a user and give it a directory, the root of a file system for its memory (NULL or "" = none), and devices (a
 * NULL-terminated list; NULL = none). The texts stay the caller's, and *user where it is, until it is released.
 */
int program_user_take(struct program_user *user, const char *directory, const char *memory,
		      const char *const *devices, struct error *err);
/* The same for programs in a container, whose root is this id to the host. It has those directories and devices. */
void program_user_enter(struct program_user *user, struct program_place place, uid_t owner);
/* The program is to run as that user, with its view, or in the container. */
void program_user_apply(const struct program_user *user, struct program *program);
/* Host's id of who the program's files are. */
uid_t program_user_id(const struct program_user *user);
/* None of its programs runs any more. Safe on PROGRAM_USER_NONE. */
void program_user_release(struct program_user *user);

#endif
