/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What programs say on their standard error, and runtimes of themselves, on its way into a record: a folder
 * that may be another user's, on a disk that is not to be filled. Who writes a log gets a file in memory, of a
 * limited size, and no descriptor of the record; lanebench appends what is in it to the record's file.
 */
#ifndef LB_SYSTEM_LOG_FILE_H
#define LB_SYSTEM_LOG_FILE_H

#include <sys/types.h>

#include "util/error.h"

#define LOG_FILE_MAX (1u << 20) /* what is said beyond is lost: the writer gets ENOSPC */

struct log_file {
	int fd;           /* to write (O_APPEND) and to read; close-on-exec */
	char name[32];    /* of the file in the record; "" = there is no log */
	int directory;    /* the caller's */
	off_t kept;       /* so much of it is in the record */
};

#define LOG_FILE_NONE { .fd = -1, .directory = -1 }

/*
 * A log that becomes `name` in the directory behind a descriptor, which stays open as long. Makes that file at
 * once: root writes where a user may have been first, so a link that leads elsewhere, or a pipe that nobody
 * reads, is refused, now and whenever it is written.
 */
int log_file_open(struct log_file *log, int directory, const char *name, struct error *err);
/* Append to the record's file what was said since. Safe on one that is zeroed, none or closed. 0 or -errno. */
int log_file_keep(struct log_file *log, struct error *err);
/* The same, and no more. */
int log_file_close(struct log_file *log, struct error *err);

#endif
