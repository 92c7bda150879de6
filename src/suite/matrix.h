/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the text of a suite and its tests. A layer is what one part of the input (defaults, the suite's
 * common parameters, one entry of its tests, the command line) says of the parameters. A matrix is one
 * entry seen through all layers: for each parameter the values that count. It borrows them from the layers.
 */
#ifndef LB_SUITE_MATRIX_H
#define LB_SUITE_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

#include "suite/problems.h"
#include "suite/suite.h"

/* One value of a parameter, and where it was given. */
struct axis_value {
	struct value value;
	struct place place;
};

struct axis {
	struct axis_value *values;
	size_t count;  /* those that could be read: fewer than given where there were problems */
	bool given;
};

struct layer {
	struct place place; /* where it begins */
	struct axis axis[PARAMETER_COUNT];
};

struct matrix {
	struct place place;
	const struct axis *axis[PARAMETER_COUNT];
};

/* Add a value to the axis. False when memory is short. */
bool axis_add(struct axis *axis, const struct value *value, const struct place *place);
void layer_free(struct layer *layer);

/* How many combinations a matrix has, at most SUITE_TESTS_MAX + 1. A parameter all of whose values were wrong
 * counts as one: such a matrix is checked, but never expanded. */
size_t matrix_size(const struct matrix *matrix);

/*
 * Report what cannot be combined, as suite_load promises, and defaults that the catalogue does not have. Each
 * cause once, at the value that makes it so.
 */
void matrix_check(const struct matrix *matrix, const struct catalogue *catalogue, struct problems *problems);

/*
 * The tests of all matrices, in order, equal ones once, into suite->tests. The caller has found no problem,
 * and that together they are at most SUITE_TESTS_MAX. What is left to lanebench (topology auto) is decided. 0 or
 * -ENOMEM.
 */
int matrix_expand(const struct matrix *matrices, size_t count, const struct catalogue *catalogue,
		  struct suite *suite);

#endif
