/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything between a suite, or a record to go on with, and the first trial: the tests, the order of their trials, what
 * this installation has for them, and the record.
 */
#ifndef LB_RUN_PLAN_H
#define LB_RUN_PLAN_H

#include <stdbool.h>

#include "results/record.h"
#include "run/endpoint_program.h"
#include "suite/catalogue.h"
#include "suite/suite.h"
#include "trial/schedule.h"
#include "util/error.h"

struct plan_request {
	const char *suite_path;         /* NULL = the parameters alone make the tests */
	struct suite_options parameters;
	struct suite_order order;       /* above the suite's, as far as it is given */
	const char *resume;             /* a record to go on with, in place of all above; NULL = a new one */
	const char *output;             /* where a new record goes; NULL = it is called after suite and time */
	char *const *neighbour_command; /* NULL = none */
	bool look;                      /* make nothing: no record is opened to be written */
};

struct plan {
	struct endpoint_programs endpoint_programs;
	struct catalogue catalogue;
	struct suite suite;             /* its order is what it came to: given, or shuffled by a seed */
	struct schedule schedule;
	struct record *record;
	bool *done;                     /* per step of the schedule; NULL = none */
	size_t numbers;                 /* run_record_done */
};

/* What this installation has. 0 or -errno. plan_free in every case, from here on. */
int plan_open(struct plan *plan, struct error *err);

/*
 * The tests and their order. A record to go on with is locked first, and then read. 0, or -errno, with
 * suite.problems where it is the suite that has some.
 */
int plan_make(struct plan *plan, const struct plan_request *request, struct error *err);

/*
 * The privileges that the tests need and, of a new run, its record. A run without root moves into a user namespace.
 * 0 or -errno.
 */
int plan_begin(struct plan *plan, const struct plan_request *request, int argc, char **argv, struct error *err);

void plan_free(struct plan *plan);

#endif
