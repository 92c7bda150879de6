/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What keeps a record of ten thousand trials small in memory: buckets of histograms are not even parsed, what
 * no table shows is dropped, and equal parts (the tests, above all) are held once.
 */
#ifndef LB_RESULTS_REDUCE_H
#define LB_RESULTS_REDUCE_H

#include <jansson.h>
#include <stddef.h>

/*
 * Copy a line of JSON without the buckets of histograms ("buckets":[[1,2,3],...] becomes "buckets":[]), which
 * are most of it, and most of the time to parse it. Only what is beyond doubt valid is left out: the copy is
 * valid JSON exactly where the line is. `line` ends with a 0 byte at line[size]; `copy` has room for as much.
 * Returns the copy's length.
 */
size_t line_skim(const char *line, size_t size, char *copy);

/* Drop from a trial what record_read_figures promises to leave out. */
void trial_reduce(json_t *trial);

/* Values that are known, to hold equal ones once. */
struct share;

struct share *share_new(void); /* NULL: out of memory; the others take that, and share nothing */
/* Replace the parts of a list or object, and theirs, by equal ones that are known. */
void share_parts(struct share *share, json_t *whole);
void share_free(struct share *share);

#endif
