/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of struct members, from which both the encoding and the decoding of the control messages are made,
 * so that the two cannot differ. Internal to this folder.
 */
#ifndef LB_CONTROL_FIELD_H
#define LB_CONTROL_FIELD_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

enum field_kind {
	FIELD_BOOL,
	FIELD_INT,              /* int, min..max */
	FIELD_UNSIGNED,         /* uint16_t, uint32_t or uint64_t, min..max; INT64_MAX where it is larger */
	FIELD_UNSIGNED_OR_NULL, /* the same; the type's largest value is null */
	FIELD_BITS,             /* uint64_t of which every value must survive: two's complement */
	FIELD_REAL,             /* double, real_min..real_max; an integer will do; must be finite */
	FIELD_CHOICE,           /* enum: index of one of `names` */
	FIELD_TEXT,             /* char[size], at least min bytes of UTF-8 */
	FIELD_MAC,              /* uint8_t[6], as 02:4c:42:00:00:01 */
	FIELD_IPV4,             /* uint32_t in host order, as 198.18.0.1 */
	FIELD_OBJECT,           /* struct, described by `fields` */
	FIELD_LIST,             /* array of min..max structs, `size` bytes each, described by `fields` */
	FIELD_LIST_APART,       /* pointer to such an array; decode allocates it, to be freed by the caller */
	FIELD_HISTOGRAM,        /* struct histogram, of max values at most */
	FIELD_ANY,              /* json_t *: any object; NULL is null; decode makes a new reference */
};

struct field {
	const char *name;       /* NULL ends the table */
	enum field_kind kind;
	size_t offset, size;
	int64_t min, max;
	double real_min, real_max;
	const char *const *names; /* NULL-terminated */
	const struct field *fields;
	size_t count_offset;    /* lists: of the uint32_t that says how many */
};

/* The value that is null, of a FIELD_UNSIGNED_OR_NULL of `size` bytes. */
static inline uint64_t field_none(size_t size)
{
	return UINT64_MAX >> (64 - 8 * size);
}

/* Of a list in the struct at `base`: how many it has, and where they lie. */
static inline uint32_t *field_count(const struct field *field, const void *base)
{
	return (uint32_t *)((uintptr_t)base + field->count_offset);
}

static inline char *field_elements(const struct field *field, const void *base)
{
	char *member = (char *)((uintptr_t)base + field->offset);

	return field->kind == FIELD_LIST_APART ? *(char **)(void *)member : member;
}

/* An object with every field of the struct at `base`; NULL when out of memory or where a real is not
 * finite. */
json_t *fields_encode(const struct field *fields, const void *base);

/*
 * 0, -EPROTO with the cause: "field 'local.mac' is ...", or -ENOMEM. `path` goes before names: "" or
 * "local.". The struct at `base` is all 0 before. What lists apart were made is the caller's to free, also on
 * failure.
 */
int fields_decode(const struct field *fields, const char *path, const json_t *object, void *base,
		  struct error *err);

#endif
