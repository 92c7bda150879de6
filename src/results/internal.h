/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of this room alone. */
#ifndef LB_RESULTS_INTERNAL_H
#define LB_RESULTS_INTERNAL_H

#include <jansson.h>

#include "util/error.h"

#define RUN_FILE "run.json"
#define TRIALS_FILE "trials.jsonl"
#define LOGS_DIRECTORY "logs"

/* Open a record's directory for reading. Returns the descriptor or -errno with err. */
int record_open_directory(const char *path, struct error *err);

/* Read run.json of the record whose directory is open as `dir`; `path` is its name for messages. A new
 * reference. */
int record_load_run(int dir, const char *path, json_t **run, struct error *err);

#endif
