/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our histogram (measure/histogram.h) as one of HdrHistogram's with 3 significant digits (hdrhistogram.org;
 * its own implementations are the standard): values below 2048 exactly, above that each power of two in 1024
 * equal buckets, of which ours are unions.
 *
 * What is in a bucket of ours becomes its middle, never below min nor above max; one sample each is put at
 * min and max, which are exact. So percentiles that its tools tell are ours, within 0.8 % of ours and 0.1 %
 * of theirs.
 */
#ifndef LB_REPORT_EXPORT_HDR_H
#define LB_REPORT_EXPORT_HDR_H

#include <stdint.h>
#include <stdio.h>

#include "measure/histogram.h"

#define HDR_DIGITS 3
#define HDR_HALF_BITS 10 /* of a power of two's steps: 2^10 is the first that has 3 digits */
#define HDR_NS_PER_US 1000.0
#define HDR_NS_PER_MS 1000000.0

struct hdr {
	uint64_t count;
	uint64_t trackable;          /* highest value that readers make room for */
	size_t used;
	struct hdr_bucket {
		unsigned index;      /* in HdrHistogram's array of counts; ascending */
		uint64_t count;      /* not 0 */
	} bucket[HISTOGRAM_BUCKETS + 2];
};

/* `h` is not empty; values and counts are below 2^63 (as control_histogram_decode has them). */
void hdr_make(struct hdr *hdr, const struct histogram *h);

/* Bucket of a value; smallest and largest value of a bucket, which HdrHistogram does not tell apart. */
unsigned hdr_index(uint64_t value);
uint64_t hdr_bucket_low(unsigned index);
uint64_t hdr_bucket_high(unsigned index);

/* V2 encoding, compressed, in Base64: what stands in a log. malloc'd; NULL without memory. */
char *hdr_encode(const struct hdr *hdr);

/* Percentile distribution as HdrHistogram's tools print it, in microseconds. */
void hdr_print(FILE *out, const struct hdr *hdr);

#endif
