/* SPDX-License-Identifier: Apache-2.0 */
/* The text that HdrHistogram's outputPercentileDistribution writes with 5 ticks for each halving of the
 * distance. */
#include <inttypes.h>
#include <math.h>

#include "report/export/hdr.h"

#define TICKS 5

/*
 * Percentiles get denser towards 100: so many equal steps in the first half of the way, as many in the first
 * half of what remains, and so on.
 */
static double level_next(double level)
{
	double halvings = floor(log(100 / (100 - level)) / log(2)) + 1;

	return level + 100 / (TICKS * exp2(halvings));
}

/* As its tools print it: halves of the last digit, which these fractions are, are rounded up. */
static double as_printed(double level)
{
	return nextafter(level / 100, 1);
}

static double in_us(uint64_t value)
{
	return (double)value / HDR_NS_PER_US;
}

static void print_levels(FILE *out, const struct hdr *hdr)
{
	double level = 0;
	uint64_t below = 0;

	for (size_t i = 0; i < hdr->used; i++) {
		double value = in_us(hdr_bucket_high(hdr->bucket[i].index));

		below += hdr->bucket[i].count;
		while (level < 100 && 100 * (double)below / (double)hdr->count >= level) {
			fprintf(out, "%12.*f %2.12f %10" PRIu64 " %14.2f\n", HDR_DIGITS, value,
				as_printed(level), below, 1 / (1 - level / 100));
			level = level_next(level);
			if (i + 1 == hdr->used) /* the line of 100 says the same */
				break;
		}
		if (i + 1 == hdr->used)
			fprintf(out, "%12.*f %2.12f %10" PRIu64 "\n", HDR_DIGITS, value, 1.0, below);
	}
}

/* Of the middles of its buckets. */
static double hdr_middle(const struct hdr_bucket *bucket)
{
	uint64_t low = hdr_bucket_low(bucket->index), size = hdr_bucket_high(bucket->index) - low + 1;

	return (double)(low + size / 2);
}

static void print_moments(FILE *out, const struct hdr *hdr)
{
	double mean = 0, square = 0;

	for (size_t i = 0; i < hdr->used; i++)
		mean += hdr_middle(&hdr->bucket[i]) * (double)hdr->bucket[i].count / (double)hdr->count;
	for (size_t i = 0; i < hdr->used; i++) {
		double off = hdr_middle(&hdr->bucket[i]) - mean;

		square += off * off * (double)hdr->bucket[i].count / (double)hdr->count;
	}
	fprintf(out, "#[Mean    = %12.*f, StdDeviation   = %12.*f]\n", HDR_DIGITS, mean / HDR_NS_PER_US,
		HDR_DIGITS, sqrt(square) / HDR_NS_PER_US);
}

void hdr_print(FILE *out, const struct hdr *hdr)
{
	fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
	print_levels(out, hdr);
	print_moments(out, hdr);
	fprintf(out, "#[Max     = %12.*f, Total count    = %12" PRIu64 "]\n", HDR_DIGITS,
		in_us(hdr_bucket_high(hdr->bucket[hdr->used - 1].index)), hdr->count);
	fprintf(out, "#[Buckets = %12u, SubBuckets     = %12u]\n", hdr_index(hdr->trackable) >> HDR_HALF_BITS,
		2u << HDR_HALF_BITS);
}
