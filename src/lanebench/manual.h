/* SPDX-License-Identifier: Apache-2.0 */
/* The man page lanebench(1), from the same tables and texts as --help. */
#ifndef LB_LANEBENCH_MANUAL_H
#define LB_LANEBENCH_MANUAL_H

#include <stdio.h>

int manual_print(FILE *out); /* exit status */

#endif
