/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files that check a matrix: check.c, check_topology.c, and check_rate.c for what concerns loads. */
#ifndef LB_SUITE_CHECK_H
#define LB_SUITE_CHECK_H

#include "suite/matrix.h"

struct check {
	const struct matrix *matrix;
	const struct catalogue *catalogue;
	struct problems *problems;
};

/* ---- check_blame.c -------------------------------------------------------------------------------------- */

/*
 * Where to point: at the value itself; if that is a default, at the one that it does not go with; if that is
 * one too, at the matrix.
 */
const struct place *check_blame(const struct check *check, const struct axis_value *first,
				const struct axis_value *second);

/* Names of the entries that `fits` accepts beside `other` (may be NULL): "a, b, c"; "" if there are none. */
typedef bool check_fits(const struct catalogue_entry *entry, const struct catalogue_entry *other);
void check_list(const struct catalogue_list *list, check_fits *fits, const struct catalogue_entry *other, char *text,
		size_t size);

/* ---- check_topology.c and check_rate.c ------------------------------------------------------------------- */

/* Arrangements of containers that cannot be. */
void check_topologies(const struct check *check);
/* Paced trials whose bursts are further apart than they last. */
void check_intervals(const struct check *check);
/* Rates that the dimension does not measure, and plans that contradict themselves. */
void check_rates(const struct check *check);

#endif
