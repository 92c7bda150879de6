/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "control/message.h"
#include "endpoint/pacing.h"

#define S UINT64_C(1000000000)

/* Bursts k with k * burst / rate < seconds, in whole numbers. */
static uint64_t bursts_exact(uint64_t rate, uint64_t burst, uint64_t seconds)
{
	return (seconds * rate + burst - 1) / burst;
}

static const struct {
	uint32_t rate, burst, seconds;
} awkward[] = {
	{ 999983, 7, 60 }, { 1, 1, 60 }, { 3, 1, 10 }, { 7, 3, 61 }, { 100000, 32, 10 }, { 1488095, 32, 60 },
	{ 14880952, 64, 5 }, { 999999937, 1024, 60 }, { 1000000, 1, 3 }, { 333333, 13, 17 },
};

static void counts_every_burst_of_the_window(void **state)
{
	for (size_t i = 0; i < sizeof(awkward) / sizeof(awkward[0]); i++)
		assert_int_equal(pacing_bursts(awkward[i].rate, awkward[i].burst, awkward[i].seconds * S),
				 bursts_exact(awkward[i].rate, awkward[i].burst, awkward[i].seconds));
	assert_int_equal(pacing_bursts(999983, 7, 60 * S), 8571283);
}

static void a_burst_due_at_the_very_end_is_not_of_the_window(void **state)
{
	assert_int_equal(pacing_bursts(100000, 32, S), 3125);
	assert_int_equal(pacing_bursts(100000, 32, S + 1), 3126);
	assert_int_equal(pacing_bursts(100000, 32, S - 1), 3125);
	assert_int_equal(pacing_bursts(10, 1, S / 10), 1);
	assert_int_equal(pacing_bursts(10, 1, S / 10 + 1), 2);
}

static void the_first_burst_is_always_of_the_window(void **state)
{
	assert_int_equal(pacing_bursts(0.001, 1000, 1), 1);
	assert_int_equal(pacing_bursts(0.001, 1, 0), 0);
}

/* floor(k * burst * 10^9 / rate), in 128 bits. */
static uint64_t offset_exact(uint64_t k, uint32_t rate, uint32_t burst)
{
	__extension__ unsigned __int128 numerator = (unsigned __int128)k * burst * S;

	return (uint64_t)(numerator / rate);
}

static void does_not_drift(void **state)
{
	const uint64_t begin_ns = UINT64_C(123456789012345);

	for (size_t i = 0; i < sizeof(awkward) / sizeof(awkward[0]); i++) {
		uint64_t bursts = pacing_bursts(awkward[i].rate, awkward[i].burst, awkward[i].seconds * S);
		struct pacing pacing;

		pacing_begin(&pacing, begin_ns, awkward[i].rate, awkward[i].burst);
		for (uint64_t k = 0; k < bursts; k++, pacing_next(&pacing)) {
			uint64_t exact = begin_ns + offset_exact(k, awkward[i].rate, awkward[i].burst);

			/* A whole number of ns may come out of the sum as just below it. */
			if (pacing.due_ns != exact && pacing.due_ns + 1 != exact)
				fail_msg("rate %u burst %u: burst %llu due at %llu, not %llu",
					 awkward[i].rate, awkward[i].burst, (unsigned long long)k,
					 (unsigned long long)pacing.due_ns, (unsigned long long)exact);
		}
		/* The count and the schedule agree about where the window ends. */
		assert_true(pacing.due_ns + 1 >= begin_ns + awkward[i].seconds * S);
	}
}

static void rates_need_not_be_whole(void **state)
{
	struct pacing pacing;

	pacing_begin(&pacing, 0, 0.5, 1);
	pacing_next(&pacing);
	assert_int_equal(pacing.due_ns, 2 * S);
	pacing_begin(&pacing, 0, 2.5, 1);
	for (int k = 0; k < 5; k++)
		pacing_next(&pacing);
	assert_in_range(pacing.due_ns, 2 * S - 1, 2 * S);
	assert_int_equal(pacing_bursts(2.5, 1, 2 * S), 5);
}

static void a_rate_of_next_to_nothing_does_not_overflow(void **state)
{
	struct pacing pacing;

	pacing_begin(&pacing, 5, 1e-300, 1024);
	assert_int_equal(pacing.due_ns, 5);
	pacing_next(&pacing);
	assert_true(pacing.due_ns > UINT64_C(1) << 62);
}

/* lanebench rounds the duration up to whole intervals: the sender must find as many bursts in it. */
static void whole_intervals_hold_the_same_bursts(void **state)
{
	for (size_t i = 0; i < sizeof(awkward) / sizeof(awkward[0]); i++) {
		double rate = awkward[i].rate;
		uint32_t burst = awkward[i].burst;
		uint64_t asked_ns = awkward[i].seconds * S - 12345;
		uint64_t ns = control_paced_duration(rate, burst, asked_ns);

		assert_true(ns >= asked_ns);
		assert_true(ns < asked_ns + (uint64_t)(burst * 1e9 / rate) + 1);
		assert_int_equal(pacing_bursts(rate, burst, ns), pacing_bursts(rate, burst, asked_ns));
		assert_int_equal(ns, offset_exact(pacing_bursts(rate, burst, ns), awkward[i].rate, burst));
	}
	assert_int_equal(control_paced_duration(1000, 1024, S / 100), 1024 * S / 1000);
	assert_int_equal(control_paced_duration(100000, 1, S), S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_every_burst_of_the_window),
		cmocka_unit_test(a_burst_due_at_the_very_end_is_not_of_the_window),
		cmocka_unit_test(the_first_burst_is_always_of_the_window),
		cmocka_unit_test(does_not_drift),
		cmocka_unit_test(rates_need_not_be_whole),
		cmocka_unit_test(whole_intervals_hold_the_same_bursts),
		cmocka_unit_test(a_rate_of_next_to_nothing_does_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
