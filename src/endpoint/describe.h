/* SPDX-License-Identifier: Apache-2.0 */
/* What this endpoint can do, for lanebench's catalogue. */
#ifndef LB_ENDPOINT_DESCRIBE_H
#define LB_ENDPOINT_DESCRIBE_H

#include <jansson.h>

/*
 * An array with one object a technique: name, summary, ports (mask of enum io_port), max_burst, min_frame,
 * max_frame, layer_frame, capabilities, and what its probe says here and now: available, reason, remedy.
 * New reference; NULL when out of memory.
 */
json_t *endpoint_describe(void);

#endif
