/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "util/suggest.h"

static const char *const switches[] = {
	"veth", "linux-bridge", "macvlan", "ovs", "vpp", "snabb", "OVS", NULL
};

static void finds_the_word_that_was_meant(void **state)
{
	assert_string_equal(suggest("ovss", switches), "ovs");
	assert_string_equal(suggest("vth", switches), "veth");       /* one left out */
	assert_string_equal(suggest("vetx", switches), "veth");      /* one replaced */
	assert_string_equal(suggest("vteh", switches), "veth");      /* two swapped: one mistake, not two */
	assert_string_equal(suggest("macvaln", switches), "macvlan");
	assert_string_equal(suggest("linxbridge", switches), "linux-bridge");
}

static void ignores_case_and_prefers_the_first_of_equals(void **state)
{
	assert_string_equal(suggest("VETH", switches), "veth");
	assert_string_equal(suggest("Ovs", switches), "ovs");
}

static void prefers_the_nearest(void **state)
{
	const char *const words[] = { "duration-x", "durations", "duration", NULL };

	assert_string_equal(suggest("duratio", words), "duration");
	assert_string_equal(suggest("durations", words), "durations");
}

static void says_nothing_where_nothing_is_near(void **state)
{
	const char *const none[] = { NULL };

	assert_null(suggest("xy", switches));
	assert_null(suggest("", switches));
	assert_null(suggest("ovs", none));
	assert_null(suggest("vexy", switches));        /* two of four */
	assert_null(suggest("linxbirge", switches));   /* four of nine */
}

static void takes_a_letter_for_itself_alone(void **state)
{
	const char *const letters[] = { "a", "B", "cc", NULL };

	assert_string_equal(suggest("b", letters), "B");
	assert_null(suggest("c", letters));
}

/* A swap may not be undone by a later change: "ca" to "abc" takes three, not the two of Damerau's distance. */
static void measures_optimal_string_alignment(void **state)
{
	const char *const words[] = { "abcdefg", NULL };
	const char *const other[] = { "abdefg", NULL };

	assert_non_null(suggest("cadefg", other));      /* "ca" to "ab": two of six */
	assert_null(suggest("cadefg", words));          /* "ca" to "abc": three */
}

static void takes_words_of_any_length(void **state)
{
	char word[200];
	const char *const words[] = { word, "veth", NULL };

	for (unsigned length = 60; length < sizeof(word); length++) {
		for (unsigned i = 0; i < length; i++)
			word[i] = 'a';
		word[length] = 0;
		assert_ptr_equal(suggest(word, words), length <= 64 ? word : NULL);
		assert_string_equal(suggest("vet", words), "veth");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_word_that_was_meant),
		cmocka_unit_test(ignores_case_and_prefers_the_first_of_equals),
		cmocka_unit_test(prefers_the_nearest),
		cmocka_unit_test(says_nothing_where_nothing_is_near),
		cmocka_unit_test(takes_a_letter_for_itself_alone),
		cmocka_unit_test(measures_optimal_string_alignment),
		cmocka_unit_test(takes_words_of_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
