/* SPDX-License-Identifier: Apache-2.0 */
#include "control/field.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/message.h"

static void unsigned_store(void *member, size_t size, uint64_t value)
{
	uint16_t u16 = (uint16_t)value;
	uint32_t u32 = (uint32_t)value;

	switch (size) {
	case sizeof(u16):
		memcpy(member, &u16, size);
		break;
	case sizeof(u32):
		memcpy(member, &u32, size);
		break;
	default:
		memcpy(member, &value, sizeof(value));
		break;
	}
}

/* What a field may be, for people. */
static void field_expected(const struct field *field, char *text, size_t size)
{
	size_t used = 0;

	switch (field->kind) {
	case FIELD_BOOL:
		snprintf(text, size, "true or false");
		break;
	case FIELD_INT:
	case FIELD_UNSIGNED:
	case FIELD_UNSIGNED_OR_NULL:
		snprintf(text, size, "an integer from %lld to %lld%s",
			 (long long)field->min, (long long)field->max,
			 field->kind == FIELD_UNSIGNED_OR_NULL ? ", or null" : "");
		break;
	case FIELD_BITS:
		snprintf(text, size, "an integer");
		break;
	case FIELD_REAL:
		snprintf(text, size, "a number from %g to %g", field->real_min, field->real_max);
		break;
	case FIELD_CHOICE:
		for (const char *const *name = field->names; *name && used < size; name++)
			used += (size_t)snprintf(text + used, size - used, "%s%s",
						 used ? ", " : "one of ", *name);
		break;
	case FIELD_TEXT:
		snprintf(text, size, "a text of %lld to %zu bytes", (long long)field->min, field->size - 1);
		break;
	case FIELD_MAC:
		snprintf(text, size, "a MAC address");
		break;
	case FIELD_IPV4:
		snprintf(text, size, "an IPv4 address");
		break;
	case FIELD_OBJECT:
	case FIELD_HISTOGRAM:
		snprintf(text, size, "an object");
		break;
	case FIELD_LIST:
	case FIELD_LIST_APART:
		snprintf(text, size, "a list of %lld to %lld", (long long)field->min, (long long)field->max);
		break;
	case FIELD_ANY:
		snprintf(text, size, "an object or null");
		break;
	}
}

static bool integer_in_range(const struct field *field, const json_t *json)
{
	return json_is_integer(json) && json_integer_value(json) >= field->min &&
	       json_integer_value(json) <= field->max;
}

static bool integer_decode(const struct field *field, const json_t *json, void *member)
{
	if (!integer_in_range(field, json))
		return false;
	if (field->kind == FIELD_INT)
		*(int *)member = (int)json_integer_value(json);
	else
		unsigned_store(member, field->size, (uint64_t)json_integer_value(json));
	return true;
}

static bool real_decode(const struct field *field, const json_t *json, double *member)
{
	double value = json_number_value(json);

	if (!json_is_number(json) || !(value >= field->real_min && value <= field->real_max))
		return false;
	*member = value;
	return true;
}

static bool choice_decode(const struct field *field, const json_t *json, void *member)
{
	for (unsigned i = 0; json_is_string(json) && field->names[i]; i++) {
		if (strcmp(field->names[i], json_string_value(json)) == 0) {
			unsigned_store(member, field->size, i);
			return true;
		}
	}
	return false;
}

static bool text_decode(const struct field *field, const json_t *json, char *member)
{
	size_t length = json_string_length(json);

	if (!json_is_string(json) || length < (size_t)field->min || length >= field->size)
		return false;
	memcpy(member, json_string_value(json), length + 1);
	return true;
}

static bool mac_decode(const json_t *json, uint8_t *member)
{
	const char *text = json_string_value(json);

	if (!text || json_string_length(json) != 17)
		return false;
	for (unsigned i = 0; i < 6; i++, text += 3) {
		char digits[3] = { text[0], text[1], 0 };

		if (strspn(digits, "0123456789abcdefABCDEF") != 2 || text[2] != (i < 5 ? ':' : 0))
			return false;
		member[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return true;
}

static bool ipv4_decode(const json_t *json, uint32_t *member)
{
	struct in_addr address;

	if (!json_is_string(json) || inet_pton(AF_INET, json_string_value(json), &address) != 1)
		return false;
	*member = ntohl(address.s_addr);
	return true;
}

static bool any_decode(const json_t *json, json_t **member)
{
	if (!json_is_object(json) && !json_is_null(json))
		return false;
	/* The reference count is all that changes of it. */
	*member = json_is_null(json) ? NULL : json_incref((json_t *)(uintptr_t)json);
	return true;
}

/* One whose value is not itself a structure of fields. */
static bool scalar_decode(const struct field *field, const json_t *json, void *member)
{
	switch (field->kind) {
	case FIELD_BOOL:
		*(bool *)member = json_is_true(json);
		return json_is_boolean(json);
	case FIELD_UNSIGNED_OR_NULL:
		if (json_is_null(json)) {
			unsigned_store(member, field->size, field_none(field->size));
			return true;
		}
		return integer_decode(field, json, member);
	case FIELD_INT:
	case FIELD_UNSIGNED:
		return integer_decode(field, json, member);
	case FIELD_BITS:
		*(uint64_t *)member = (uint64_t)json_integer_value(json);
		return json_is_integer(json);
	case FIELD_REAL:
		return real_decode(field, json, member);
	case FIELD_CHOICE:
		return choice_decode(field, json, member);
	case FIELD_TEXT:
		return text_decode(field, json, member);
	case FIELD_MAC:
		return mac_decode(json, member);
	case FIELD_IPV4:
		return ipv4_decode(json, member);
	case FIELD_ANY:
		return any_decode(json, member);
	case FIELD_OBJECT:
	case FIELD_HISTOGRAM:
		return json_is_object(json);
	case FIELD_LIST:
	case FIELD_LIST_APART:
		return json_is_array(json) && json_array_size(json) >= (size_t)field->min &&
		       json_array_size(json) <= (size_t)field->max;
	}
	return false;
}

static int field_refuse(const struct field *field, const char *path, const json_t *json, struct error *err)
{
	char expected[160] = "";
	char *found = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
	int rc;

	field_expected(field, expected, sizeof(expected));
	rc = error_set(err, EPROTO, NULL, "field '%s%s' is %.80s, not %s", path, field->name,
		       found ? found : "something else", expected);
	free(found);
	return rc;
}

static int list_decode(const struct field *field, const char *path, const json_t *list, void *base,
		       struct error *err)
{
	uint32_t count = (uint32_t)json_array_size(list);
	char inner[64], *element;
	int rc = 0;

	if (field->kind == FIELD_LIST_APART) {
		void *made = calloc(count ? count : 1, field->size);

		if (!made)
			return error_errno(err, ENOMEM, NULL, "cannot keep a list of %u", count);
		memcpy((char *)base + field->offset, &made, sizeof(made));
	}
	*field_count(field, base) = count;
	element = field_elements(field, base);
	for (uint32_t i = 0; i < count && !rc; i++, element += field->size) {
		const json_t *json = json_array_get(list, i);

		snprintf(inner, sizeof(inner), "%s%s[%u].", path, field->name, i);
		rc = json_is_object(json) ? fields_decode(field->fields, inner, json, element, err) :
		     error_set(err, EPROTO, NULL, "field '%s%s[%u]' is not an object", path, field->name, i);
	}
	return rc;
}

static int histogram_decode(const struct field *field, const char *path, const json_t *json,
			    struct histogram *histogram, struct error *err)
{
	int rc = control_histogram_decode(json, histogram, err);

	if (!rc && histogram->count > (uint64_t)field->max)
		rc = error_set(err, EPROTO, NULL, "more than %lld values", (long long)field->max);
	return rc ? error_prefix(err, "field '%s%s'", path, field->name) : 0;
}

static int field_decode(const struct field *field, const char *path, const json_t *json, void *base,
			struct error *err)
{
	void *member = (char *)base + field->offset;
	char inner[64];

	if (!json)
		return error_set(err, EPROTO, NULL, "field '%s%s' is missing", path, field->name);
	if (!scalar_decode(field, json, member))
		return field_refuse(field, path, json, err);
	if (field->kind == FIELD_LIST || field->kind == FIELD_LIST_APART)
		return list_decode(field, path, json, base, err);
	if (field->kind == FIELD_OBJECT) {
		snprintf(inner, sizeof(inner), "%s%s.", path, field->name);
		return fields_decode(field->fields, inner, json, member, err);
	}
	return field->kind == FIELD_HISTOGRAM ? histogram_decode(field, path, json, member, err) : 0;
}

int fields_decode(const struct field *fields, const char *path, const json_t *object, void *base,
		  struct error *err)
{
	int rc = 0;

	for (const struct field *f = fields; !rc && f->name; f++)
		rc = field_decode(f, path, json_object_get(object, f->name), base, err);
	return rc;
}
