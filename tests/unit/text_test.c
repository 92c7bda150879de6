/* SPDX-License-Identifier: Apache-2.0 */
/* Small helpers for texts (util/text.h). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "util/text.h"

static void appends_what_fits(void **state)
{
	char text[8] = "";

	text_append(text, sizeof(text), "%s", "abc");
	text_append(text, sizeof(text), "%d", 12);
	assert_string_equal(text, "abc12");
	text_append(text, sizeof(text), "%s", "345");
	assert_string_equal(text, "abc1234");
	text_append(text, sizeof(text), "%s", "5");
	assert_string_equal(text, "abc1234");
}

static void quotes_what_a_shell_would_take_apart(void **state)
{
	static const char *const arguments[][2] = {
		{ "raw-mmsg", "raw-mmsg" }, { "a/b_c.yaml", "a/b_c.yaml" },
			{ "--rate=50%,1M", "--rate=50%,1M" },
		{ "", "''" }, { "two words", "'two words'" }, { "it's", "'it'\\''s'" },
			{ "''", "''\\'''\\'''" },
		{ "$(id)", "'$(id)'" }, { "a;b", "'a;b'" }, { "~", "'~'" }, { "*", "'*'" },
			{ "a\nb", "'a\nb'" },
		{ "#", "'#'" }, { "!x", "'!x'" }, { "{a,b}", "'{a,b}'" }, { "\u7db2", "'\u7db2'" },
	};

	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		char *quoted = text_shell_quote(arguments[i][0]);

		assert_string_equal(quoted, arguments[i][1]);
		assert_int_equal(text_is_shell_word(arguments[i][0]),
				 !strcmp(arguments[i][0], arguments[i][1]));
		free(quoted);
	}
}

static void finds_the_last_line(void **state)
{
	char text[] = "first\n  the last \n\n \n", nothing[] = " \n\t";

	assert_string_equal(text_last_line(text), "the last");
	assert_string_equal(text_last_line(nothing), "");
}

static void knows_one_from_many(void **state)
{
	assert_string_equal(plural(0), "s");
	assert_string_equal(plural(1), "");
	assert_string_equal(plural(2), "s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_what_fits),
		cmocka_unit_test(quotes_what_a_shell_would_take_apart),
		cmocka_unit_test(finds_the_last_line),
		cmocka_unit_test(knows_one_from_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
