/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files below a directory that may be somebody else's: whoever owns it can put a link in the place of any name
 * at any moment, so a path is walked from the directory's descriptor, and no link in it is followed.
 */
#ifndef LB_SYSTEM_BELOW_H
#define LB_SYSTEM_BELOW_H

#include <sys/types.h>

#include "util/error.h"

/*
 * openat(2) of a relative path that stays below the directory; `mode` for O_CREAT. Always close-on-exec; a pipe is
 * not waited for. Returns the descriptor; -ELOOP where a part of the path is a link, -EXDEV where it leads out of
 * the directory, or what openat gives.
 */
int below_open(int directory, const char *path, int flags, mode_t mode);
/* The same without openat2(2), which below_open uses where there is one (Linux 5.6). */
int below_open_by_parts(int directory, const char *path, int flags, mode_t mode);

/*
 * The same of a plain file: a link, a pipe or a device is refused, and so is writing to what is another file, too
 * (a hard link). err calls it `where`/`path`.
 */
int below_open_file(int directory, const char *where, const char *path, int flags, mode_t mode, struct error *err);

#endif
