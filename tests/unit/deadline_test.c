/* SPDX-License-Identifier: Apache-2.0 */
#include "system/deadline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void looks_are_bounded_by_the_clock(void **state)
{
	struct deadline deadline = deadline_after_ms(50);
	uint64_t begin_ns = clock_monotonic_ns(), spent_ns;
	int looks = 0;

	assert_in_range(deadline_left_ms(&deadline), 1, 50);
	do {
		/* A look that takes its time: ten of them are all that there is time for. */
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
		looks++;
	} while (deadline_pause(&deadline, 100));
	spent_ns = clock_monotonic_ns() - begin_ns;
	assert_true(spent_ns >= 50000000);
	assert_in_range(looks, 1, 11);
	assert_int_equal(deadline_left_ms(&deadline), 0);
}

static void one_look_without_time(void **state)
{
	struct deadline deadline = deadline_after_ms(0);

	assert_int_equal(deadline_left_ms(&deadline), 0);
	assert_false(deadline_pause(&deadline, 1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_are_bounded_by_the_clock),
		cmocka_unit_test(one_look_without_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
