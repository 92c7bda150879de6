/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Equal values are held once: bottom-up, so that lists and objects of equal parts are told equal by looking
 * at pointers. Numbers and texts that differ in every trial are many and small: of these only those seen
 * lately are known. Lists and objects are all known: what comes to be in this table is held by the record
 * anyway.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "results/reduce.h"

#define SCALARS 4096

struct slot {
	uint64_t hash;
	json_t *value; /* NULL = free */
};

struct share {
	struct slot scalar[SCALARS]; /* each has one place, by its hash */
	struct slot *compound;       /* open addressing; at most half full */
	size_t room, used;           /* room: a power of two, or 0 */
};

/* FNV-1a, its high bits mixed in: low bits choose the slot. */
static uint64_t hash_add(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	return hash ^ hash >> 29;
}

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
	return hash_add(hash, &number, sizeof(number));
}

static json_t *share_value(struct share *share, json_t *value, uint64_t *hash);

static uint64_t hash_object(struct share *share, json_t *object, uint64_t hash)
{
	const char *key;
	json_t *part;

	json_object_foreach(object, key, part) {
		json_t *known = share_value(share, json_incref(part), &hash);

		hash = hash_add(hash, key, strlen(key) + 1);
		if (known == part)
			json_decref(known);
		else
			json_object_iter_set_new(object, json_object_key_to_iter(key), known);
	}
	return hash;
}

static uint64_t hash_array(struct share *share, json_t *array, uint64_t hash)
{
	size_t i, size = json_array_size(array);

	for (i = 0; i < size; i++) {
		json_t *part = json_array_get(array, i);
		json_t *known = share_value(share, json_incref(part), &hash);

		if (known == part)
			json_decref(known);
		else
			json_array_set_new(array, i, known);
	}
	return hash_number(hash, size);
}

/* Shares the parts, too. Objects in another order are others: the order shows in reports. */
static uint64_t hash_value(struct share *share, json_t *value)
{
	uint64_t hash = hash_number(UINT64_C(0xcbf29ce484222325), (uint64_t)json_typeof(value));
	double real;

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return hash_object(share, value, hash);
	case JSON_ARRAY:
		return hash_array(share, value, hash);
	case JSON_STRING:
		return hash_add(hash, json_string_value(value), json_string_length(value));
	case JSON_INTEGER:
		return hash_number(hash, (uint64_t)json_integer_value(value));
	case JSON_REAL:
		real = json_real_value(value);
		return hash_add(hash, &real, sizeof(real));
	default:
		return hash;
	}
}

static bool slot_holds(const struct slot *slot, uint64_t hash, const json_t *value)
{
	return slot->value && slot->hash == hash && json_equal(slot->value, value);
}

/* Where the value is, or may be put. */
static struct slot *compound_slot(struct share *share, uint64_t hash, const json_t *value)
{
	size_t i = hash & (share->room - 1);

	while (share->compound[i].value && !slot_holds(&share->compound[i], hash, value))
		i = (i + 1) & (share->room - 1);
	return &share->compound[i];
}

/* Room for one more. */
static bool compound_grow(struct share *share)
{
	struct share larger = { .room = share->room ? share->room * 2 : 1024 };

	if (share->used * 2 < share->room)
		return true;
	larger.compound = calloc(larger.room, sizeof(*larger.compound));
	if (!larger.compound)
		return false;
	for (size_t i = 0; i < share->room; i++) {
		size_t to = share->compound[i].hash & (larger.room - 1);

		if (!share->compound[i].value)
			continue;
		while (larger.compound[to].value)
			to = (to + 1) & (larger.room - 1);
		larger.compound[to] = share->compound[i];
	}
	free(share->compound);
	share->compound = larger.compound;
	share->room = larger.room;
	return true;
}

/* `hash` (in and out) goes on with that of the value. */
static json_t *share_value(struct share *share, json_t *value, uint64_t *hash)
{
	uint64_t own = hash_value(share, value);
	bool compound = json_is_object(value) || json_is_array(value);
	struct slot *slot;

	*hash = hash_number(*hash, own);
	if (compound && !compound_grow(share))
		return value;
	slot = compound ? compound_slot(share, own, value) : &share->scalar[own % SCALARS];
	if (slot_holds(slot, own, value)) {
		json_decref(value);
		return json_incref(slot->value);
	}
	share->used += compound;
	json_decref(slot->value);
	*slot = (struct slot){ own, json_incref(value) };
	return value;
}

struct share *share_new(void)
{
	return calloc(1, sizeof(struct share));
}

void share_parts(struct share *share, json_t *whole)
{
	if (share)
		hash_value(share, whole);
}

void share_free(struct share *share)
{
	if (!share)
		return;
	for (size_t i = 0; i < SCALARS; i++)
		json_decref(share->scalar[i].value);
	for (size_t i = 0; i < share->room; i++)
		json_decref(share->compound[i].value);
	free(share->compound);
	free(share);
}
