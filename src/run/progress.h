/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a run tells where it is: one line that is rewritten on a terminal, plain lines elsewhere. Time left is
 * the trials' own time plus what bringing up testbeds and changing tests has cost so far.
 */
#ifndef LB_RUN_PROGRESS_H
#define LB_RUN_PROGRESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "search/plan.h"
#include "suite/suite.h"

struct progress {
	FILE *out;
	bool terminal, quiet;
	size_t total, done;
	double planned_s;      /* of the trials that are still to come, without overhead */
	double overhead_s;     /* beside the trials so far */
	char doing[256];       /* the test that runs */
	double doing_s;        /* its planned time */
	char search[96];       /* how far its search is; "" = it makes none */
	double searched_s;     /* what it has taken so far */
	bool line_open;        /* a rewritten line stands on the terminal */
};

void progress_begin(struct progress *progress, FILE *out, bool quiet, size_t total, double planned_s);
/* The next trial begins; planned_s = warm-up and duration. */
void progress_trial(struct progress *progress, const char *what, double planned_s);
/* A trial of a search begins; `known` is what the search knows so far. */
void progress_search(struct progress *progress, const struct load_step *step, const struct load_result *known);
void progress_second(void *progress, double elapsed_s, double total_s, double tx_pps, double rx_pps);
/* It ended (trial as in the record), having cost overhead_s beside its own time. */
void progress_trial_done(struct progress *progress, const json_t *trial, double overhead_s);
/* A line of its own, e.g. a warning. */
void progress_say(struct progress *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));
void progress_end(struct progress *progress);

#endif
