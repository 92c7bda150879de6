/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a suite. Beside crashes: a suite is either refused with problems or makes tests, and every test
 * of it survives the record.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../unit/sample_catalogue.h"
#include "suite/suite.h"

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_test(const struct test *test)
{
	struct error err = { 0 };
	json_t *json = test_to_json(test);
	struct test back;
	char tuple[256];

	require(json && !test_from_json(json, &back, &err));
	for (int i = 0; i < PARAMETER_COUNT; i++)
		require(!strcmp(back.value[i].text, test->value[i].text));
	test_tuple(test, tuple, sizeof(tuple));
	json_decref(json);
}

/* The file system has no part in what is tested: a file in memory. */
static int memory_file(const uint8_t *data, size_t size, char *path, size_t path_size)
{
	int fd = memfd_create("suite", MFD_CLOEXEC);

	require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, path_size, "/proc/self/fd/%d", fd);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says which option, if any, is given the bytes up to the first zero; the rest is the suite. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct suite_options options = { 0 };
	struct error err = { 0 };
	struct suite suite;
	char path[64], text[128] = "";
	int fd, ret;

	if (size && data[0] < PARAMETER_COUNT) {
		size_t length = strnlen((const char *)data + 1, size - 1);

		snprintf(text, sizeof(text), "%.*s", (int)length, (const char *)data + 1);
		options.text[data[0]] = text;
		data += 1 + length;
		size -= 1 + length;
	}
	fd = memory_file(data, size, path, sizeof(path));
	ret = suite_load(&suite, path, &options, &sample_catalogue, &err);
	require(ret ? err.cause[0] && !suite.count : suite.count && !suite.problem_count);
	for (size_t i = 0; i < suite.count && i < 100; i++)
		check_test(&suite.tests[i]);
	for (size_t i = 0; i < suite.problem_count; i++)
		require(suite.problems[i].where[0] && suite.problems[i].error.cause[0]);
	suite_free(&suite);
	close(fd);
	return 0;
}
