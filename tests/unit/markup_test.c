/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/markup.h"
#include "util/utf8.h"

#define REPLACED "\xef\xbf\xbd"

static void expect_markup(const char *text, const char *expected)
{
	char *markup = NULL;
	size_t size;
	FILE *out = open_memstream(&markup, &size);

	markup_text(out, text);
	fclose(out);
	assert_string_equal(markup, expected);
	free(markup);
}

static void test_markup(void **state)
{
	expect_markup("", "");
	expect_markup("plain text, 1 % of it", "plain text, 1 % of it");
	expect_markup("<b a=\"x\" c='y'>&amp;", "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;amp;");
	expect_markup("]]> --> `x`", "]]&gt; --&gt; `x`");
	expect_markup("a\nb\tc\r\n", "a\nb\tc \n");
}

static void test_characters(void **state)
{
	expect_markup("\xc3\xa4 \xe4\xb8\xad \xf0\x9f\x98\x80", "\xc3\xa4 \xe4\xb8\xad \xf0\x9f\x98\x80");
	expect_markup("\x1b[2J\x07\x7f\x01", REPLACED "[2J" REPLACED REPLACED REPLACED);
	expect_markup("\xc2\x9b", REPLACED);             /* C1 control */
	expect_markup("a\xe2\x80\xae" "b", "a" REPLACED "b"); /* right-to-left override */
	expect_markup("\xe2\x81\xa6\xef\xbb\xbf\xd8\x9c", REPLACED REPLACED REPLACED);
	expect_markup("\xef\xbf\xbe\xef\xbf\xbf", REPLACED REPLACED); /* no characters of XML */
}

static void test_no_utf8(void **state)
{
	expect_markup("\xff\xfe<", REPLACED REPLACED "&lt;");
	expect_markup("\xc3", REPLACED);                  /* cut off */
	expect_markup("\xc0\xbc", REPLACED REPLACED);     /* '<', longer than it needs to be */
	expect_markup("\xed\xa0\x80", REPLACED REPLACED REPLACED); /* a surrogate */
	expect_markup("\xf4\x90\x80\x80x", REPLACED REPLACED REPLACED REPLACED "x"); /* beyond U+10FFFF */
}

static void test_format(void **state)
{
	char *markup = NULL;
	size_t size;
	FILE *out = open_memstream(&markup, &size);

	markup_format(out, "<%s> %d", "a&b", 7);
	fclose(out);
	assert_string_equal(markup, "&lt;a&amp;b&gt; 7");
	free(markup);
}

static void test_decode(void **state)
{
	uint32_t c;

	assert_int_equal(utf8_decode("\xf0\x9f\x98\x80", &c), 4);
	assert_int_equal(c, 0x1f600);
	assert_int_equal(utf8_decode("", &c), 1);
	assert_int_equal(c, 0);
	assert_int_equal(utf8_decode("\xe4\xb8", &c), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_markup),
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_no_utf8),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_decode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
