/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/matrix.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "suite/test_rate.h"

bool axis_add(struct axis *axis, const struct value *value, const struct place *place)
{
	/* Grows at powers of two, so that the capacity need not be kept. */
	if (!(axis->count & (axis->count - 1))) {
		size_t capacity = axis->count ? 2 * axis->count : 1;
		struct axis_value *values = reallocarray(axis->values, capacity, sizeof(*values));

		if (!values)
			return false;
		axis->values = values;
	}
	axis->values[axis->count++] = (struct axis_value){ *value, *place };
	return true;
}

void layer_free(struct layer *layer)
{
	for (int i = 0; i < PARAMETER_COUNT; i++)
		free(layer->axis[i].values);
	memset(layer, 0, sizeof(*layer));
}

size_t matrix_size(const struct matrix *matrix)
{
	size_t size = 1;

	for (int i = 0; i < PARAMETER_COUNT; i++) {
		size_t count = matrix->axis[i]->count ? matrix->axis[i]->count : 1;

		if (count > SUITE_TESTS_MAX / size)
			return SUITE_TESTS_MAX + 1;
		size *= count;
	}
	return size;
}

/* A set of the tests in suite->tests, by their values: open addressing, at most half full. */
struct test_set {
	size_t *slot; /* index + 1; 0 = free */
	size_t mask;
};

static int test_set_init(struct test_set *set, size_t count)
{
	size_t slots = 16;

	while (slots < 2 * count)
		slots *= 2;
	set->mask = slots - 1;
	set->slot = calloc(slots, sizeof(*set->slot));
	return set->slot ? 0 : -ENOMEM;
}

/* FNV-1a of the texts, their ends included. The texts are canonical: equal texts are equal values. */
static uint64_t test_hash(const struct test *test)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (int i = 0; i < PARAMETER_COUNT; i++) {
		const char *text = test->value[i].text;

		do {
			hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
		} while (*text++);
	}
	return hash;
}

static bool test_equal(const struct test *a, const struct test *b)
{
	for (int i = 0; i < PARAMETER_COUNT; i++)
		if (strcmp(a->value[i].text, b->value[i].text))
			return false;
	return true;
}

/* Put the test at `index` into the set. False if an equal one is there. */
static bool test_set_add(struct test_set *set, const struct test *tests, size_t index)
{
	size_t at = test_hash(&tests[index]) & set->mask;

	for (; set->slot[at]; at = (at + 1) & set->mask)
		if (test_equal(&tests[set->slot[at] - 1], &tests[index]))
			return false;
	set->slot[at] = index + 1;
	return true;
}

/* To the next combination, the last parameter fastest. False after the last. */
static bool next_combination(const struct matrix *matrix, size_t position[PARAMETER_COUNT])
{
	for (int i = PARAMETER_COUNT - 1; i >= 0; i--) {
		if (++position[i] < matrix->axis[i]->count)
			return true;
		position[i] = 0;
	}
	return false;
}

static void expand_one(const struct matrix *matrix, const struct catalogue *catalogue, struct suite *suite,
		       struct test_set *set)
{
	size_t position[PARAMETER_COUNT] = { 0 };

	do {
		struct test *test = &suite->tests[suite->count];

		for (int i = 0; i < PARAMETER_COUNT; i++)
			test->value[i] = matrix->axis[i]->values[position[i]].value;
		test_choose_topology(test, catalogue);
		test_drop_unused(test);
		test_drop_of_ports(test, catalogue);
		if (test_set_add(set, suite->tests, suite->count))
			suite->count++;
	} while (next_combination(matrix, position));
}

int matrix_expand(const struct matrix *matrices, size_t count, const struct catalogue *catalogue,
		  struct suite *suite)
{
	struct test_set set;
	size_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += matrix_size(&matrices[i]);
	suite->tests = calloc(size, sizeof(*suite->tests));
	if (!suite->tests || test_set_init(&set, size))
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		expand_one(&matrices[i], catalogue, suite, &set);
	free(set.slot);
	return 0;
}
