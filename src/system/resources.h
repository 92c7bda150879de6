/* SPDX-License-Identifier: Apache-2.0 */
/* Limits on this process and what it starts (setrlimit(2), a shell's ulimit). */
#ifndef LB_SYSTEM_RESOURCES_H
#define LB_SYSTEM_RESOURCES_H

#include "util/error.h"

/*
 * Raise them as far as they are of use and as this process may: shells start with low ones for the sake of old
 * programs. 0, or -EPERM: one cannot be raised to what is needed; err names it, its value, what is needed, and how
 * to raise it.
 */
int resources_raise(struct error *err);

#endif
