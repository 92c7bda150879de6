/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Controllers of cgroup v2: each is on or off for all cgroups below one together. A run switches on what it
 * needs, and off again at its end, unless others have come to use it: another run, or whoever has made a
 * cgroup there meanwhile and set a limit in it.
 */
#ifndef LB_TESTBED_HOST_CONTROLLER_H
#define LB_TESTBED_HOST_CONTROLLER_H

#include "ledger/ledger.h"
#include "util/error.h"

/*
 * Subject: path of the cgroup whose children it is for, detail: the controller. Undo: off, if nobody uses
 * it.
 */
extern const struct ledger_kind controller_kind;

/*
 * Switch a controller ("cpu") on for the cgroups below `path`. It is in the ledger unless it was on already
 * and no run of ours had switched it on. 0 or -errno.
 */
int controller_switch_on(const char *path, const char *controller, struct ledger *ledger, struct error *err);

#endif
