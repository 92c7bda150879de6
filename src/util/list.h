/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of small numbers as Linux writes them: "0-3,8" (cpulist, isolcpus, taskset -c). */
#ifndef LB_UTIL_LIST_H
#define LB_UTIL_LIST_H

#include <stddef.h>

#include "util/error.h"

/*
 * Read "0-3,8" into `list`, which has room for `max` numbers: sorted, each once. All must be below max.
 * Returns how many (at least 1), or -EINVAL with cause and remedy. No spaces, no signs, no empty parts.
 */
int list_parse(const char *text, int *list, unsigned max, struct error *err);

/* And back, the shortest form. `list` is sorted, each number once. Cut after the last part that fits. */
void list_format(const int *list, unsigned count, char *text, size_t size);

#endif
