/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/clock.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#define CLOCKSOURCE_PATH "/sys/devices/system/clocksource/clocksource0/current_clocksource"
#define READINGS 100                     /* brackets tried for one reading of both clocks: about 10 us */
#define SPAN_MIN_NS UINT64_C(2000000)
#define HALVES_AGREE 50e-6
#define DRIFT_MIN_NS 1000000
#define DRIFT_SHARE 10000 /* 100 ppm */

#if defined(__x86_64__)
#define TSC_CLOCKSOURCE "tsc"
#else
#define TSC_CLOCKSOURCE "arch_sys_counter"
#endif

/* Both clocks at the same moment. */
struct reading {
	uint64_t ticks, ns;
};

static bool tsc_invariant(void)
{
#if defined(__x86_64__)
	unsigned a, b, c, d;

	return __get_cpuid(0x80000007, &a, &b, &c, &d) && (d & (1u << 8));
#elif defined(__aarch64__)
	return true;
#else
	return false;
#endif
}

bool clock_tsc_usable(const char *clocksource_path, const char **why)
{
	char name[64] = "";
	FILE *file;

	*why = NULL;
	if (!tsc_invariant()) {
		*why = "the processor has no invariant time stamp counter";
		return false;
	}
	file = fopen(clocksource_path ? clocksource_path : CLOCKSOURCE_PATH, "re");
	if (!file) {
		*why = "the kernel does not say which clock source it uses";
		return false;
	}
	if (!fgets(name, sizeof(name), file))
		name[0] = 0;
	fclose(file);
	name[strcspn(name, "\n")] = 0;
	if (strcmp(name, TSC_CLOCKSOURCE) != 0) {
		*why = "the kernel does not use the time stamp counter as its clock source";
		return false;
	}
	return true;
}

/*
 * The clock is read between two readings of the ticks; of many such brackets the tightest was
 * least disturbed. The error is at most half its width, some 10 ns.
 */
static struct reading reading_take(enum clock_kind kind)
{
	const struct clock_scale ticks_only = { .kind = kind };
	uint64_t tightest = UINT64_MAX;
	struct reading best = { 0 };

	for (int i = 0; i < READINGS; i++) {
		uint64_t before = clock_ticks(&ticks_only);
		uint64_t ns = clock_monotonic_ns();
		uint64_t width = clock_ticks(&ticks_only) - before;

		if (width < tightest) {
			tightest = width;
			best.ticks = before + width / 2;
			best.ns = ns;
		}
	}
	return best;
}

static void sleep_until(uint64_t ns)
{
	struct timespec t = {
		.tv_sec = (time_t)(ns / 1000000000u),
		.tv_nsec = (long)(ns % 1000000000u),
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static double ticks_per_ns(const struct reading *from, const struct reading *to)
{
	return (double)(to->ticks - from->ticks) / (double)(to->ns - from->ns);
}

/* Largest shift with a multiplier below 2^62: a delta of 63 bits times it stays within 128. */
static void scale_from_readings(struct clock_scale *scale, const struct reading *from,
				const struct reading *to)
{
	uint64_t ticks = to->ticks - from->ticks;
	uint64_t ns = to->ns - from->ns;
	uint32_t shift = 62;

	while (((clock_int128)ns << shift) / ticks >= (clock_int128)1 << 62)
		shift--;
	scale->kind = CLOCK_KIND_TSC;
	scale->ticks0 = to->ticks;
	scale->ns0 = to->ns;
	scale->mult = (uint64_t)(((clock_int128)ns << shift) / ticks);
	scale->shift = shift;
	scale->hz = ticks_per_ns(from, to) * 1e9;
}

void clock_calibrate(struct clock_scale *scale, uint64_t span_ns, const char **why)
{
	struct reading start, middle, end;
	double first, second;

	clock_scale_monotonic(scale);
	if (!clock_tsc_usable(NULL, why))
		return;
	if (span_ns < SPAN_MIN_NS)
		span_ns = SPAN_MIN_NS;
	start = reading_take(CLOCK_KIND_TSC);
	sleep_until(start.ns + span_ns / 2);
	middle = reading_take(CLOCK_KIND_TSC);
	sleep_until(start.ns + span_ns);
	end = reading_take(CLOCK_KIND_TSC);

	first = ticks_per_ns(&start, &middle);
	second = ticks_per_ns(&middle, &end);
	if (first > second * (1 + HALVES_AGREE) || second > first * (1 + HALVES_AGREE)) {
		*why = "the time stamp counter does not run evenly against the monotonic clock";
		return;
	}
	scale_from_readings(scale, &start, &end);
}

void clock_scale_monotonic(struct clock_scale *scale)
{
	*scale = (struct clock_scale) { .kind = CLOCK_KIND_MONOTONIC, .mult = 1, .hz = 1e9 };
}

int64_t clock_scale_error_ns(const struct clock_scale *scale)
{
	struct reading now = reading_take(scale->kind);

	return (int64_t)(clock_ticks_to_ns(scale, now.ticks) - now.ns);
}

bool clock_drifted(int64_t error_before_ns, int64_t error_after_ns, uint64_t span_ns)
{
	int64_t moved = error_after_ns - error_before_ns;
	uint64_t distance = (uint64_t)(moved < 0 ? -moved : moved);

	return distance > DRIFT_MIN_NS && distance > span_ns / DRIFT_SHARE;
}
