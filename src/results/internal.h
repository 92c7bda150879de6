/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of this room alone. */
#ifndef LB_RESULTS_INTERNAL_H
#define LB_RESULTS_INTERNAL_H

#include <jansson.h>

#include "util/error.h"

#define RUN_FILE "run.json"
#define TRIALS_FILE "trials.jsonl"
#define LOGS_DIRECTORY "logs"

/* mkdir with parents; what it makes belongs to the user of sudo. 1 = made, 0 = was there, or -errno. */
int directory_make(const char *path);
/* 1, 0 or -errno. */
int directory_is_empty(int dir);
/* Give a file to the owner of its directory, also where another user (root) goes on with a record. */
void directory_share_owner(int dir, int fd);

/* Open a record's directory for reading. Returns the descriptor or -errno with err. */
int record_open_directory(const char *path, struct error *err);

/* Read run.json of the record whose directory is open as `dir`; `path` is its name for messages. A new
 * reference. */
int record_load_run(int dir, const char *path, json_t **run, struct error *err);

#endif
