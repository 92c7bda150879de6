/* SPDX-License-Identifier: Apache-2.0 */
#include "report/export/hdr.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Of the bytes: version 2 of the encoding, counts of any size; plain, and around its compressed form. */
#define COOKIE 0x1c849313
#define COOKIE_COMPRESSED 0x1c849314
#define COUNT_BYTES 9 /* LEB128 of 64 bits, of which the ninth byte holds eight */

#define HALF (1u << HDR_HALF_BITS)
#define TRACKABLE UINT64_C(3600000000000) /* an hour in ns, unless there is more */

/* ---- its buckets --------------------------------------------------------------------------------------- */

unsigned hdr_index(uint64_t value)
{
	unsigned power = 63u - (unsigned)__builtin_clzll(value | HALF);

	power -= HDR_HALF_BITS; /* values are told apart in steps of 2^power */
	return (power << HDR_HALF_BITS) + (unsigned)(value >> power);
}

static unsigned index_power(unsigned index)
{
	return index < 2 * HALF ? 0 : (index >> HDR_HALF_BITS) - 1;
}

uint64_t hdr_bucket_low(unsigned index)
{
	unsigned power = index_power(index);

	return (uint64_t)(index - (power << HDR_HALF_BITS)) << power;
}

uint64_t hdr_bucket_high(unsigned index)
{
	return hdr_bucket_low(index) + (UINT64_C(1) << index_power(index)) - 1;
}

/* Values come in ascending order. */
static void hdr_add(struct hdr *hdr, uint64_t value, uint64_t count)
{
	unsigned index = hdr_index(value);

	if (!count)
		return;
	if (!hdr->used || hdr->bucket[hdr->used - 1].index != index)
		hdr->bucket[hdr->used++] = (struct hdr_bucket){ .index = index };
	hdr->bucket[hdr->used - 1].count += count;
}

static uint64_t bucket_middle(const struct histogram *h, unsigned i)
{
	uint64_t low = histogram_bucket_low(i), middle = low + (histogram_bucket_high(i) - low) / 2;

	if (middle < h->min)
		return h->min;
	return middle > h->max ? h->max : middle;
}

void hdr_make(struct hdr *hdr, const struct histogram *h)
{
	unsigned first = histogram_index(h->min), last = histogram_index(h->max);

	hdr->count = h->count;
	hdr->trackable = h->max > TRACKABLE ? h->max : TRACKABLE;
	hdr->used = 0;
	hdr_add(hdr, h->min, 1);
	for (unsigned i = first; i <= last; i++) {
		uint64_t apart = (i == first) + (i == last); /* stand at min and max */

		hdr_add(hdr, bucket_middle(h, i), h->bucket[i] > apart ? h->bucket[i] - apart : 0);
	}
	if (h->count > 1)
		hdr_add(hdr, h->max, 1);
}

/* ---- its bytes ----------------------------------------------------------------------------------------- */

struct bytes {
	unsigned char *data;
	size_t used;
};

static void put_32(struct bytes *to, uint32_t value)
{
	value = htobe32(value);
	memcpy(to->data + to->used, &value, sizeof(value));
	to->used += sizeof(value);
}

static void put_64(struct bytes *to, uint64_t value)
{
	value = htobe64(value);
	memcpy(to->data + to->used, &value, sizeof(value));
	to->used += sizeof(value);
}

static void put_real(struct bytes *to, double real)
{
	uint64_t bits;

	memcpy(&bits, &real, sizeof(bits));
	put_64(to, bits);
}

/* Small numbers of either sign in few bytes: zigzag, then seven bits a byte, the lowest first. */
static void put_count(struct bytes *to, int64_t count)
{
	uint64_t rest = ((uint64_t)count << 1) ^ (uint64_t)(count >> 63);
	int i;

	for (i = 1; i < COUNT_BYTES && rest >= 0x80; i++) {
		to->data[to->used++] = (unsigned char)(rest | 0x80);
		rest >>= 7;
	}
	to->data[to->used++] = (unsigned char)rest;
}

/* Counts from index 0 on; n > 1 empty ones in a row are told as -n. */
static void put_counts(struct bytes *to, const struct hdr *hdr)
{
	unsigned next = 0;

	for (size_t i = 0; i < hdr->used; i++) {
		unsigned gap = hdr->bucket[i].index - next;

		if (gap)
			put_count(to, gap > 1 ? -(int64_t)gap : 0);
		put_count(to, (int64_t)hdr->bucket[i].count);
		next = hdr->bucket[i].index + 1;
	}
}

#define HEADER_BYTES 40

static int hdr_plain(const struct hdr *hdr, struct bytes *to)
{
	struct bytes length;

	to->used = 0;
	to->data = malloc(HEADER_BYTES + 2 * COUNT_BYTES * hdr->used);
	if (!to->data)
		return -1;
	put_32(to, COOKIE);
	length = *to;
	put_32(to, 0); /* `length` of the counts, once it is known */
	put_32(to, 0); /* index of the first count */
	put_32(to, HDR_DIGITS);
	put_64(to, 1); /* lowest value that is told from 0 */
	put_64(to, hdr->trackable);
	put_real(to, 1.0); /* values are integers */
	put_counts(to, hdr);
	put_32(&length, (uint32_t)(to->used - HEADER_BYTES));
	return 0;
}

static char *base64(const unsigned char *data, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *text = malloc((size + 2) / 3 * 4 + 1), *to = text;

	for (size_t i = 0; text && i < size; i += 3) {
		uint32_t bits = (uint32_t)data[i] << 16 | (uint32_t)(i + 1 < size ? data[i + 1] : 0) << 8 |
				(i + 2 < size ? data[i + 2] : 0);

		*to++ = digits[bits >> 18];
		*to++ = digits[bits >> 12 & 63];
		*to++ = i + 1 < size ? digits[bits >> 6 & 63] : '=';
		*to++ = i + 2 < size ? digits[bits & 63] : '=';
	}
	if (text)
		*to = 0;
	return text;
}

char *hdr_encode(const struct hdr *hdr)
{
	struct bytes plain, packed = { 0 };
	char *text = NULL;
	uLongf size;

	if (hdr_plain(hdr, &plain) == 0) {
		size = compressBound(plain.used);
		packed.data = malloc(8 + size);
	}
	if (packed.data &&
	    compress2(packed.data + 8, &size, plain.data, plain.used, Z_BEST_COMPRESSION) == Z_OK) {
		put_32(&packed, COOKIE_COMPRESSED);
		put_32(&packed, (uint32_t)size);
		text = base64(packed.data, 8 + size);
	}
	free(packed.data);
	free(plain.data);
	return text;
}
