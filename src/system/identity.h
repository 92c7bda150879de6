/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users of lanebench's own, which exist for as long as it runs: ids of the host that belong to nobody, one
 * for each container and for each program that is not to have root's files.
 *
 * An id is free if /etc/subuid and /etc/subgid give it to nobody, if it has no name as a user or a group
 * (whoever else keeps names, such as SSSD, is asked as well), if no process runs with it and no other
 * lanebench on this machine has it. It is both a user's and a group's.
 */
#ifndef LB_SYSTEM_IDENTITY_H
#define LB_SYSTEM_IDENTITY_H

#include <sys/types.h>

#include "util/error.h"

struct identity {
	uid_t id;
	int reservation;  /* keeps it from others until it is closed; the kernel gives it back when lanebench dies */
};

/* Above what useradd, systemd, SSSD and FreeIPA give away by default, and positive as an int. */
#define IDENTITY_FIRST 2010000000u
#define IDENTITY_LAST 2140000000u
#define IDENTITY_NONE { .id = (uid_t)-1, .reservation = -1 }

/*
 * Take an id that is free. -ENOTSUP in a user namespace that has none of them (there a program keeps the
 * caller's id); -EUSERS where none is left. *identity is IDENTITY_NONE then.
 */
int identity_take(struct identity *identity, struct error *err);
/* Nothing runs with it any more. Safe on IDENTITY_NONE, which it becomes. */
void identity_release(struct identity *identity);

#endif
