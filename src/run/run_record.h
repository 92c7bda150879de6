/* SPDX-License-Identifier: Apache-2.0 */
/* How lanebench run begins a record, and goes on with one. */
#ifndef LB_RUN_RUN_RECORD_H
#define LB_RUN_RUN_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "results/record.h"
#include "suite/suite.h"
#include "trial/schedule.h"
#include "util/error.h"

/* Now in UTC: RFC 3339 for the record, or its short form for the name of a folder. */
void run_record_time(char *text, size_t size, bool short_form);

/* A new record of the suite, in `directory`; NULL = one called after suite and time. */
int run_record_create(struct record **record, const char *directory, const struct suite *suite, int argc, char **argv,
		      struct error *err);

/* The suite of a record that is to be resumed, and its order; suite_free in every case. */
int run_record_load(struct suite *suite, const struct record_view *view, struct error *err);

/*
 * Which steps of its suite's schedule the record has done: ok or void. malloc'd; NULL when out of memory. *numbers is
 * the highest number of a trial in it where these are not the steps' (a record of another version of lanebench, which
 * had another order): new trials are numbered from there on. 0 else.
 */
bool *run_record_done(const struct schedule *schedule, const struct suite *suite, const struct record_view *view,
		      size_t *numbers);

#endif
