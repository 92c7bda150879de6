/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "util/list.h"

#define MAX 1024

static void reads_numbers_and_ranges(void **state)
{
	struct error err = { 0 };
	int list[MAX];

	assert_int_equal(list_parse("7", list, MAX, &err), 1);
	assert_int_equal(list[0], 7);
	assert_int_equal(list_parse("8,0-3", list, MAX, &err), 5);
	assert_int_equal(list[0], 0);
	assert_int_equal(list[3], 3);
	assert_int_equal(list[4], 8);
	assert_int_equal(list_parse("0-1023,5,0-1023", list, MAX, &err), MAX);
	assert_int_equal(list[MAX - 1], MAX - 1);
}

static void refuses_what_is_no_list(void **state)
{
	static const char *const bad[] = {
		"", ",", "1,", ",1", "1,,2", "1-", "-1", "1--2", "1-2-3", "a", "1 ,2", "+1", "1024", "0-1024",
		"99999999999999999999", "3-1", "0x3", NULL,
	};
	int list[MAX];

	for (int i = 0; bad[i]; i++) {
		struct error err = { 0 };

		assert_int_equal(list_parse(bad[i], list, MAX, &err), -EINVAL);
		assert_int_equal(err.code, EINVAL);
		assert_non_null(strstr(err.cause, bad[i]));
		assert_true(err.remedy[0]);
	}
}

static void says_which_range_runs_backwards(void **state)
{
	struct error err = { 0 };
	int list[MAX];

	list_parse("1,9-4,2", list, MAX, &err);
	assert_string_equal(err.cause, "range '9-4' of list '1,9-4,2' runs backwards");
}

static void writes_the_shortest_form(void **state)
{
	static const char *const same[] = { "0", "0-1", "0-3,8", "1,3,5-6", "1023", NULL };
	struct error err = { 0 };
	int list[MAX];
	char text[64];

	for (int i = 0; same[i]; i++) {
		int count = list_parse(same[i], list, MAX, &err);

		list_format(list, (unsigned)count, text, sizeof(text));
		assert_string_equal(text, same[i]);
	}
	list_format(list, 0, text, sizeof(text));
	assert_string_equal(text, "");
}

static void cuts_after_a_whole_part(void **state)
{
	int list[] = { 1, 10, 100 };
	char text[6];

	list_format(list, 3, text, sizeof(text));
	assert_string_equal(text, "1,10");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_numbers_and_ranges),
		cmocka_unit_test(refuses_what_is_no_list),
		cmocka_unit_test(says_which_range_runs_backwards),
		cmocka_unit_test(writes_the_shortest_form),
		cmocka_unit_test(cuts_after_a_whole_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
