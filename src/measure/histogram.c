/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/histogram.h"

#include <math.h>
#include <string.h>

#define GROUP (1u << HISTOGRAM_BITS) /* buckets in each power of two */

void histogram_reset(struct histogram *h)
{
	memset(h, 0, sizeof(*h));
	h->min = UINT64_MAX;
}

uint64_t histogram_bucket_low(unsigned index)
{
	unsigned group = index / GROUP;

	if (group == 0)
		return index;
	return (uint64_t)(GROUP + index % GROUP) << (group - 1);
}

uint64_t histogram_bucket_high(unsigned index)
{
	return histogram_bucket_low(index + 1) - 1;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->bucket[i] += from->bucket[i];
	into->count += from->count;
	into->sum += from->sum;
	if (from->min < into->min)
		into->min = from->min;
	if (from->max > into->max)
		into->max = from->max;
}

double histogram_mean(const struct histogram *h)
{
	return h->count ? h->sum / (double)h->count : NAN;
}

/* The middle of a bucket, no further out than the values are. */
static double bucket_middle(const struct histogram *h, unsigned index)
{
	double low = (double)histogram_bucket_low(index), high = (double)histogram_bucket_high(index);

	if (low < (double)h->min)
		low = (double)h->min;
	if (high > (double)h->max || index == HISTOGRAM_BUCKETS - 1)
		high = (double)h->max;
	return low + (high - low) / 2;
}

double histogram_deviation(const struct histogram *h)
{
	const double mean = histogram_mean(h);
	double squares = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS && h->count; i++) {
		double away = h->bucket[i] ? bucket_middle(h, i) - mean : 0;

		squares += (double)h->bucket[i] * away * away;
	}
	return h->count ? sqrt(squares / (double)h->count) : NAN;
}

/*
 * Nearest rank, from 1. 99.9 is not a binary fraction: the double is a little more, and 99.9 % of 1000
 * samples would become rank 1000. So the percentage is taken one unit in the last place lower, which never
 * carries a rank below its true value.
 */
static uint64_t percentile_rank(double percent, uint64_t count)
{
	double rank = ceil(nextafter(percent, 0) * (double)count / 100);

	if (!(rank > 1))
		return 1;
	return rank < (double)count ? (uint64_t)rank : count;
}

uint64_t histogram_percentile(const struct histogram *h, double percent)
{
	uint64_t rank, below = 0, low, value;
	unsigned index = 0;

	if (!h->count)
		return 0;
	rank = percentile_rank(percent, h->count);
	while (index < HISTOGRAM_BUCKETS - 1 && below + h->bucket[index] < rank)
		below += h->bucket[index++];
	low = histogram_bucket_low(index);
	value = low + (histogram_bucket_high(index) - low) / 2;
	if (value < h->min)
		return h->min;
	return value > h->max ? h->max : value;
}
