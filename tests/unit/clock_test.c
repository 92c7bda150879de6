/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/clock.h"

static uint64_t random_word(uint64_t *seed)
{
	uint64_t x = (*seed += UINT64_C(0x9e3779b97f4a7c15));

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* From 1 kHz to 10 GHz, with the shift and the multiplier that a calibration would find. */
static struct clock_scale random_scale(uint64_t *seed)
{
	static const double hz[] = { 1e3, 24e6, 1e9, 2.25e9, 3.7e9, 1e10 };
	struct clock_scale scale = { .kind = CLOCK_KIND_TSC, .hz = hz[random_word(seed) % 6], .shift = 62 };

	while (1e9 / scale.hz * (double)(UINT64_C(1) << scale.shift) >= 0x1p62)
		scale.shift--;
	scale.mult = (uint64_t)(1e9 / scale.hz * (double)(UINT64_C(1) << scale.shift));
	scale.ticks0 = random_word(seed);
	scale.ns0 = random_word(seed) >> 2;
	return scale;
}

/* Floor of a * b / 2^shift by schoolbook multiplication of 32-bit halves, with the sign apart. */
static uint64_t reference_ns(const struct clock_scale *scale, uint64_t ticks)
{
	int64_t delta = (int64_t)(ticks - scale->ticks0);
	uint64_t a = delta < 0 ? 0 - (uint64_t)delta : (uint64_t)delta, b = scale->mult;
	uint64_t low = (a & 0xffffffff) * (b & 0xffffffff);
	uint64_t middle = (a >> 32) * (b & 0xffffffff) + (low >> 32);
	uint64_t middle2 = (a & 0xffffffff) * (b >> 32) + (middle & 0xffffffff);
	uint64_t high = (a >> 32) * (b >> 32) + (middle >> 32) + (middle2 >> 32);
	uint64_t lower = middle2 << 32 | (low & 0xffffffff), quotient;

	quotient = scale->shift ? lower >> scale->shift | high << (64 - scale->shift) : lower;
	if (delta >= 0)
		return scale->ns0 + quotient;
	if (lower & ((UINT64_C(1) << scale->shift) - 1))
		quotient++;
	return scale->ns0 - quotient;
}

static void ticks_to_ns_is_exact(void **state)
{
	uint64_t seed = 1;

	for (unsigned i = 0; i < 200000; i++) {
		struct clock_scale scale = random_scale(&seed);
		int64_t delta = (int64_t)(random_word(&seed)) >> (random_word(&seed) % 63);
		uint64_t ticks = scale.ticks0 + (uint64_t)delta;

		assert_int_equal(clock_ticks_to_ns(&scale, ticks), reference_ns(&scale, ticks));
	}
}

static void the_monotonic_scale_is_one_to_one(void **state)
{
	struct clock_scale scale;
	uint64_t before, now, after;

	clock_scale_monotonic(&scale);
	assert_int_equal(scale.kind, CLOCK_KIND_MONOTONIC);
	assert_int_equal(clock_ticks_to_ns(&scale, 123456789012345), 123456789012345);
	before = clock_monotonic_ns();
	now = clock_now_ns(&scale);
	after = clock_monotonic_ns();
	assert_true(before <= now && now <= after);
	assert_true(llabs(clock_scale_error_ns(&scale)) < 1000000);
}

/* The bounds are wide: what is tested is the arithmetic, not this machine's peace. */
static void a_calibrated_scale_follows_the_monotonic_clock(void **state)
{
	struct clock_scale scale;
	const char *why = "untouched", *unusable;
	uint64_t previous = 0;

	clock_calibrate(&scale, 20000000, &why);
	assert_int_equal(scale.kind == CLOCK_KIND_TSC, why == NULL);
	if (clock_tsc_usable(NULL, &unusable) == false)
		assert_string_equal(why, unusable);
	assert_true(scale.hz > 1e6 && scale.hz < 1e11);
	usleep(50000);
	assert_true(llabs(clock_scale_error_ns(&scale)) < 1000000); /* 50 ms at 50 ppm is 2.5 us */
	for (unsigned i = 0; i < 100000; i++) {
		uint64_t now = clock_now_ns(&scale);

		assert_true(now >= previous);
		previous = now;
	}
}

static bool usable_with(const char *clocksource, const char **why)
{
	char path[] = "/tmp/clock_test.XXXXXX";
	int fd = mkstemp(path);
	bool usable;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, clocksource, strlen(clocksource)), strlen(clocksource));
	close(fd);
	usable = clock_tsc_usable(path, why);
	unlink(path);
	return usable;
}

static void the_kernel_must_trust_the_counter(void **state)
{
	const char *why = NULL;

	assert_false(usable_with("hpet\n", &why));
	assert_non_null(why);
	assert_false(usable_with("", &why));
	assert_false(usable_with("tsc-early\n", &why));
	assert_false(usable_with("ts", &why));
	assert_non_null(why);
	assert_false(clock_tsc_usable("/nonexistent/clocksource", &why));
	assert_non_null(why);
}

static void the_counter_is_usable_where_both_say_so(void **state)
{
	const char *why;

#if defined(__x86_64__)
	if (!usable_with("tsc\n", &why)) {
		assert_non_null(strstr(why, "invariant")); /* the processor's word, nothing else is left */
		skip();
	}
#elif defined(__aarch64__)
	assert_true(usable_with("arch_sys_counter\n", &why));
#else
	skip();
#endif
	assert_null(why);
}

static void an_old_error_is_no_drift(void **state)
{
	const int64_t ms = 1000000;
	const uint64_t s = 1000000000;

	assert_false(clock_drifted(40 * ms, 40 * ms + 5000, 10 * s));
	assert_false(clock_drifted(-40 * ms, -41 * ms, 10 * s));
	assert_true(clock_drifted(0, 2 * ms, 10 * s));
	assert_true(clock_drifted(40 * ms, 38 * ms, 10 * s));
	/* 0.5 ppm in a day is 43 ms; 200 ppm is not to be had in good faith. */
	assert_false(clock_drifted(0, 43 * ms, 86400 * s));
	assert_true(clock_drifted(0, 17280 * ms, 86400 * s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ticks_to_ns_is_exact),
		cmocka_unit_test(the_monotonic_scale_is_one_to_one),
		cmocka_unit_test(a_calibrated_scale_follows_the_monotonic_clock),
		cmocka_unit_test(the_kernel_must_trust_the_counter),
		cmocka_unit_test(the_counter_is_usable_where_both_say_so),
		cmocka_unit_test(an_old_error_is_no_drift),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
