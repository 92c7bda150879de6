/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/histogram.h"

#include <errno.h>
#include <stdbool.h>

#include "control/message.h"

#define MEAN_TOLERANCE 1e-9 /* relative: a mean of many is a rounded number */

static json_t *integer_encode(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *buckets_encode(const struct histogram *h)
{
	json_t *buckets = json_array();

	for (unsigned i = 0; buckets && i < HISTOGRAM_BUCKETS; i++) {
		json_t *bucket;

		if (!h->bucket[i])
			continue;
		bucket = json_pack("[o, o, o]", integer_encode(histogram_bucket_low(i)),
				   integer_encode(histogram_bucket_high(i)), integer_encode(h->bucket[i]));
		if (json_array_append_new(buckets, bucket)) {
			json_decref(buckets);
			return NULL;
		}
	}
	return buckets;
}

json_t *control_histogram_encode(const struct histogram *h)
{
	if (!h->count)
		return json_pack("{s:i, s:n, s:n, s:n, s:[]}", "count", 0, "min", "max", "mean", "buckets");
	return json_pack("{s:o, s:o, s:o, s:f, s:o}", "count", integer_encode(h->count),
			 "min", integer_encode(h->min), "max", integer_encode(h->max),
			 "mean", histogram_mean(h), "buckets", buckets_encode(h));
}

static bool integer_decode(const json_t *json, uint64_t *value)
{
	*value = (uint64_t)json_integer_value(json);
	return json_is_integer(json) && json_integer_value(json) >= 0;
}

/* One [low, high, count]; *next is the least bucket that may follow. */
static bool bucket_decode(const json_t *json, struct histogram *h, unsigned *next)
{
	uint64_t low, high, count;
	unsigned index;

	if (json_array_size(json) != 3 || !integer_decode(json_array_get(json, 0), &low) ||
	    !integer_decode(json_array_get(json, 1), &high) ||
	    !integer_decode(json_array_get(json, 2), &count))
		return false;
	index = histogram_index(low);
	if (index < *next || !count || low != histogram_bucket_low(index) ||
	    high != histogram_bucket_high(index))
		return false;
	h->bucket[index] = count;
	*next = index + 1;
	return !__builtin_add_overflow(h->count, count, &h->count) && h->count <= INT64_MAX;
}

static int buckets_decode(const json_t *json, struct histogram *h, struct error *err)
{
	const json_t *bucket;
	unsigned next = 0;
	size_t i;

	if (!json_is_array(json))
		return error_set(err, EPROTO, NULL, "'buckets' of the histogram is missing or not a list");
	json_array_foreach(json, i, bucket) {
		if (!bucket_decode(bucket, h, &next))
			return error_set(err, EPROTO, NULL,
					 "entry %zu of the histogram's 'buckets' is not [low, high, count] "
					 "of a bucket above the one before it", i);
	}
	return 0;
}

static unsigned bucket_first(const struct histogram *h)
{
	unsigned index = 0;

	while (!h->bucket[index])
		index++;
	return index;
}

static unsigned bucket_last(const struct histogram *h)
{
	unsigned index = HISTOGRAM_BUCKETS - 1;

	while (!h->bucket[index])
		index--;
	return index;
}

/* min, max and mean of one that is not empty, against its buckets. */
static bool extremes_decode(const json_t *json, struct histogram *h)
{
	const json_t *mean_json = json_object_get(json, "mean");
	double mean = json_number_value(mean_json);

	if (!integer_decode(json_object_get(json, "min"), &h->min) ||
	    !integer_decode(json_object_get(json, "max"), &h->max) || !json_is_number(mean_json))
		return false;
	if (h->min > h->max || histogram_index(h->min) != bucket_first(h) ||
	    histogram_index(h->max) != bucket_last(h))
		return false;
	if (mean < (double)h->min * (1 - MEAN_TOLERANCE) || mean > (double)h->max * (1 + MEAN_TOLERANCE))
		return false;
	h->sum = mean * (double)h->count;
	return true;
}

static bool extremes_absent(const json_t *json)
{
	return json_is_null(json_object_get(json, "min")) && json_is_null(json_object_get(json, "max")) &&
	       json_is_null(json_object_get(json, "mean"));
}

int control_histogram_decode(const json_t *json, struct histogram *h, struct error *err)
{
	uint64_t count;
	int rc;

	histogram_reset(h);
	rc = buckets_decode(json_object_get(json, "buckets"), h, err);
	if (rc)
		return rc;
	if (!integer_decode(json_object_get(json, "count"), &count) || count != h->count)
		return error_set(err, EPROTO, NULL, "'count' of the histogram is not the sum of its buckets");
	if (h->count ? !extremes_decode(json, h) : !extremes_absent(json))
		return error_set(err, EPROTO, NULL,
				 "'min', 'max' or 'mean' of the histogram do not fit its buckets");
	return 0;
}
