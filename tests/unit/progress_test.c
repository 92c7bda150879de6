/* SPDX-License-Identifier: Apache-2.0 */
/* What a run prints while it is under way, of words that are not its own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/progress.h"

/* Endpoints are programs in containers, and what they say of a failure is shown on the terminal of root. */
static void words_of_endpoints_move_no_cursor(void **state)
{
	json_t *trial = json_pack("{s:s, s:s}", "status", "failed",
				  "reason", "\033]0;title\007\033[2Jgone\r\n[1/1] all is well \xc2\x9b\x33\x31m");
	struct progress progress;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(trial);
	progress_begin(&progress, out, false, 1, 1);
	progress_trial(&progress, "a test", 1);
	progress_trial_done(&progress, trial, 0);
	progress_end(&progress);
	fclose(out);
	assert_string_equal(text, "[1/1] a test: failed: ?]0;title??[2Jgone  [1/1] all is well ?31m\n");
	free(text);
	json_decref(trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_endpoints_move_no_cursor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
