/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Governor and turbo: set, left to the last of several runs, set back. Most machines that build this have no
 * such settings, and nobody would have those of his own played with: so a tree of files is mounted over the
 * kernel's, in a mount namespace of the test's own.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testbed/host/namespace.h"
#include "system/sysfs.h"
#include "testbed/host/tuning.h"
#include "ledger/ledger.h"
#include "testbed/kinds.h"

#define CPU_ROOT "/sys/devices/system/cpu"
#define GOVERNOR(n) CPU_ROOT "/cpu" #n "/cpufreq/scaling_governor"

static char root[] = "/tmp/lanebench-test-XXXXXX";
static char state_path[64];

/* Write a file and the directories that it is in. */
static void put(const char *path, const char *text)
{
	char directory[256];
	FILE *file;

	for (const char *slash = strchr(path + strlen(CPU_ROOT) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path), path);
		mkdir(directory, 0755);
	}
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fprintf(file, "%s\n", text) > 0);
	assert_int_equal(fclose(file), 0);
}

static void assert_holds(const char *path, const char *text)
{
	char found[64];

	assert_int_equal(sysfs_read(path, found, sizeof(found)), 0);
	assert_string_equal(found, text);
}

/* A machine without any such settings, whose files each test then makes. */
static int new_machine(void **state)
{
	return namespace_is_root() ? mount("tmpfs", CPU_ROOT, "tmpfs", 0, NULL) : 0;
}

static int drop_machine(void **state)
{
	if (!namespace_is_root())
		return 0;
	return umount2(CPU_ROOT, MNT_DETACH);
}

static void skip_without_root(void)
{
	if (!namespace_is_root()) {
		print_message("skipped: needs root\n");
		skip();
	}
}

static struct ledger *open_ledger(void)
{
	struct ledger *ledger;

	assert_int_equal(ledger_open(&ledger, NULL), 0);
	return ledger;
}

static void close_ledger(struct ledger *ledger)
{
	struct error err = { 0 };

	if (ledger_close(ledger, &err))
		fail_msg("%s", err.cause);
}

/* Apply, and compare what is said of it with `expected`, as JSON. */
static void tune(struct ledger *ledger, const char *expected)
{
	struct error err = { 0 };
	json_t *done, *wanted = json_loads(expected, 0, NULL);
	char *text;

	assert_non_null(wanted);
	if (tuning_apply(ledger, &done, &err))
		fail_msg("%s", err.cause);
	text = json_dumps(done, 0);
	if (!json_equal(done, wanted))
		fail_msg("%s instead of %s", text, expected);
	free(text);
	json_decref(done);
	json_decref(wanted);
}

static void changes_and_sets_back(void **state)
{
	struct ledger *ledger;

	skip_without_root();
	put(GOVERNOR(0), "powersave");
	put(GOVERNOR(1), "schedutil");
	put(CPU_ROOT "/cpufreq/boost", "1");
	ledger = open_ledger();
	tune(ledger, "{\"governor\": {\"before\": \"powersave, schedutil\", \"now\": \"performance\"}, "
	     "\"turbo\": {\"before\": true, \"now\": false}}");
	assert_holds(GOVERNOR(0), "performance");
	assert_holds(GOVERNOR(1), "performance");
	assert_holds(CPU_ROOT "/cpufreq/boost", "0");
	close_ledger(ledger);
	assert_holds(GOVERNOR(0), "powersave");
	assert_holds(GOVERNOR(1), "schedutil");
	assert_holds(CPU_ROOT "/cpufreq/boost", "1");
}

static void leaves_what_is_right(void **state)
{
	struct ledger *ledger;

	skip_without_root();
	put(GOVERNOR(0), "performance");
	put(CPU_ROOT "/intel_pstate/no_turbo", "1");
	ledger = open_ledger();
	tune(ledger, "{\"governor\": {\"before\": \"performance\", \"now\": \"performance\"}, "
	     "\"turbo\": {\"before\": false, \"now\": false}}");
	assert_false(ledger_has(ledger, &setting_kind, GOVERNOR(0), "performance"));
	close_ledger(ledger);
	assert_holds(GOVERNOR(0), "performance");
	assert_holds(CPU_ROOT "/intel_pstate/no_turbo", "1");
}

static void a_machine_without_settings(void **state)
{
	struct ledger *ledger;

	skip_without_root();
	ledger = open_ledger();
	tune(ledger, "{\"governor\": null, \"turbo\": null}");
	close_ledger(ledger);
}

static void turbo_of_each_kind(void **state)
{
	struct ledger *ledger;

	skip_without_root();
	put(CPU_ROOT "/cpufreq/policy0/boost", "1");
	put(CPU_ROOT "/cpufreq/policy12/boost", "1");
	ledger = open_ledger();
	tune(ledger, "{\"governor\": null, \"turbo\": {\"before\": true, \"now\": false}}");
	assert_holds(CPU_ROOT "/cpufreq/policy12/boost", "0");
	close_ledger(ledger);
	assert_holds(CPU_ROOT "/cpufreq/policy0/boost", "1");
	assert_holds(CPU_ROOT "/cpufreq/policy12/boost", "1");

	put(CPU_ROOT "/intel_pstate/no_turbo", "0");
	ledger = open_ledger();
	tune(ledger, "{\"governor\": null, \"turbo\": {\"before\": true, \"now\": false}}");
	assert_holds(CPU_ROOT "/intel_pstate/no_turbo", "1");
	/* The one knob does it: the others are not touched. */
	assert_holds(CPU_ROOT "/cpufreq/policy0/boost", "1");
	close_ledger(ledger);
	assert_holds(CPU_ROOT "/intel_pstate/no_turbo", "0");
}

static void a_machine_that_refuses(void **state)
{
	struct ledger *ledger;

	skip_without_root();
	put(GOVERNOR(0), "powersave");
	put(CPU_ROOT "/cpufreq/boost", "1");
	assert_int_equal(mount(CPU_ROOT "/cpufreq/boost", CPU_ROOT "/cpufreq/boost", NULL, MS_BIND, NULL), 0);
	assert_int_equal(mount(NULL, CPU_ROOT "/cpufreq/boost", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
	ledger = open_ledger();
	tune(ledger, "{\"governor\": {\"before\": \"powersave\", \"now\": \"performance\"}, "
	     "\"turbo\": {\"before\": true, \"now\": true}}");
	close_ledger(ledger);
	assert_holds(GOVERNOR(0), "powersave");
	assert_int_equal(umount(CPU_ROOT "/cpufreq/boost"), 0);
	assert_holds(CPU_ROOT "/cpufreq/boost", "1");
}

static void the_last_of_several_runs_sets_back(void **state)
{
	struct ledger *a, *b;

	skip_without_root();
	put(GOVERNOR(0), "powersave");
	put(CPU_ROOT "/intel_pstate/no_turbo", "0");
	a = open_ledger();
	tune(a, "{\"governor\": {\"before\": \"powersave\", \"now\": \"performance\"}, "
	     "\"turbo\": {\"before\": true, \"now\": false}}");
	b = open_ledger();
	tune(b, "{\"governor\": {\"before\": \"performance\", \"now\": \"performance\"}, "
	     "\"turbo\": {\"before\": false, \"now\": false}}");
	close_ledger(a);
	assert_holds(GOVERNOR(0), "performance");
	assert_holds(CPU_ROOT "/intel_pstate/no_turbo", "1");
	/* And the other way round: a third one comes and goes. */
	a = open_ledger();
	tune(a, "{\"governor\": {\"before\": \"performance\", \"now\": \"performance\"}, "
	     "\"turbo\": {\"before\": false, \"now\": false}}");
	close_ledger(a);
	assert_holds(GOVERNOR(0), "performance");
	close_ledger(b);
	assert_holds(GOVERNOR(0), "powersave");
	assert_holds(CPU_ROOT "/intel_pstate/no_turbo", "0");
}

/* The first is killed, and cleaned up after, while the second lives. */
static void killed_beside_a_run(void **state)
{
	struct ledger *ledger;
	struct error err = { 0 };
	json_t *done;
	pid_t pid;

	skip_without_root();
	put(GOVERNOR(0), "powersave");
	put(CPU_ROOT "/cpufreq/boost", "1");
	pid = fork();
	if (pid == 0) {
		if (ledger_open(&ledger, NULL) || tuning_apply(ledger, &done, NULL))
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_holds(GOVERNOR(0), "performance");
	ledger = open_ledger();
	tune(ledger, "{\"governor\": {\"before\": \"performance\", \"now\": \"performance\"}, "
	     "\"turbo\": {\"before\": false, \"now\": false}}");
	assert_int_equal(ledger_clean(testbed_kinds, NULL, NULL, &err), 1);
	assert_holds(GOVERNOR(0), "performance");
	assert_holds(CPU_ROOT "/cpufreq/boost", "0");
	close_ledger(ledger);
	assert_holds(GOVERNOR(0), "powersave");
	assert_holds(CPU_ROOT "/cpufreq/boost", "1");
}

/*
 * The first is killed, and nobody cleans up after it before the second ends: that one does not leave it to
 * the dead.
 */
static void a_dead_run_keeps_nobody_from_setting_back(void **state)
{
	struct ledger *ledger;
	json_t *done;
	pid_t pid;

	skip_without_root();
	put(GOVERNOR(0), "powersave");
	put(CPU_ROOT "/cpufreq/boost", "1");
	pid = fork();
	if (pid == 0) {
		if (ledger_open(&ledger, NULL) || tuning_apply(ledger, &done, NULL))
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	ledger = open_ledger();
	tune(ledger, "{\"governor\": {\"before\": \"performance\", \"now\": \"performance\"}, "
	     "\"turbo\": {\"before\": false, \"now\": false}}");
	close_ledger(ledger);
	assert_holds(GOVERNOR(0), "powersave");
	assert_holds(CPU_ROOT "/cpufreq/boost", "1");
	assert_int_equal(ledger_clean(testbed_kinds, NULL, NULL, NULL), 1);
	assert_holds(GOVERNOR(0), "powersave");
}

/* Many come and go at once: however they interleave, the last one sets back. */
static void many_at_once(void **state)
{
	pid_t children[6];
	int status;

	skip_without_root();
	put(GOVERNOR(0), "powersave");
	put(CPU_ROOT "/cpufreq/boost", "1");
	for (int i = 0; i < 6; i++) {
		children[i] = fork();
		if (children[i])
			continue;
		for (int round = 0; round < 40; round++) {
			struct ledger *ledger;
			json_t *done;

			if (ledger_open(&ledger, NULL) || tuning_apply(ledger, &done, NULL))
				_exit(1);
			json_decref(done);
			if (access(GOVERNOR(0), F_OK))
				_exit(2);
			if (ledger_close(ledger, NULL))
				_exit(3);
		}
		_exit(0);
	}
	for (int i = 0; i < 6; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	assert_holds(GOVERNOR(0), "powersave");
	assert_holds(CPU_ROOT "/cpufreq/boost", "1");
}

static void changes_nothing_without_root(void **state)
{
	struct ledger *ledger;
	int status;
	pid_t pid;

	skip_without_root();
	put(GOVERNOR(0), "powersave");
	pid = fork();
	if (pid == 0) {
		/* Root in a user namespace of its own; the files here would be writable to it. */
		json_t *done;
		int rc = namespace_enter_user(NULL) || ledger_open(&ledger, NULL) ? 1 :
			 tuning_apply(ledger, &done, NULL) ? 2 : 0;

		if (!rc && strcmp(json_string_value(json_object_get(json_object_get(done, "governor"), "now")),
				  "powersave"))
			rc = 3;
		_exit(rc ? rc : ledger_close(ledger, NULL) ? 4 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_holds(GOVERNOR(0), "powersave");
}

static int set_up(void **state)
{
	if (!mkdtemp(root))
		return -1;
	snprintf(state_path, sizeof(state_path), "%s/s", root);
	if (namespace_is_root() && (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)))
		return -1;
	return setenv("LANEBENCH_STATE", state_path, 1);
}

static int tear_down(void **state)
{
	ledger_clean(testbed_kinds, NULL, NULL, NULL);
	return rmdir(root);
}

#define ON_A_MACHINE(name) cmocka_unit_test_setup_teardown(name, new_machine, drop_machine)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_MACHINE(changes_and_sets_back),
		ON_A_MACHINE(leaves_what_is_right),
		ON_A_MACHINE(a_machine_without_settings),
		ON_A_MACHINE(turbo_of_each_kind),
		ON_A_MACHINE(a_machine_that_refuses),
		ON_A_MACHINE(the_last_of_several_runs_sets_back),
		ON_A_MACHINE(killed_beside_a_run),
		ON_A_MACHINE(a_dead_run_keeps_nobody_from_setting_back),
		ON_A_MACHINE(many_at_once),
		ON_A_MACHINE(changes_nothing_without_root),
	};

	return cmocka_run_group_tests_name("tuning", tests, set_up, tear_down);
}
