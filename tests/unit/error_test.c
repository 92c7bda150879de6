/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "util/error.h"

static void fills_cause_and_remedy(void **state)
{
	struct error err = { 0 };

	assert_int_equal(error_set(&err, EPERM, "run it as root", "cannot open %s", "x"), -EPERM);
	assert_int_equal(err.code, EPERM);
	assert_string_equal(err.cause, "cannot open x");
	assert_string_equal(err.remedy, "run it as root");
}

static void appends_the_system_text(void **state)
{
	struct error err = { 0 };

	assert_int_equal(error_errno(&err, ENOENT, NULL, "cannot read %s", "y"), -ENOENT);
	assert_string_equal(err.cause, "cannot read y: No such file or directory");
	assert_string_equal(err.remedy, "");
}

static void prefixes_and_may_name_itself(void **state)
{
	struct error err = { 0 };

	error_set(&err, EINVAL, "r", "inner");
	assert_int_equal(error_prefix(&err, "outer %d", 3), -EINVAL);
	assert_string_equal(err.cause, "outer 3: inner");
	error_set(&err, EIO, "r", "again: %s", err.cause);
	assert_string_equal(err.cause, "again: outer 3: inner");
}

static void drives_no_terminal(void **state)
{
	static const char evil[] = "\033[2J\x07\x7f \xc2\x9b \xe2\x80\xae \xff \xc3\xa4\nx";
	static const char tame[] = "?[2J?? ? ? ? \xc3\xa4 x";
	struct error err = { 0 };

	error_set(&err, EINVAL, evil, "%s", evil);
	assert_string_equal(err.cause, tame);
	assert_string_equal(err.remedy, tame);
	error_errno(&err, EIO, NULL, "%s", evil);
	assert_memory_equal(err.cause, tame, strlen(tame));
	error_set(&err, EINVAL, NULL, "x");
	error_prefix(&err, "%s", evil);
	assert_memory_equal(err.cause, tame, strlen(tame));
}

static void cuts_long_texts(void **state)
{
	struct error err = { 0 };
	char text[4096];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	error_errno(&err, EIO, text, "%s", text);
	assert_int_equal(strlen(err.cause), sizeof(err.cause) - 1);
	assert_int_equal(strlen(err.remedy), sizeof(err.remedy) - 1);
	error_prefix(&err, "%s", text);
	assert_int_equal(strlen(err.cause), sizeof(err.cause) - 1);
	error_set(NULL, EIO, NULL, "nobody listens");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_cause_and_remedy),
		cmocka_unit_test(appends_the_system_text),
		cmocka_unit_test(prefixes_and_may_name_itself),
		cmocka_unit_test(drives_no_terminal),
		cmocka_unit_test(cuts_long_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
