/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log-linear histogram of nanoseconds, after fio (stat.h) and HdrHistogram: values below
 * 2^HISTOGRAM_BITS are counted exactly; above that each power of two is cut into
 * 2^HISTOGRAM_BITS equal buckets. A value is reported as its bucket's middle, so the
 * relative error is at most 2^-(HISTOGRAM_BITS + 1) (0.8 % for 6 bits). Values above
 * HISTOGRAM_MAX are counted in the last bucket, `max` keeps the exact maximum.
 * The struct is plain data of about 15 KB: it lives in the cache, is copied with `=`,
 * and recording neither allocates nor calls.
 */
#ifndef LB_MEASURE_HISTOGRAM_H
#define LB_MEASURE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BITS 6
#define HISTOGRAM_GROUPS 30
#define HISTOGRAM_BUCKETS ((HISTOGRAM_GROUPS + 1) << HISTOGRAM_BITS)
#define HISTOGRAM_MAX ((UINT64_C(1) << (HISTOGRAM_BITS + HISTOGRAM_GROUPS)) - 1) /* 68 s */

struct histogram {
	uint64_t count;
	uint64_t min;  /* exact; UINT64_MAX while empty */
	uint64_t max;  /* exact; 0 while empty */
	double sum;    /* exact to double precision: mean = sum / count */
	uint64_t bucket[HISTOGRAM_BUCKETS];
};

void histogram_reset(struct histogram *h);

static inline unsigned histogram_index(uint64_t value)
{
	unsigned msb, index;

	if (value < (1u << HISTOGRAM_BITS))
		return (unsigned)value;
	msb = 63u - (unsigned)__builtin_clzll(value);
	if (msb >= HISTOGRAM_BITS + HISTOGRAM_GROUPS)
		return HISTOGRAM_BUCKETS - 1;
	index = (unsigned)((value >> (msb - HISTOGRAM_BITS)) & ((1u << HISTOGRAM_BITS) - 1));
	return ((msb - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS) + index;
}

static inline void histogram_record(struct histogram *h, uint64_t value)
{
	h->bucket[histogram_index(value)]++;
	h->count++;
	h->sum += (double)value;
	if (value < h->min)
		h->min = value;
	if (value > h->max)
		h->max = value;
}

/* Smallest and largest value of bucket `index` < HISTOGRAM_BUCKETS (the last one counts all above too). */
uint64_t histogram_bucket_low(unsigned index);
uint64_t histogram_bucket_high(unsigned index);

/* into += from. Percentiles of several streams come from merged histograms, never from averages. */
void histogram_merge(struct histogram *into, const struct histogram *from);

double histogram_mean(const struct histogram *h); /* NAN while empty */

/*
 * Standard deviation of all values (not of a sample), each taken for the middle of its bucket, around the exact mean.
 * So it is exact below 2^HISTOGRAM_BITS, and never off by more than the root of the mean square over
 * 2^(HISTOGRAM_BITS + 1). NAN while empty.
 */
double histogram_deviation(const struct histogram *h);

/*
 * The value at or below which `percent` (0..100) of the samples lie (nearest rank): the middle of
 * the bucket, never below min nor above max. 0 while empty (test count first).
 */
uint64_t histogram_percentile(const struct histogram *h, double percent);

#endif
