/* SPDX-License-Identifier: Apache-2.0 */
#include "control/field.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "control/message.h"

static uint64_t unsigned_load(const void *member, size_t size)
{
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	switch (size) {
	case sizeof(u16):
		memcpy(&u16, member, size);
		return u16;
	case sizeof(u32):
		memcpy(&u32, member, size);
		return u32;
	default:
		memcpy(&u64, member, sizeof(u64));
		return u64;
	}
}

static json_t *unsigned_encode(const struct field *field, const void *member)
{
	uint64_t value = unsigned_load(member, field->size);

	if (field->kind == FIELD_UNSIGNED_OR_NULL && value == field_none(field->size))
		return json_null();
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

/* JSON text is UTF-8; a message cut in the middle of a character, or a path, need not be. */
static json_t *text_encode(const char *text)
{
	json_t *json = json_string(text);
	char *plain;

	if (json)
		return json;
	plain = strdup(text);
	if (!plain)
		return NULL;
	for (char *c = plain; *c; c++)
		if (*c & 0x80)
			*c = '?';
	json = json_string(plain);
	free(plain);
	return json;
}

static json_t *mac_encode(const uint8_t *mac)
{
	return json_sprintf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static json_t *ipv4_encode(const uint32_t *ip)
{
	return json_sprintf("%u.%u.%u.%u", *ip >> 24, *ip >> 16 & 0xff, *ip >> 8 & 0xff, *ip & 0xff);
}

static json_t *list_encode(const struct field *field, const void *base)
{
	const char *element = field_elements(field, base);
	json_t *list = json_array();

	for (uint32_t i = 0; list && i < *field_count(field, base); i++, element += field->size) {
		if (json_array_append_new(list, fields_encode(field->fields, element))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *field_encode(const struct field *field, const void *base)
{
	const void *member = (const char *)base + field->offset;

	switch (field->kind) {
	case FIELD_BOOL:
		return json_boolean(*(const bool *)member);
	case FIELD_INT:
		return json_integer(*(const int *)member);
	case FIELD_UNSIGNED:
	case FIELD_UNSIGNED_OR_NULL:
		return unsigned_encode(field, member);
	case FIELD_BITS:
		return json_integer((json_int_t)*(const uint64_t *)member);
	case FIELD_REAL:
		return json_real(*(const double *)member);
	case FIELD_CHOICE:
		return json_string(field->names[unsigned_load(member, field->size)]);
	case FIELD_TEXT:
		return text_encode(member);
	case FIELD_MAC:
		return mac_encode(member);
	case FIELD_IPV4:
		return ipv4_encode(member);
	case FIELD_OBJECT:
		return fields_encode(field->fields, member);
	case FIELD_LIST:
	case FIELD_LIST_APART:
		return list_encode(field, base);
	case FIELD_HISTOGRAM:
		return control_histogram_encode(member);
	case FIELD_ANY:
		return *(json_t *const *)member ? json_incref(*(json_t *const *)member) : json_null();
	}
	return NULL;
}

json_t *fields_encode(const struct field *fields, const void *base)
{
	json_t *object = json_object();

	for (const struct field *f = fields; object && f->name; f++) {
		if (json_object_set_new(object, f->name, field_encode(f, base))) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}
