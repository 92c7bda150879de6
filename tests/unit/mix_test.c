/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "wire/mix.h"
#include "wire/payload.h"

static const struct mix_size imix[] = { { 64, 7 }, { 570, 4 }, { 1518, 1 } };

static uint32_t size_at(const struct mix *mix, uint64_t sequence)
{
	return mix->size[mix_index(mix, sequence)];
}

static void one_size_is_always_that_size(void **state)
{
	struct mix mix;

	mix_make(&mix, &(struct mix_size){ 1500, 3 }, 1);
	for (uint64_t s = 0; s < 100; s++)
		assert_int_equal(size_at(&mix, s), 1500);
	assert_int_equal(size_at(&mix, WIRE_SEQUENCE_MAX), 1500);
	assert_int_equal(mix_bytes(&mix, 1000), 1500000);
	mix_make(&mix, &(struct mix_size){ 60, 1 }, 1);
	assert_int_equal(size_at(&mix, WIRE_SEQUENCE_MAX), 60);
	assert_int_equal(mix_bytes(&mix, 7), 420);
}

/* As smooth weighted round robin interleaves them. */
static void the_order_is_fixed(void **state)
{
	static const uint32_t wanted[] = { 64, 570, 64, 64, 570, 64, 1518, 64, 570, 64, 570, 64 };
	struct mix mix;
	uint64_t bytes = 0;

	mix_make(&mix, imix, 3);
	assert_int_equal(mix.period, 12);
	for (uint64_t s = 0; s < 1200; s++) {
		assert_int_equal(mix_bytes(&mix, s), bytes);
		assert_int_equal(size_at(&mix, s), wanted[s % 12]);
		bytes += wanted[s % 12];
	}
	assert_int_equal(mix_largest(imix, 3), 1518);
}

/* Any weights: each size as often as it should be, and never further from its share than one packet a size. */
static void sizes_come_by_their_weights(void **state)
{
	struct mix_size sizes[MIX_SIZES_MAX];
	struct mix mix;

	for (uint32_t count = 1; count <= MIX_SIZES_MAX; count++) {
		uint32_t seen[MIX_SIZES_MAX] = { 0 };

		for (uint32_t i = 0; i < count; i++)
			sizes[i] = (struct mix_size){ 100 + i, 1 + (i * 37 + count * 11) % 124 };
		mix_make(&mix, sizes, count);
		for (uint32_t s = 0; s < mix.period; s++) {
			seen[mix_index(&mix, s)]++;
			for (uint32_t i = 0; i < count; i++) {
				double share = (double)(s + 1) * sizes[i].weight / mix.period;

				assert_true(seen[i] < share + count && seen[i] > share - count);
			}
		}
		for (uint32_t i = 0; i < count; i++)
			assert_int_equal(seen[i], sizes[i].weight);
	}
}

/* The index is found by multiplying: exact for every period up to the highest sequence number. */
static void no_sequence_number_is_misplaced(void **state)
{
	struct mix_size sizes[2] = { { 64, 1 }, { 65, 1 } };
	struct mix mix;

	for (uint32_t period = 2; period <= MIX_PERIOD_MAX; period++) {
		sizes[0].weight = period - 1;
		mix_make(&mix, sizes, 2);
		for (uint32_t i = 0; i < period; i++)
			mix.pattern[i] = (uint8_t)i; /* modulo 256 is enough to tell neighbours apart */
		for (uint64_t k = 0; k < 200; k++) {
			uint64_t s = k < 100 ? WIRE_SEQUENCE_MAX - k :
				     (WIRE_SEQUENCE_MAX >> (k - 100) % 40) / period * period - k % 3;

			s &= WIRE_SEQUENCE_MAX;
			assert_int_equal(mix_index(&mix, s), (uint8_t)(s % period));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_size_is_always_that_size),
		cmocka_unit_test(the_order_is_fixed),
		cmocka_unit_test(sizes_come_by_their_weights),
		cmocka_unit_test(no_sequence_number_is_misplaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
