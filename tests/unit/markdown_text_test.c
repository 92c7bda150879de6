/* SPDX-License-Identifier: Apache-2.0 */
/* Text of a record in Markdown: only ever text. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/export/markdown_text.h"

/* Static storage. */
static const char *escaped(const char *text)
{
	static char result[4096];
	FILE *out;

	memset(result, 0, sizeof(result));
	out = fmemopen(result, sizeof(result), "w");
	markdown_text(out, text);
	fclose(out);
	return result;
}

static void plain_text_stays(void **state)
{
	static const char *const plain[] = {
		"raw-mmsg on veth, 64-byte frames", "1vs1", "12.3 Mpps (p50: 28 us)", "10 % of it",
		"kernel 6.18.44", "über-schnell на сети", "(none)",
	};

	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		assert_string_equal(escaped(plain[i]), plain[i]);
	assert_string_equal(escaped(""), "");
}

static void what_means_something_becomes_code(void **state)
{
	static const char *const hostile[] = {
		"@everyone", "a@b.example", "#1", "owner/name#1", "!7", "GH-26", "see gh-26", "deadbeef",
		"at 1234567", "http://x.example", "www.x.example", "[a](b)", "![a](b)", "<b>", "`", "```",
		"**a**", "_a_", "~~a~~", ":smile:", "a|b", "a\\|b", "$x$", "&amp;", "-", "+ a", "# a",
		"> a", "%1", "{{x}}", "--flag", " a", "\ta", "a\nb", "=", "a\rb",
	};

	for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
		const char *text = escaped(hostile[i]);
		char inner[256];

		assert_int_equal(strncmp(text, "<code>", 6), 0);
		snprintf(inner, sizeof(inner), "%s", text + 6);
		assert_string_equal(inner + strlen(inner) - 7, "</code>");
		inner[strlen(inner) - 7] = 0;
		/* Within it no punctuation but that of references. */
		for (const char *c = inner; *c; c++)
			if (ispunct((unsigned char)*c) && !strchr("&#;", *c))
				fail_msg("%s: '%c' in %s", hostile[i], *c, inner);
		assert_null(strpbrk(inner, "\n\r\t"));
	}
	assert_string_equal(escaped("a|b"), "<code>a&#124;b</code>");
	assert_string_equal(escaped("@me"), "<code>&#64;me</code>");
}

static void what_reorders_or_is_no_text_is_replaced(void **state)
{
	assert_string_equal(escaped("a\xe2\x80\xae" "b"), "<code>a\xef\xbf\xbd" "b</code>");
	assert_string_equal(escaped("a\xff" "b"), "<code>a\xef\xbf\xbd" "b</code>");
	assert_string_equal(escaped("a\x1b[31m"), "<code>a\xef\xbf\xbd&#91;31m</code>");
	assert_string_equal(escaped("a\xc3"), "<code>a\xef\xbf\xbd</code>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_stays),
		cmocka_unit_test(what_means_something_becomes_code),
		cmocka_unit_test(what_reorders_or_is_no_text_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
