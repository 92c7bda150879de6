/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's small files, in /sys and /proc: one value, read or written whole. */
#ifndef LB_SYSTEM_SYSFS_H
#define LB_SYSTEM_SYSFS_H

#include <stddef.h>
#include <stdint.h>

/* The file's text, cut after size - 1 bytes, without white space at its end. 0 or -errno. */
int sysfs_read(const char *path, char *text, size_t size);
/* A file that holds one number: -EINVAL if it holds anything else. */
int sysfs_read_number(const char *path, uint64_t *number);
/* In one write: what the kernel says to it is the result. 0 or -errno. */
int sysfs_write(const char *path, const char *text);
/* What the machine could give without swapping, in KB; UINT64_MAX if it does not say. */
uint64_t sysfs_memory_available(void);

#endif
