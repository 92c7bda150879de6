/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/sizes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "suite/excerpt.h"

static const struct sizes imix = { .list = { { 60, 7 }, { 566, 4 }, { 1514, 1 } }, .count = 3 };

/* Digits at *at, past them. False where there are none, or more than a size or a weight has. */
static bool read_number(const char **at, uint32_t *number)
{
	size_t length = strspn(*at, "0123456789");

	*number = 0;
	if (!length || length > 5)
		return false;
	for (; length; length--, (*at)++)
		*number = *number * 10 + (uint32_t)(**at - '0');
	return true;
}

int sizes_parse(const char *text, struct sizes *sizes, struct error *err)
{
	static const char remedy[] = "for example 60:7+566:4+1514:1, or imix";
	const char *at = text;
	uint32_t weights = 0;

	*sizes = (struct sizes){ 0 };
	if (!strcmp(text, "imix")) {
		*sizes = imix;
		return 0;
	}
	do {
		struct mix_size part = { .weight = 1 };

		at += sizes->count > 0; /* the plus */
		if (sizes->count == MIX_SIZES_MAX)
			return error_set(err, EINVAL, remedy, "'%s' mixes more than %d sizes", excerpt(text).text,
					 MIX_SIZES_MAX);
		if (!read_number(&at, &part.size) || (*at == ':' && (at++, !read_number(&at, &part.weight))) ||
		    !part.weight || (*at && *at != '+'))
			return error_set(err, EINVAL, remedy, "'%s' is not a mix of sizes with weights",
					 excerpt(text).text);
		sizes->list[sizes->count++] = part;
		weights += part.weight;
	} while (*at);
	if (weights > MIX_PERIOD_MAX)
		return error_set(err, EINVAL, "divide all weights by the same number",
				 "the weights of '%s' come to more than %d", excerpt(text).text, MIX_PERIOD_MAX);
	return 0;
}

void sizes_format(const struct sizes *sizes, char *text, size_t size)
{
	size_t used = 0;

	if (!memcmp(sizes, &imix, sizeof(imix))) {
		snprintf(text, size, "imix");
		return;
	}
	text[0] = 0;
	for (unsigned i = 0; i < sizes->count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%u:%u", i ? "+" : "", sizes->list[i].size,
					 sizes->list[i].weight);
}
