/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lanebench doctor --noise: the interruptions of each usable processor (testbed/host/noise.h), one second of
 * them.
 */
#ifndef LB_LANEBENCH_DOCTOR_NOISE_H
#define LB_LANEBENCH_DOCTOR_NOISE_H

#include <jansson.h>

#include "util/error.h"

/*
 * Of all usable processors at the same time. *noise (new reference): as noise_json makes it. 0 or -errno.
 * `environment` has its `processor`.
 */
int doctor_noise(const json_t *environment, json_t **noise, struct error *err);

void doctor_noise_print(json_t *noise);

#endif
