/* SPDX-License-Identifier: Apache-2.0 */
/* Finding lanebench-endpoint, and asking it what it can do. */
#ifndef LB_LANEBENCH_ENDPOINT_PROGRAM_H
#define LB_LANEBENCH_ENDPOINT_PROGRAM_H

#include <jansson.h>

#include "util/error.h"

/*
 * Open the endpoint program that belongs to this lanebench: beside it (also in the build tree), else in the
 * folder it was configured for. Returns a descriptor (close-on-exec) or -errno.
 */
int endpoint_program_open(struct error *err);

/* Run it with --describe: the array of its I/O techniques; new reference, NULL with err. */
json_t *endpoint_program_describe(int program, struct error *err);

#endif
