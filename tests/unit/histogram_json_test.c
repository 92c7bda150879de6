/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "control/message.h"

static void nothing_is_null(void **state)
{
	struct histogram empty, found;
	json_t *json;

	histogram_reset(&empty);
	json = control_histogram_encode(&empty);
	assert_int_equal(control_histogram_decode(json, &found, NULL), 0);
	assert_memory_equal(&found, &empty, sizeof(found));
	json_decref(json);
}

static void beyond_the_range(void **state)
{
	struct histogram large, found;
	json_t *json;

	histogram_reset(&large);
	histogram_record(&large, HISTOGRAM_MAX * 100);
	json = control_histogram_encode(&large);
	assert_int_equal(control_histogram_decode(json, &found, NULL), 0);
	assert_memory_equal(&found, &large, sizeof(found));
	json_decref(json);
}

static void what_does_not_add_up_is_refused(void **state)
{
	static const char *const texts[] = {
		"{}", "[]", "{'count':0,'min':null,'max':null,'mean':null}",
		"{'count':0,'min':0,'max':null,'mean':null,'buckets':[]}",
		"{'count':1,'min':null,'max':null,'mean':null,'buckets':[]}",
		"{'count':2,'min':5,'max':5,'mean':5,'buckets':[[5,5,1]]}",
		"{'count':1,'min':6,'max':6,'mean':6,'buckets':[[5,5,1]]}",
		"{'count':1,'min':5,'max':5,'mean':6,'buckets':[[5,5,1]]}",
		"{'count':1,'min':5,'max':5,'mean':4,'buckets':[[5,5,1]]}",
		"{'count':1,'min':5,'max':5,'mean':null,'buckets':[[5,5,1]]}",
		"{'count':0,'min':null,'max':null,'mean':null,'buckets':[[5,5,0]]}",
		"{'count':1,'min':5,'max':5,'mean':5,'buckets':[[5,5,1,0]]}",
		"{'count':1,'min':5,'max':5,'mean':5,'buckets':[[5,5]]}",
		"{'count':1,'min':5,'max':5,'mean':5,'buckets':[5]}",
		"{'count':1,'min':5,'max':5,'mean':5,'buckets':[[5,6,1]]}",
		"{'count':1,'min':130,'max':130,'mean':130,'buckets':[[129,130,1]]}", /* none begins there */
		"{'count':2,'min':5,'max':6,'mean':5,'buckets':[[6,6,1],[5,5,1]]}",
		"{'count':2,'min':5,'max':5,'mean':5,'buckets':[[5,5,1],[5,5,1]]}",
		"{'count':-1,'min':5,'max':5,'mean':5,'buckets':[[5,5,-1]]}",
		"{'count':5,'min':5,'max':6,'mean':5,'buckets':[[5,5,9223372036854775807],[6,6,1]]}",
	};
	struct histogram found;

	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct error err = { 0 };
		char text[300];
		json_t *json;

		snprintf(text, sizeof(text), "%s", texts[i]);
		for (char *c = text; *c; c++)
			if (*c == '\'')
				*c = '"';
		json = json_loads(text, 0, NULL);
		assert_non_null(json);
		if (control_histogram_decode(json, &found, &err) != -EPROTO)
			fail_msg("accepted: %s", text);
		assert_non_null(strstr(err.cause, "histogram"));
		json_decref(json);
	}
}

static void a_full_one_survives(void **state)
{
	struct histogram full, found;
	json_t *json;

	histogram_reset(&full);
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		histogram_record(&full, histogram_bucket_high(i));
	json = control_histogram_encode(&full);
	assert_int_equal(json_array_size(json_object_get(json, "buckets")), HISTOGRAM_BUCKETS);
	assert_int_equal(control_histogram_decode(json, &found, NULL), 0);
	assert_true(fabs(found.sum / full.sum - 1) < 1e-15); /* the mean is rounded on its way */
	found.sum = full.sum;
	assert_memory_equal(&found, &full, sizeof(found));
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_null),
		cmocka_unit_test(beyond_the_range),
		cmocka_unit_test(what_does_not_add_up_is_refused),
		cmocka_unit_test(a_full_one_survives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
