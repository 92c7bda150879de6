/* SPDX-License-Identifier: Apache-2.0 */
/* Directories of the host's that a run makes: removed by the last that needs them, and no others. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testbed/host/directory.h"
#include "testbed/kinds.h"

static char root[] = "/tmp/lb-directory.XXXXXX";
static char upper[64], lower[80];

static struct ledger *open_ledger(void)
{
	struct ledger *ledger;

	assert_int_equal(ledger_open(&ledger, NULL), 0);
	return ledger;
}

static bool exists(const char *path)
{
	return !access(path, F_OK);
}

static int provide_both(struct ledger *ledger)
{
	return directory_provide(upper, 0755, ledger, NULL) || directory_provide(lower, 0755, ledger, NULL);
}

static void what_was_made_goes(void **state)
{
	struct ledger *ledger = open_ledger();

	assert_int_equal(provide_both(ledger), 0);
	assert_int_equal(provide_both(ledger), 0);
	assert_true(exists(lower));
	assert_int_equal(ledger_close(ledger, NULL), 0);
	assert_false(exists(upper));
}

static void what_was_there_stays(void **state)
{
	struct ledger *ledger = open_ledger();

	assert_int_equal(mkdir(upper, 0755), 0);
	assert_int_equal(provide_both(ledger), 0);
	assert_int_equal(ledger_close(ledger, NULL), 0);
	assert_false(exists(lower));
	assert_int_equal(rmdir(upper), 0);
}

static void what_others_have_come_to_use_stays(void **state)
{
	struct ledger *ledger = open_ledger();
	char theirs[96];

	snprintf(theirs, sizeof(theirs), "%s/theirs", lower);
	assert_int_equal(provide_both(ledger), 0);
	assert_int_equal(mkdir(theirs, 0755), 0);
	assert_int_equal(ledger_close(ledger, NULL), 0);
	assert_int_equal(rmdir(theirs) | rmdir(lower) | rmdir(upper), 0);
}

static void the_last_of_two_runs_removes_it(void **state)
{
	struct ledger *first = open_ledger(), *second = open_ledger();

	assert_int_equal(provide_both(first), 0);
	assert_int_equal(provide_both(second), 0);
	assert_int_equal(ledger_close(first, NULL), 0);
	assert_true(exists(lower));
	assert_int_equal(ledger_close(second, NULL), 0);
	assert_false(exists(upper));
}

static void a_killed_run_leaves_it_to_clean(void **state)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (provide_both(open_ledger()))
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(exists(lower));
	assert_int_equal(ledger_clean(testbed_kinds, NULL, NULL, NULL), 1);
	assert_false(exists(upper));
}

static void what_cannot_be_made_is_not_noted(void **state)
{
	struct ledger *ledger = open_ledger();
	struct error err = { 0 };
	char path[96];

	snprintf(path, sizeof(path), "%s/none/below", root);
	assert_int_equal(directory_provide(path, 0755, ledger, &err), -ENOENT);
	assert_false(ledger_has(ledger, &directory_kind, path, "made"));
	assert_int_equal(ledger_close(ledger, NULL), 0);
}

static int set_up(void **state)
{
	char path[64];

	if (!mkdtemp(root))
		return -1;
	snprintf(upper, sizeof(upper), "%s/upper", root);
	snprintf(lower, sizeof(lower), "%s/lower", upper);
	snprintf(path, sizeof(path), "%s/state", root);
	return setenv("LANEBENCH_STATE", path, 1);
}

static int tear_down(void **state)
{
	return rmdir(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_made_goes),
		cmocka_unit_test(what_was_there_stays),
		cmocka_unit_test(what_others_have_come_to_use_stays),
		cmocka_unit_test(the_last_of_two_runs_removes_it),
		cmocka_unit_test(a_killed_run_leaves_it_to_clean),
		cmocka_unit_test(what_cannot_be_made_is_not_noted),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
