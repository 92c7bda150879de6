/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One clock for all endpoints of a machine.
 *
 * Where the processor's time stamp counter (TSC) is invariant, "ticks" are TSC
 * cycles, turned into CLOCK_MONOTONIC nanoseconds by a fixed scale. lanebench
 * calibrates the scale once per run and hands it to every endpoint, so that two
 * endpoints never disagree about the time: a one-way latency is then a plain
 * difference. Where the TSC cannot be trusted, ticks ARE nanoseconds read from
 * CLOCK_MONOTONIC (scale 1:1). No system call either way (the vDSO serves).
 *
 * Thread rules: a struct clock_scale is constant once made; all functions are reentrant.
 */
#ifndef LB_MEASURE_CLOCK_H
#define LB_MEASURE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* ISO C has no such type; gcc and clang have it on every 64-bit machine. */
__extension__ typedef __int128 clock_int128;

enum clock_kind { CLOCK_KIND_MONOTONIC = 0, CLOCK_KIND_TSC = 1 };

/* ns = ns0 + ((ticks - ticks0) * mult >> shift), in 128-bit arithmetic; 0 < mult < 2^63, shift < 64. */
struct clock_scale {
	enum clock_kind kind;
	uint64_t ticks0;
	uint64_t ns0;    /* CLOCK_MONOTONIC nanoseconds at ticks0 */
	uint64_t mult;
	uint32_t shift;
	double hz;       /* ticks per second; 1e9 for CLOCK_KIND_MONOTONIC */
};

static inline uint64_t clock_monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/*
 * Not before the loads that come before it in the program: without the fence a processor may read the
 * counter while the load that finds a packet still waits for its cache line, and the packet would seem to
 * have arrived up to a memory latency early. (The vDSO orders CLOCK_MONOTONIC in the same way.) Stores that
 * follow are ordered anyway: none is visible before the instructions ahead of it have retired. Costs some
 * 10 ns; read once per burst.
 */
static inline uint64_t clock_tsc(void)
{
#if defined(__x86_64__)
	uint32_t low, high;

	__asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
#elif defined(__aarch64__)
	uint64_t value;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value) : : "memory");
	return value;
#else
	return 0;
#endif
}

/* Now, in ticks of the scale's kind. */
static inline uint64_t clock_ticks(const struct clock_scale *scale)
{
	return scale->kind == CLOCK_KIND_TSC ? clock_tsc() : clock_monotonic_ns();
}

/* Ticks to CLOCK_MONOTONIC nanoseconds. Ticks before ticks0 give times before ns0. */
static inline uint64_t clock_ticks_to_ns(const struct clock_scale *scale, uint64_t ticks)
{
	int64_t delta = (int64_t)(ticks - scale->ticks0);

	return scale->ns0 + (uint64_t)(((clock_int128)delta * (clock_int128)scale->mult) >> scale->shift);
}

static inline uint64_t clock_now_ns(const struct clock_scale *scale)
{
	return clock_ticks_to_ns(scale, clock_ticks(scale));
}

/*
 * Is the TSC usable: the processor says that it is invariant (CPUID 0x80000007 EDX bit 8;
 * on arm64 the generic timer always is), and the kernel itself uses it as its clock source
 * (read from `clocksource_path`, NULL = the machine's own). On false, *why is a constant text.
 */
bool clock_tsc_usable(const char *clocksource_path, const char **why);

/*
 * Measure the TSC against CLOCK_MONOTONIC for about `span_ns`, sleeping (20 ms is enough for 1 ppm: each
 * end is the tightest of many bracketed readings; below 2 ms it takes 2 ms). Falls back to
 * CLOCK_KIND_MONOTONIC where the TSC is not usable, or where two halves of the span disagree by more than
 * 50 ppm; *why then says the reason, else it is NULL.
 */
void clock_calibrate(struct clock_scale *scale, uint64_t span_ns, const char **why);

/* The 1:1 scale on CLOCK_MONOTONIC. */
void clock_scale_monotonic(struct clock_scale *scale);

/* How far the scale is off CLOCK_MONOTONIC now, in ns (positive: scale ahead). Bracketed reading. */
int64_t clock_scale_error_ns(const struct clock_scale *scale);

/*
 * Did the error move by more than 1 ms and more than 100 ppm within span_ns? The error itself may grow: what
 * the calibration is off by (below 1 ppm), and what adjusts the kernel's clock, add up to milliseconds in an
 * hour, and falsify nothing.
 */
bool clock_drifted(int64_t error_before_ns, int64_t error_after_ns, uint64_t span_ns);

#endif
