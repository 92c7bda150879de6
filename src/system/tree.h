/* SPDX-License-Identifier: Apache-2.0 */
/* A directory and everything below it. */
#ifndef LB_SYSTEM_TREE_H
#define LB_SYSTEM_TREE_H

#include "util/error.h"

/*
 * Remove a directory with everything in it; none there is no error. Mount points in it, also bind mounts, are
 * never entered: -EXDEV. `last`: the name of what is removed after all else, and only if that went; NULL =
 * nothing.
 */
int tree_remove(const char *path, const char *last, struct error *err);

#endif
