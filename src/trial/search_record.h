/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between trial objects of the record and load plans (search/plan.h): what a trial tells its plan, and what a
 * plan has found out, for the record. Pure but for allocation.
 */
#ifndef LB_TRIAL_SEARCH_RECORD_H
#define LB_TRIAL_SEARCH_RECORD_H

#include <jansson.h>
#include <stddef.h>

#include "search/plan.h"
#include "suite/suite.h"

/* What the trials of one plan have in common, and what is gathered of them. */
struct search_record {
	const struct test *test;
	const struct load_plan *plan;
	unsigned senders;
	double *received;       /* forwarded by all pairs, of each valid unlimited trial that counts */
	size_t received_count;
	double best_pps, best_load, best_offered; /* RATE_BEST: most forwarded by all pairs, at which load of each sender,
						   * and what that offered; 0 = no valid trial yet */
	json_t *flags;          /* every flag of a trial that counts; NULL = none yet */
};

/*
 * What came of a step. Loads are of each sender: at a given load `offered_pps` is that of the pair
 * furthest off it (a load that one of several senders does not offer is not offered), of an unlimited
 * trial their mean. Lost is what did not arrive intact, of all pairs together. Not valid is a trial that
 * is void; for a search also one whose offered load is off by more than OFFERED_OFF. (A sweep tells
 * forwarded against offered load: there it is flagged, as in any trial.)
 */
struct load_trial search_record_trial(const struct search_record *record, const struct load_step *step,
				      const json_t *trial, double spent_s);

/*
 * Tell the plan of a trial, and put into it `kind` and `load`: {step, purpose, attempt, rate_pps (null =
 * unlimited), share (of the MRR, or of the loss curve's 100 %)}. A trial that the plan does not count
 * because of its offered load becomes void. 0, -ENOMEM or -EINVAL.
 */
int search_record_feed(struct search_record *record, struct load_plan *plan, const struct load_step *step,
		       double spent_s, json_t *trial, struct error *err);

/*
 * The conclusion: {kind, status, reason, remedy, flags, search}. `failed` tells why the plan was left
 * before its end (NULL: it was not): its bounds are those known by then. NULL when out of memory.
 */
json_t *search_record_conclude(const struct search_record *record, const struct error *failed);

/*
 * What each sender offers at 100 % of what was searched for: the conditional throughput, the MRR. NAN
 * where the search has no such answer, with why in err.
 */
double search_record_reference(const json_t *conclusion, struct error *err);

void search_record_free(struct search_record *record);

#endif
