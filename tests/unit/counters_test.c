/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters of processors: with events that the kernel itself counts everywhere, so that opening, switching, reading
 * and permissions are tried on every machine; and those of the hardware, where it has any.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "measure/clock.h"
#include "trial/counters.h"

/* No clocks: in a group that is switched on again, Linux 6.18 lets whatever is beside them stand still. */
static const struct counter_event software[] = {
	{ "context switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES },
	{ "page faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS },
};

static int processor;

/* So that what this process does is on the processor that is counted. */
static int set_up(void **state)
{
	cpu_set_t set;

	processor = sched_getcpu();
	CPU_ZERO(&set);
	CPU_SET((unsigned)processor, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

static struct counters *open_or_skip(const struct counter_event *events, unsigned count)
{
	struct counters *counters;
	struct error err = { 0 };

	if (counters_open(&counters, events, count, &processor, 1, &err)) {
		assert_null(counters);
		assert_true(*err.cause);
		print_message("skipped: %s\n", err.cause);
		skip();
	}
	return counters;
}

static void nap(long ms)
{
	const struct timespec time = { .tv_nsec = ms * 1000000 };

	nanosleep(&time, NULL);
}

/* Touches so many pages that were not there before. */
static void fault(unsigned pages)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	char *memory = mmap(NULL, pages * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(memory, MAP_FAILED);
	assert_int_equal(madvise(memory, pages * size, MADV_NOHUGEPAGE), 0);
	for (unsigned i = 0; i < pages; i++)
		((volatile char *)memory)[i * size] = 1;
	assert_int_equal(munmap(memory, pages * size), 0);
}

static void only_the_time_between_is_counted(void **state)
{
	struct counters *counters = open_or_skip(software, 2);
	struct counter_reading reading;

	fault(100000); /* before it is switched on */
	for (int round = 0; round < 3; round++) {
		uint64_t begin = clock_monotonic_ns(), inner, outer;

		assert_int_equal(counters_begin(counters), 0);
		inner = clock_monotonic_ns();
		nap(50);
		fault(1000);
		inner = clock_monotonic_ns() - inner;
		assert_int_equal(counters_end(counters), 0);
		outer = clock_monotonic_ns() - begin;
		fault(100000); /* switched off */
		assert_int_equal(counters_read(counters, 0, &reading), 0);
		assert_true(reading.running > 0.99 && reading.running < 1.01);
		/* Of this round alone. The clocks are not the same. */
		assert_true(reading.seconds * 1e9 >= (double)inner * 0.99);
		assert_true(reading.seconds * 1e9 <= (double)outer * 1.01);
		assert_true(reading.value[0] >= 2); /* to sleep, and back */
		assert_true(reading.value[1] >= 1000);
		/* Others on this processor may have some, too. */
		assert_true(reading.value[1] < 90000);
	}
	counters_close(counters);
}

/* The kernel's own word for it where the machine has none; where it has, a loop of known length. */
static void the_hardware_counts_instructions(void **state)
{
	struct counters *counters = open_or_skip(counters_hardware, 2);
	enum { TURNS = 30000000 };
	struct counter_reading reading;
	volatile unsigned long n = 0;

	for (int round = 0; round < 2; round++) {
		assert_int_equal(counters_begin(counters), 0);
		for (int i = 0; i < TURNS; i++)
			n++;
		assert_int_equal(counters_end(counters), 0);
		assert_int_equal(counters_read(counters, 0, &reading), 0);
		assert_true(reading.running > 0);
		assert_true(reading.value[1] > TURNS); /* instructions: each turn has several */
		assert_true(reading.value[0] > TURNS / 8);
	}
	counters_close(counters);
}

static void an_event_that_no_machine_has(void **state)
{
	static const struct counter_event unknown = { "nothing", PERF_TYPE_SOFTWARE, 4711 };
	struct counters *counters;
	struct error err = { 0 };
	int result = counters_open(&counters, &unknown, 1, &processor, 1, &err);

	assert_null(counters);
	if (result == -EACCES || result == -EPERM) {
		print_message("skipped: %s\n", err.cause);
		skip();
	}
	assert_int_equal(result, -ENOENT);
	assert_non_null(strstr(err.cause, "has no counter of nothing"));
}

static void without_the_right_to_it(void **state)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct counters *counters;
		struct error err = { 0 };
		int result;

		if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
			_exit(9);
		result = counters_open(&counters, software, 2, &processor, 1, &err);
		if (!result)
			_exit(8); /* perf_event_paranoid allows it */
		_exit((result == -EACCES || result == -EPERM) && strstr(err.remedy, "CAP_PERFMON") ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 8) {
		print_message("skipped: this machine lets everybody count\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_time_between_is_counted),
		cmocka_unit_test(the_hardware_counts_instructions),
		cmocka_unit_test(an_event_that_no_machine_has),
		cmocka_unit_test(without_the_right_to_it),
	};

	return cmocka_run_group_tests_name("counters", tests, set_up, NULL);
}
