/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of this room alone. */
#ifndef LB_RESULTS_INTERNAL_H
#define LB_RESULTS_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "util/error.h"

#define RUN_FILE "run.json"
#define TRIALS_FILE "trials.jsonl"
#define LOGS_DIRECTORY "logs"
#define LOCK_FILE ".lock"

/* ---- directory.c: directories of records, made with parents, and whose they are ------------------------- */

/* mkdir with parents; what it makes belongs to the user of sudo. Returns the descriptor, or -errno. */
int directory_make(const char *path, bool *made);
/* 1, 0 or -errno. */
int directory_is_empty(int dir);
/* Give a file to the owner of its directory, also where another user (root) goes on with a record. */
void directory_share_owner(int dir, int fd);
/* Open a record's directory by its path. Returns the descriptor or -errno with err. */
int directory_open(const char *path, struct error *err);

/* ---- lock.c --------------------------------------------------------------------------------------------- */

/*
 * Lock the file `name` in a directory, which err calls `where`; it is made where it is missing. Returns its
 * descriptor, -EBUSY where another process has it, or -errno.
 */
int lock_take(int dir, const char *where, const char *name, struct error *err);
void lock_release(int dir, const char *name, int fd);

/* ---- record.c ------------------------------------------------------------------------------------------- */

/* A record that is written: everything in it is reached by the descriptor of its directory. */
struct record {
	char *directory; /* its path, for messages */
	int dir;
	int logs;        /* logs/ */
	int lock;        /* held for as long as it is open */
	int trials;      /* trials.jsonl */
	off_t length;    /* of the whole lines in it */
	json_t *run;
};

int record_write_failed(struct error *err, int code, const char *directory, const char *file);
/* run.json, whole or not at all. 0 or -errno. */
int record_write_run(const struct record *record);

/* ---- reader.c: the files of a record, which may be anybody's -------------------------------------------- */

/* Read run.json of the record whose directory is open as `dir`; `path` is its name for messages. A new reference. */
int reader_run(int dir, const char *path, json_t **run, struct error *err);

/* trials.jsonl, a line at a time. */
struct reader {
	FILE *file;
	const char *path; /* of the record, for messages */
	bool figures;     /* no buckets of histograms */
	char *line, *skimmed;
	size_t size, skimmed_size, number;
	char *warning;    /* READER_WARNING bytes; NULL = nobody asks */
};

#define READER_WARNING 256

int reader_open(struct reader *reader, int dir, const char *path, struct error *err);
void reader_close(struct reader *reader);
/* The next trial, a new reference; NULL at the end. */
int reader_next(struct reader *reader, json_t **trial, struct error *err);
/* Pass over the next line. */
int reader_skip(struct reader *reader, struct error *err);

/* ---- limits.c ------------------------------------------------------------------------------------------- */

/* environment.limits. A new reference. */
json_t *limits_json(void);

#endif
