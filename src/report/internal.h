/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of this room and its chambers alone. */
#ifndef LB_REPORT_INTERNAL_H
#define LB_REPORT_INTERNAL_H

#include <stdio.h>

#include "util/error.h"

/* Flush, and say what became of all that was written to `out`. */
int report_finish(FILE *out, struct error *err);

#endif
