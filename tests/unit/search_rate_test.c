/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "search/rate.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void good_rates(void **state)
{
	static const struct { const char *text; struct rate rate; const char *canonical;
	} good[] = {
		{ "max", { .kind = RATE_UNLIMITED }, "max" },
		{ "1", { .kind = RATE_FIXED, .from = 1 }, "1" },
		{ "1.5M", { .kind = RATE_FIXED, .from = 1500000 }, "1500000" },
		{ "2.3M", { .kind = RATE_FIXED, .from = 2300000 }, "2300000" },
		{ "14.88k", { .kind = RATE_FIXED, .from = 14880 }, "14880" },
		{ "1G", { .kind = RATE_FIXED, .from = 1e9 }, "1000000000" },
		{ "10.125", { .kind = RATE_FIXED, .from = 10.125 }, "10.125" },
		{ "1.0006", { .kind = RATE_FIXED, .from = 1.001 }, "1.001" },
		{ " 12K ", { .kind = RATE_FIXED, .from = 12000 }, "12000" },
		{ "ndr", { .kind = RATE_NDR }, "ndr" },
		{ "pdr", { .kind = RATE_PDR }, "pdr" },
		{ "mrr", { .kind = RATE_MRR }, "mrr" },
		{ "loss-curve", { .kind = RATE_LOSS_CURVE }, "loss-curve" },
		{ "pdr:10%", { .kind = RATE_SHARE, .of = RATE_PDR, .from = 0.1 }, "pdr:10%" },
		{ "ndr:99.5%", { .kind = RATE_SHARE, .of = RATE_NDR, .from = 0.995 }, "ndr:99.5%" },
		{ "mrr: 120 %", { .kind = RATE_SHARE }, NULL },
		{ "mrr: 120%", { .kind = RATE_SHARE, .of = RATE_MRR, .from = 1.2 }, "mrr:120%" },
		{ "1M..20M step 1M", { RATE_SWEEP, 0, 1e6, 20e6, 1e6 }, "1000000..20000000 step 1000000" },
		{ "1M..20Mstep1M", { RATE_SWEEP, 0, 1e6, 20e6, 1e6 }, NULL },
		{ "1 .. 3 step 0.5", { RATE_SWEEP, 0, 1, 3, 0.5 }, NULL },
		{ "1 .. 3 step 1", { RATE_SWEEP, 0, 1, 3, 1 }, "1..3 step 1" },
		{ "1.5..3.5 step 2", { RATE_SWEEP, 0, 1.5, 3.5, 2 }, "1.5..3.5 step 2" },
		{ "10%..100%", { RATE_SWEEP_SHARE, 0, 0.1, 1, 0.1 }, "10%..100% step 10%" },
		{ "10% .. 100% step 5%", { RATE_SWEEP_SHARE, 0, 0.1, 1, 0.05 }, "10%..100% step 5%" },
		{ "best:1M..20M step 1M", { RATE_BEST, 0, 1e6, 20e6, 1e6 }, "best:1000000..20000000 step 1000000" },
		{ "best: 1k .. 3k step 1k", { RATE_BEST, 0, 1e3, 3e3, 1e3 }, "best:1000..3000 step 1000" },
		{ "0.01%..1% step 0.01%",
		  { RATE_SWEEP_SHARE, 0, 0.0001, 0.01, 0.0001 },
		  "0.01%..1% step 0.01%" },
	};

	for (size_t i = 0; i < N(good); i++) {
		char text[RATE_TEXT_SIZE];
		struct rate rate, back;
		struct error err;

		if (!good[i].canonical) {
			assert_int_equal(rate_parse(good[i].text, &rate, &err), -EINVAL);
			continue;
		}
		if (rate_parse(good[i].text, &rate, &err))
			fail_msg("%s: %s", good[i].text, err.cause);
		assert_int_equal(rate.kind, good[i].rate.kind);
		assert_int_equal(rate.of, good[i].rate.of);
		assert_true(rate.from == good[i].rate.from && rate.to == good[i].rate.to &&
			    rate.step == good[i].rate.step);
		rate_format(&rate, text, sizeof(text));
		assert_string_equal(text, good[i].canonical);
		assert_int_equal(rate_parse(text, &back, &err), 0);
		assert_memory_equal(&rate, &back, sizeof(rate));
	}
}

/* What is wrong, and where. */
static void bad_rates(void **state)
{
	static const struct { const char *text, *cause;
	} bad[] = {
		{ "", "character 1 (its end): a number was expected" },
		{ "maxx", "character 1 ('maxx'): an unknown word (did you mean 'max'?)" },
		{ "max 1M", "character 5 ('1M'): nothing more" },
		{ "0", "character 1 ('0'): a rate out of range" },
		{ "2G", "character 1 ('2G'): a rate out of range" },
		{ "-1M", "character 1 ('-1M'): a number was expected" },
		{ "1X", "character 2 ('X'): an unknown unit" },
		{ "1Mpps", "character 3 ('pps'): an unknown unit" },
		{ "1e6", "character 2 ('e6'): an unknown unit" },
		{ "1.", "character 2 ('.'): nothing more" },
		{ "0x10", "character 2 ('x10'): an unknown unit" },
		{ "1234567890123456", "more than 15 digits" },
		{ "50%", "character 1 ('50%'): a share of what is not said" },
		{ "pdr(0.1%)", "character 4 ('(0.1%)'): nothing more" },
		{ "pdr:", "character 5 (its end): a number" },
		{ "pdr:10", "character 5 ('10'): a percentage was expected" },
		{ "pdr:0%", "character 5 ('0%'): a share out of range" },
		{ "pdr:1001%", "a share out of range" },
		{ "max:10%", "character 4 (':10%'): nothing more" },
		{ "pdr:10%,pdr:50%", "character 8 (',pdr:50%'): nothing more" },
		{ "1M..20M", "character 8 (its end): a sweep needs a step" },
		{ "20M..1M step 1M", "character 6 ('1M'): the sweep does not end above its beginning" },
		{ "1M..1M step 1M", "does not end above" },
		{ "1M..20% step 1M", "character 5 ('20%'): the ends of the sweep have different units" },
		{ "1M..20M step 10%", "character 14 ('10%'): the step has another unit" },
		{ "1M..20M step", "character 13 (its end): a number" },
		{ "1M..20M stop 1M", "character 9 ('stop'): 'step' was expected" },
		{ "1M..20M step 20M", "character 14 ('20M'): the step is longer" },
		{ "95%..100%",
		  "character 10 (its end): the step, a tenth of the MRR if not given, is longer" },
		{ "1..20M step 1", "character 13 ('1'): a sweep of more than 1000 points" },
		{ "1M..", "character 5 (its end): a number" },
		{ "1M...20M step 1M", "character 5 ('.20M')" },
		{ "1M..20M step 1M..", "character 16 ('..'): nothing more" },
		{ "best", "character 5 (its end): the sweep was expected" },
		{ "best:5M", "character 6 ('5M'): a sweep of rates was expected" },
		{ "best:10%..100%", "character 6 ('10%..100%'): a sweep of rates was expected" },
		{ "best:pdr", "character 6 ('pdr'): a number was expected" },
		{ "\xc3\xa4", "character 1 (not ASCII)" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		  "('aaaaaaaaaaaaaaaaaaaaaaaa...')" },
	};

	for (size_t i = 0; i < N(bad); i++) {
		struct rate rate;
		struct error err = { 0 };

		assert_int_equal(rate_parse(bad[i].text, &rate, &err), -EINVAL);
		if (!strstr(err.cause, bad[i].cause))
			fail_msg("%s: '%s' does not say '%s'", bad[i].text, err.cause, bad[i].cause);
		assert_true(err.remedy[0]);
	}
}

static void points_of_sweeps(void **state)
{
	static const struct { const char *text; unsigned count; double second, last_but_one; } sweeps[] = {
		{ "1M..20M step 1M", 20, 2e6, 19e6 },
		{ "10%..100%", 10, 0.2, 0.9 },
		{ "0.1%..100% step 0.1%", 0, 0, 0 }, /* 1000: one more than is allowed */
		{ "10%..100% step 0.1%", 901, 0.101, 0.999 },
		{ "1M..20M step 3M", 8, 4e6, 19e6 },
		{ "1..2 step 1", 2, 2, 1 },
		{ "1M", 0, 0, 0 },
	};

	for (size_t i = 0; i < N(sweeps); i++) {
		struct rate rate;

		if (rate_parse(sweeps[i].text, &rate, NULL))
			rate = (struct rate){ 0 };
		assert_int_equal(rate_points(&rate), sweeps[i].count);
		if (!sweeps[i].count)
			continue;
		assert_true(rate_point(&rate, 0) == rate.from);
		assert_true(fabs(rate_point(&rate, 1) - sweeps[i].second) < 1e-9 * sweeps[i].second);
		assert_true(fabs(rate_point(&rate, sweeps[i].count - 2) - sweeps[i].last_but_one) <
			    1e-9 * rate.to);
		assert_true(rate_point(&rate, sweeps[i].count - 1) == rate.to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_rates),
		cmocka_unit_test(bad_rates),
		cmocka_unit_test(points_of_sweeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
