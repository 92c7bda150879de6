/* SPDX-License-Identifier: Apache-2.0 */
/* The processor time of a real child: one thread of it is busy, another sleeps. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "trial/process_time.h"

#define STALE 0.02 /* s: the kernel brings schedstat up to date at its ticks, of 10 ms at most */

static struct process child;
static int processor;

static void *busy_thread(void *context)
{
	volatile unsigned long n = 0;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	pthread_setname_np(pthread_self(), "b) 3 (usy"); /* what would mislead a reader of stat */
	for (;;)
		n++;
	return NULL;
}

static int setup(void **state)
{
	pthread_t thread;

	processor = sched_getcpu();
	child = (struct process)PROCESS_NONE;
	child.pid = fork();
	if (child.pid == 0) {
		pthread_create(&thread, NULL, busy_thread, NULL);
		for (;;)
			pause();
	}
	return child.pid > 0 ? 0 : -1;
}

static int teardown(void **state)
{
	kill(child.pid, SIGKILL);
	return waitpid(child.pid, NULL, 0) == child.pid ? 0 : -1;
}

static void let_it_run(long ms)
{
	const struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

/* Seconds that the child has had, by the kernel's clock of its process. */
static double child_clock(void)
{
	struct timespec time;
	clockid_t clock;

	assert_int_equal(clock_getcpuclockid(child.pid, &clock), 0);
	assert_int_equal(clock_gettime(clock, &time), 0);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double number(const json_t *json, const char *field)
{
	assert_true(json_is_number(json_object_get(json, field)));
	return json_number_value(json_object_get(json, field));
}

static void assert_near(double value, double expected, double tolerance)
{
	if (value < expected - tolerance || value > expected + tolerance)
		fail_msg("%g is not %g to within %g", value, expected, tolerance);
}

/* Both readings, with half a second between, and what the child's clock says of it. */
static double watch(struct process_time *begin, struct process_time *end)
{
	struct error err = { 0 };
	double before, after;

	let_it_run(100); /* for its thread to be there */
	before = child_clock();
	assert_int_equal(process_time_read(begin, &child, 1, &err), 0);
	let_it_run(500);
	assert_int_equal(process_time_read(end, &child, 1, &err), 0);
	after = child_clock();
	return after - before;
}

static double seconds(const struct process_time *begin, const struct process_time *end)
{
	return (double)(end->taken_ns - begin->taken_ns) / 1e9;
}

static void the_busy_thread_is_told_from_the_idle_one(void **state)
{
	struct process_time begin, end;
	double used = watch(&begin, &end);
	json_t *json = process_time_between(&begin, &end), *threads = json_object_get(json, "threads");
	const json_t *idle = json_array_get(threads, 0), *busy = json_array_get(threads, 1);

	assert_true(used > 0.05); /* however busy the machine is */
	assert_int_equal(json_array_size(threads), 2);
	assert_near(number(json, "total_s"), used, STALE);
	assert_near(number(json, "busy"), used / seconds(&begin, &end), 0.1);
	/* Ticks of USER_HZ for what is user and what is system time. */
	assert_near(number(json, "user_s") + number(json, "system_s"), used, STALE + 0.02);
	assert_string_equal(json_string_value(json_object_get(json, "source")), end.precise ? "schedstat" : "ticks");
	assert_true(number(idle, "total_s") < STALE);
	assert_near(number(busy, "total_s"), used, STALE);
	assert_string_equal(json_string_value(json_object_get(idle, "name")), "process_time_te");
	assert_string_equal(json_string_value(json_object_get(busy, "process")), "process_time_te");
	assert_string_equal(json_string_value(json_object_get(busy, "name")), "b) 3 (usy");
	assert_int_equal((int)number(busy, "processor"), processor);
	json_decref(json);
	process_time_free(&begin);
	process_time_free(&end);
}

/* A rival on the same processor: the two take turns, and the one waits while the other runs. */
static void waiting_for_the_processor_is_told(void **state)
{
	struct process_time begin, end;
	pid_t rival = fork();
	cpu_set_t set;
	json_t *json;
	double used;

	if (rival == 0) {
		CPU_ZERO(&set);
		CPU_SET(processor, &set);
		sched_setaffinity(0, sizeof(set), &set);
		for (volatile unsigned long n = 0;; n++)
			;
	}
	used = watch(&begin, &end);
	kill(rival, SIGKILL);
	assert_int_equal(waitpid(rival, NULL, 0), rival);
	if (!end.precise)
		skip();
	json = process_time_between(&begin, &end);
	/* It has had `used`, and wanted all. */
	assert_near(number(json_array_get(json_object_get(json, "threads"), 1), "waited_s"),
		    seconds(&begin, &end) - used, 0.1);
	assert_true(process_time_waiting(&begin, &end) > 0.1);
	json_decref(json);
	process_time_free(&begin);
	process_time_free(&end);
}

/* As a kernel without schedstat would have it. */
static void ticks_do_where_there_is_nothing_finer(void **state)
{
	struct process_time begin, end;
	double used = watch(&begin, &end);
	json_t *json;

	end.precise = false;
	json = process_time_between(&begin, &end);
	assert_string_equal(json_string_value(json_object_get(json, "source")), "ticks");
	assert_true(process_time_waiting(&begin, &end) == 0);
	assert_near(number(json, "total_s"), used, STALE + 0.02);
	assert_true(number(json, "total_s") == number(json, "user_s") + number(json, "system_s"));
	json_decref(json);
	process_time_free(&begin);
	process_time_free(&end);
}

/* A thread that began within the window has had all its time in it. */
static void a_thread_may_come_later(void **state)
{
	struct process_time begin, end;
	json_t *json;
	double used = watch(&begin, &end);

	begin.count = 1; /* it was not there yet */
	json = process_time_between(&begin, &end);
	assert_true(number(json, "total_s") >= used - STALE);
	json_decref(json);
	process_time_free(&begin);
	process_time_free(&end);
}

static void a_process_that_has_ended_is_an_error(void **state)
{
	const struct process none = PROCESS_NONE;
	struct process gone = PROCESS_NONE;
	struct process_time time;
	struct error err = { 0 };

	gone.pid = fork();
	if (gone.pid == 0)
		_exit(0);
	assert_int_equal(waitpid(gone.pid, NULL, 0), gone.pid);
	assert_int_equal(process_time_read(&time, &gone, 1, &err), -ESRCH);
	assert_non_null(strstr(err.cause, "cannot read the processor time of process"));
	process_time_free(&time);
	assert_int_equal(process_time_read(&time, &none, 1, &err), 0); /* one that never was */
	assert_int_equal(time.count, 0);
	process_time_free(&time);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_busy_thread_is_told_from_the_idle_one, setup, teardown),
		cmocka_unit_test_setup_teardown(waiting_for_the_processor_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(ticks_do_where_there_is_nothing_finer, setup, teardown),
		cmocka_unit_test_setup_teardown(a_thread_may_come_later, setup, teardown),
		cmocka_unit_test(a_process_that_has_ended_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
