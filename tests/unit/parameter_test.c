/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sample_catalogue.h"
#include "suite/help.h"
#include "suite/parameter.h"

#define SIZE(array) (sizeof(array) / sizeof((array)[0]))

static const struct parameter *at(enum parameter_id id)
{
	return &parameter_table[id];
}

static void the_table_is_complete(void **state)
{
	for (int i = 0; i < PARAMETER_COUNT; i++) {
		const struct parameter *parameter = &parameter_table[i];
		struct error err = { 0 };
		struct value value;

		assert_int_equal(parameter->id, i);
		assert_true(parameter->name && parameter->symbol && parameter->unit &&
			    parameter->placeholder);
		assert_true(strlen(parameter->help) > 20);
		assert_ptr_equal(parameter_find(parameter->name), parameter);
		if (parameter->option)
			assert_ptr_equal(parameter_by_option(parameter->option), parameter);
		assert_int_equal(parameter->kind == PARAMETER_KIND_CHOICE, parameter->choices != NULL);
		/* A default is allowed, and written as records write it. */
		assert_int_equal(
			parameter_parse(parameter, parameter->fallback, &sample_catalogue, &value, &err), 0);
		assert_string_equal(value.text, parameter->fallback);
	}
	assert_null(parameter_find("sise"));
	assert_null(parameter_by_option(0));
	assert_null(parameter_by_option('z'));
}

static void reads_what_is_allowed(void **state)
{
	static const struct {
		enum parameter_id id;
		const char *text, *canonical;
		double number;
	} cases[] = {
		{ PARAMETER_SIZE, "60", "60", 60 },
		{ PARAMETER_SIZE, "1.5k", "1500", 1500 },
		{ PARAMETER_SIZE, "0064", "64", 64 },
		{ PARAMETER_SIZE, "9014", "9014", 9014 },
		{ PARAMETER_BURST, "1K", "1000", 1000 },
		{ PARAMETER_RATE, "max", "max", RATE_MAX },
		{ PARAMETER_RATE, "1M", "1000000", 1e6 },
		{ PARAMETER_RATE, "1.5M", "1500000", 1.5e6 },
		{ PARAMETER_RATE, "2.3M", "2300000", 2.3e6 }, /* 2.3 * 1e6 is not, in binary */
		{ PARAMETER_RATE, "14.88 M", "14880000", 14.88e6 },
		{ PARAMETER_RATE, "1.5", "1.5", 1.5 },
		{ PARAMETER_RATE, "1G", "1000000000", 1e9 },
		{ PARAMETER_RATE, "ndr", "ndr", RATE_PLAN },
		{ PARAMETER_RATE, "loss-curve", "loss-curve", RATE_PLAN },
		{ PARAMETER_RATE, "pdr:10.0%", "pdr:10%", RATE_PLAN },
		{ PARAMETER_RATE, "1M..2M step 500k", "1000000..2000000 step 500000", RATE_PLAN },
		{ PARAMETER_RATE, "10%..100%", "10%..100% step 10%", RATE_PLAN },
		{ PARAMETER_LOSS, "0.5%", "0.5%", 0.005 },
		{ PARAMETER_LOSS, "0.005", "0.5%", 0.005 },
		{ PARAMETER_LOSS, "0.7 %", "0.7%", 0.007 },
		{ PARAMETER_DURATION, "10", "10s", 10 },
		{ PARAMETER_DURATION, "500ms", "500ms", 0.5 },
		{ PARAMETER_DURATION, "0.5", "500ms", 0.5 },
		{ PARAMETER_DURATION, ".25s", "250ms", 0.25 },
		{ PARAMETER_DURATION, "1.5m", "90s", 90 },
		{ PARAMETER_DURATION, "60s", "1m", 60 },
		{ PARAMETER_DURATION, "24h", "24h", 86400 },
		{ PARAMETER_WARMUP, "0", "0s", 0 },
		{ PARAMETER_WARMUP, "1us", "1us", 1e-6 },
		{ PARAMETER_WARMUP, "1500ns", "1500ns", 1.5e-6 },
		{ PARAMETER_CONTAINERS, "4vs4", "4vs4", 4 },
		{ PARAMETER_CONTAINERS, "64vs64", "64vs64", 64 },
		{ PARAMETER_CONTAINERS, "4vs1", "4vs1", 4 },
		{ PARAMETER_SIZE, "imix", "imix", 1514 }, /* of a mix the largest */
		{ PARAMETER_SIZE, "60:7+566:4+1514:1", "imix", 1514 },
		{ PARAMETER_SIZE, "64+1500:2", "64:1+1500:2", 1500 },
		{ PARAMETER_HOSTS, "remote", "remote", 0 },
		{ PARAMETER_SWITCH, "ovs", "ovs", 0 }, /* known, if not available here */
		{ PARAMETER_PROCESSORS, "8,0-3", "0-3,8", 0 },
		{ PARAMETER_PROCESSORS, "auto", "auto", 0 },
		{ PARAMETER_RING, "64", "64", 64 },
		{ PARAMETER_RING, "32768", "32768", 32768 },
		{ PARAMETER_RING, "4.096k", "4096", 4096 },
		{ PARAMETER_THREADS, "64", "64", 64 },
		{ PARAMETER_HUGEPAGES, "2M", "2M", 0 }, /* a name, no number */
		{ PARAMETER_HUGEPAGES, "1G", "1G", 0 },
		{ PARAMETER_HUGEPAGES, "none", "none", 0 },
		{ PARAMETER_SWITCH_QUOTA, "none", "none", 0 },
		{ PARAMETER_SWITCH_QUOTA, "12.5%", "12.5%", 0.125 },
		{ PARAMETER_SWITCH_QUOTA, "1%", "1%", 0.01 },
		{ PARAMETER_ENDPOINT_QUOTA, "1", "100%", 1 },
		{ PARAMETER_ENDPOINT_QUOTA, "0.25", "25%", 0.25 },
		{ PARAMETER_NEIGHBOUR, "command", "command", 0 },
	};

	for (size_t i = 0; i < SIZE(cases); i++) {
		struct error err = { 0 };
		struct value value;

		assert_int_equal(
			parameter_parse(at(cases[i].id), cases[i].text, &sample_catalogue, &value, &err), 0);
		assert_string_equal(value.text, cases[i].canonical);
		assert_true(value.number == cases[i].number);
	}
}

static void refuses_what_is_not(void **state)
{
	static const struct {
		enum parameter_id id;
		const char *text, *cause;
	} cases[] = {
		{ PARAMETER_SIZE, "20", "size 20 is below 60, the least that Ethernet carries without FCS" },
		{ PARAMETER_SIZE, "-5", "size -5 is below 60, the least that Ethernet carries without FCS" },
		{ PARAMETER_SIZE, "9015", "size 9015 is above 9014, the whole frame at an MTU of 9000" },
		{ PARAMETER_SIZE, "64.5", "size 64.5 is not a whole number" },
		{ PARAMETER_SIZE, "0x40", "size '0x40' has the unknown unit 'x40'" },
		{ PARAMETER_SIZE, "1e3", "size '1e3' has the unknown unit 'e3'" },
		{ PARAMETER_SIZE, "64 64", "size '64 64' has the unknown unit '64'" },
		{ PARAMETER_SIZE, "1_500", "size '1_500' has the unknown unit '_500'" },
		{ PARAMETER_SIZE, "", "size has no value" },
		{ PARAMETER_SIZE, " 64", "size ' 64' is not a number" },
		{ PARAMETER_SIZE, "64\n", "size '64?' has the unknown unit '?'" },
		{ PARAMETER_SIZE, "+64", "size '+64' is not a number" },
		{ PARAMETER_SIZE, "64.", "size '64.' is not a number" },
		{ PARAMETER_SIZE, ".", "size '.' is not a number" },
		{ PARAMETER_SIZE, "1.2.3", "size '1.2.3' has the unknown unit '.3'" },
		{ PARAMETER_SIZE, "99999999999999999999",
		  "size 99999999999999999999 is above 9014, the whole frame at an MTU of 9000" },
		{ PARAMETER_SIZE, "64:7+20:1", "size 20 is below 60, the least that Ethernet carries without FCS" },
		{ PARAMETER_SIZE, "64:0", "size: '64:0' is not a mix of sizes with weights" },
		{ PARAMETER_SIZE, "64:7+", "size: '64:7+' is not a mix of sizes with weights" },
		{ PARAMETER_SIZE, "64:7++70", "size: '64:7++70' is not a mix of sizes with weights" },
		{ PARAMETER_SIZE, "64:-1", "size: '64:-1' is not a mix of sizes with weights" },
		{ PARAMETER_SIZE, "64:600+65:401", "size: the weights of '64:600+65:401' come to more than 1000" },
		{ PARAMETER_SIZE, "60:1+61:1+62:1+63:1+64:1+65:1+66:1+67:1+68:1",
		  "size: '60:1+61:1+62:1+63:1+64:1+65:1+66:1+67:1+68:1' mixes more than 8 sizes" },
		{ PARAMETER_BURST, "0", "burst 0 is below 1" },
		{ PARAMETER_BURST, "1025", "burst 1025 is above 1024" },
		{ PARAMETER_RATE, "0", "rate 0 is below 1" },
		{ PARAMETER_RATE, "-1", "rate -1 is below 1" },
		{ PARAMETER_RATE, "nan", "rate, at character 1 ('nan'): an unknown word" },
		{ PARAMETER_RATE, "inf", "rate, at character 1 ('inf'): an unknown word" },
		{ PARAMETER_RATE, "-inf", "rate '-inf' is not a number" },
		{ PARAMETER_RATE, "MAX", "rate, at character 1 ('MAX'): an unknown word (did you mean 'max'?)" },
		{ PARAMETER_RATE, "pdf", "rate, at character 1 ('pdf'): an unknown word (did you mean 'pdr'?)" },
		{ PARAMETER_RATE, "50%", "rate, at character 1 ('50%'): a share of what is not said" },
		{ PARAMETER_LOSS, "0", "loss 0 is below 0.0001%, since pdr without loss is ndr" },
		{ PARAMETER_LOSS, "51%", "loss 51% is above 50%" },
		{ PARAMETER_LOSS, "5", "loss 5 is above 50%" },
		{ PARAMETER_LOSS, "0.5", "loss 0.5 would be 50 %: write 0.5%, or 50%" },
		{ PARAMETER_LOSS, "0.1", "loss 0.1 would be 10 %: write 0.1%, or 10%" },
		{ PARAMETER_RATE, "1m", "rate '1m' has the unknown unit 'm'" },
		{ PARAMETER_RATE, "2G", "rate 2G is above 1G" },
		{ PARAMETER_DURATION, "10 parsecs", "duration '10 parsecs' has the unknown unit 'parsecs'" },
		{ PARAMETER_DURATION, "9ms", "duration 9ms is below 10ms" },
		{ PARAMETER_DURATION, "0", "duration 0 is below 10ms" },
		{ PARAMETER_DURATION, "25h", "duration 25h is above 24h" },
		{ PARAMETER_WARMUP, "-1s", "warmup -1s is below 0s" },
		{ PARAMETER_CONTAINERS, "1vs2",
		  "containers 1vs2 has two numbers that differ, and the second is not 1" },
		{ PARAMETER_CONTAINERS, "0vs0", "containers 0vs0 is below 1vs1" },
		{ PARAMETER_CONTAINERS, "65vs65", "containers 65vs65 is above 64vs64" },
		{ PARAMETER_CONTAINERS, "4", "containers '4' is not of the form NvsN" },
		{ PARAMETER_CONTAINERS, "-1vs-1", "containers '-1vs-1' is not of the form NvsN" },
		{ PARAMETER_CONTAINERS, "1vs1vs1", "containers '1vs1vs1' is not of the form NvsN" },
		{ PARAMETER_SWITCH, "ovss", "unknown switch 'ovss' (did you mean 'ovs'?)" },
		{ PARAMETER_SWITCH, "udp", "unknown switch 'udp'" },
		{ PARAMETER_IO, "udq", "unknown io 'udq' (did you mean 'udp'?)" },
		{ PARAMETER_RUNTIME, "lxd", "unknown runtime 'lxd' (did you mean 'lxc'?)" },
		{ PARAMETER_DIMENSION, "troughput",
		  "unknown dimension 'troughput' (did you mean 'throughput'?)" },
		{ PARAMETER_HOSTS, "\x1b[31m", "unknown hosts '?[31m'" },
		{ PARAMETER_RING, "1000", "ring 1000 is not a power of two (did you mean 1024?)" },
		{ PARAMETER_RING, "65", "ring 65 is not a power of two (did you mean 64?)" },
		{ PARAMETER_RING, "32767", "ring 32767 is not a power of two (did you mean 32768?)" },
		{ PARAMETER_RING, "32", "ring 32 is below 64" },
		{ PARAMETER_RING, "65536", "ring 65536 is above 32768, what virtio can number" },
		{ PARAMETER_RING, "1024.5", "ring 1024.5 is not a whole number" },
		{ PARAMETER_THREADS, "0", "threads 0 is below 1" },
		{ PARAMETER_THREADS, "65", "threads 65 is above 64" },
		{ PARAMETER_PORT, "vhost", "unknown port 'vhost'" },
		{ PARAMETER_HUGEPAGES, "3M", "unknown hugepages '3M' (did you mean '2M'?)" },
		{ PARAMETER_HUGEPAGES, "2048k", "unknown hugepages '2048k'" },
		{ PARAMETER_SWITCH_QUOTA, "50", "switch-quota 50 is above 100%, all that its threads could use" },
		{ PARAMETER_SWITCH_QUOTA, "0", "switch-quota 0 is below 1%, the least that the kernel takes" },
		{ PARAMETER_ENDPOINT_QUOTA, "-1%", "endpoint-quota -1% is below 1%, the least that the kernel takes" },
		{ PARAMETER_ENDPOINT_QUOTA, "None", "endpoint-quota 'None' is not a number" },
		{ PARAMETER_LOSS, "none", "loss 'none' is not a number" },
		{ PARAMETER_NEIGHBOUR, "cach", "unknown neighbour 'cach' (did you mean 'cache'?)" },
		{ PARAMETER_PROCESSORS, "1-", "processors: '1-' is not a list of numbers from 0 to 1023" },
	};

	for (size_t i = 0; i < SIZE(cases); i++) {
		struct error err = { 0 };
		struct value value;

		assert_int_equal(
			parameter_parse(at(cases[i].id), cases[i].text, &sample_catalogue, &value, &err),
			-EINVAL);
		assert_string_equal(err.cause, cases[i].cause);
		assert_true(err.remedy[0]);
	}
}

static void cuts_long_texts_between_characters(void **state)
{
	struct error err = { 0 };
	struct value value;
	char digits[500], umlauts[99] = "";

	memset(digits, '7', sizeof(digits) - 1);
	digits[sizeof(digits) - 1] = 0;
	assert_int_equal(parameter_parse(at(PARAMETER_SIZE), digits, &sample_catalogue, &value, &err),
			 -EINVAL);
	assert_string_equal(err.cause,
			    "size '777777777777777777777777777777777777777777777777...' is not a number");
	strcpy(umlauts, "x");
	for (int i = 0; i < 24; i++)
		strcat(umlauts, "\xc3\xbc");
	parameter_parse(at(PARAMETER_SWITCH), umlauts, &sample_catalogue, &value, &err);
	assert_string_equal(
		err.cause,
		"unknown switch 'x"
		"\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
		"\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc...'");
}

static void says_what_is_allowed(void **state)
{
	static const struct {
		enum parameter_id id;
		const char *text;
	} cases[] = {
		{ PARAMETER_SIZE, "60 to 9014 bytes; imix, or sizes with weights such as 64:7+1500:1" },
		{ PARAMETER_TOPOLOGY, "pairs, chain, fan-in, loop or auto" },
		{ PARAMETER_HOPS, "1 to 8 forwarders" },
		{ PARAMETER_RATE,
		  "max, or 1 to 1G packets per second; suffixes k, M, G; fractions such as 1.5M; or ndr, pdr, mrr, "
		  "loss-curve, pdr:50%, 1M..20M step 1M, 10%..100%, best:1M..20M step 1M" },
		{ PARAMETER_DURATION, "10ms to 24h; units ns, us, ms, s, m, h; without a unit: seconds" },
		{ PARAMETER_DIMENSION, "throughput or latency" },
		{ PARAMETER_CONTAINERS, "1vs1 to 64vs64, the same number on both sides; of a fan-in Nvs1" },
		{ PARAMETER_PROCESSORS, "auto, or numbers and ranges from 0 to 1023 such as 2-5,8" },
		{ PARAMETER_RING, "64 to 32768 descriptors, a power of two" },
		{ PARAMETER_HUGEPAGES, "auto, none, 2M or 1G" },
		{ PARAMETER_PORT, "auto, netdev, vhost-user, memif or pci" },
		{ PARAMETER_ENDPOINT_QUOTA, "none, or 1% to 100% of a processor" },
	};
	char text[256];

	for (size_t i = 0; i < SIZE(cases); i++) {
		parameter_allowed(at(cases[i].id), text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
}

static void is_brief_about_rates(void **state)
{
	static const char *const texts[][2] = {
		{ "max", "max" },	  { "1", "1" },	  { "1500", "1.5k" }, { "14.8M", "14.8M" },
		{ "1234567", "1234567" }, { "1G", "1G" }, { "999", "999" },
	};

	for (size_t i = 0; i < SIZE(texts); i++) {
		struct error err = { 0 };
		struct value value;
		char text[64];

		parameter_parse(at(PARAMETER_RATE), texts[i][0], NULL, &value, &err);
		parameter_brief(at(PARAMETER_RATE), &value, text, sizeof(text));
		assert_string_equal(text, texts[i][1]);
	}
}

/* Through JSON text, as a record does. */
static void survives_the_record(void **state)
{
	static const struct {
		enum parameter_id id;
		const char *text, *json;
	} cases[] = {
		{ PARAMETER_SIZE, "1500", "1500" },
		{ PARAMETER_SIZE, "imix", "\"imix\"" },
		{ PARAMETER_SIZE, "64:7+1500:1", "\"64:7+1500:1\"" },
		{ PARAMETER_RATE, "max", "\"max\"" },
		{ PARAMETER_RATE, "1.5M", "1500000" },
		{ PARAMETER_RATE, "1.1", "1.1000000000000001" },
		{ PARAMETER_DURATION, "100ms", "0.10000000000000001" },
		{ PARAMETER_DURATION, "2m", "120" },
		{ PARAMETER_WARMUP, "1ns", "1.0000000000000001e-9" },
		{ PARAMETER_SWITCH, "elsewhere", "\"elsewhere\"" },
		{ PARAMETER_CONTAINERS, "2vs2", "\"2vs2\"" },
		{ PARAMETER_PROCESSORS, "0-1", "\"0-1\"" },
		{ PARAMETER_RING, "256", "256" },
		{ PARAMETER_HUGEPAGES, "1G", "\"1G\"" },
		{ PARAMETER_SWITCH_QUOTA, "none", "\"none\"" },
		{ PARAMETER_SWITCH_QUOTA, "12.5%", "0.125" },
		{ PARAMETER_SWITCH_QUOTA, "100%", "1" },
	};

	for (size_t i = 0; i < SIZE(cases); i++) {
		struct value value, back;
		struct error err = { 0 };
		json_t *json, *again;
		char *text;

		assert_int_equal(parameter_parse(at(cases[i].id), cases[i].text, NULL, &value, &err), 0);
		json = parameter_to_json(at(cases[i].id), &value);
		text = json_dumps(json, JSON_ENCODE_ANY);
		assert_string_equal(text, cases[i].json);
		again = json_loads(text, JSON_DECODE_ANY, NULL);
		assert_int_equal(parameter_from_json(at(cases[i].id), again, &back, &err), 0);
		assert_string_equal(back.text, value.text);
		assert_true(back.number == value.number);
		json_decref(json);
		json_decref(again);
		free(text);
	}
}

static void refuses_a_strange_record(void **state)
{
	static const struct {
		enum parameter_id id;
		const char *json;
	} cases[] = {
		{ PARAMETER_SIZE, "\"64\"" },
		{ PARAMETER_SIZE, "64.5" },
		{ PARAMETER_SIZE, "1" },
		{ PARAMETER_SIZE, "null" },
		{ PARAMETER_SIZE, "true" },
		{ PARAMETER_RATE, "-1" },
		{ PARAMETER_SWITCH, "3" },
		{ PARAMETER_SWITCH, "\"\"" },
		{ PARAMETER_SWITCH, "[\"veth\"]" },
		{ PARAMETER_DIMENSION, "\"speed\"" },
		{ PARAMETER_DURATION, "1e300" },
		{ PARAMETER_RING, "1000" },
		{ PARAMETER_HUGEPAGES, "2" },
		{ PARAMETER_SWITCH_QUOTA, "0" },
		{ PARAMETER_SWITCH_QUOTA, "12.5" },
		{ PARAMETER_SWITCH_QUOTA, "\"much\"" },
		{ PARAMETER_SWITCH,
		  "\"0123456789012345678901234567890123456789012345678901234567890123456789\"" },
	};

	for (size_t i = 0; i < SIZE(cases); i++) {
		json_t *json = json_loads(cases[i].json, JSON_DECODE_ANY, NULL);
		struct error err = { 0 };
		struct value value;

		assert_int_equal(parameter_from_json(at(cases[i].id), json, &value, &err), -EINVAL);
		assert_true(err.cause[0]);
		json_decref(json);
	}
}

static void help_shows_each_option_within_its_columns(void **state)
{
	char *text = help_parameters_text(), *rest = text, *line;
	int options = 0;

	assert_non_null(strstr(text, "\n  -P, --size SIZE[,...]      Packet size: the Ethernet frame"));
	assert_non_null(strstr(text, "\n      --drain TIME           Silence"));
	while ((line = strsep(&rest, "\n"))) {
		assert_true(strlen(line) <= 80);
		options += line[0] && line[2] == '-' ? 1 : !strncmp(line, "      --", 8);
	}
	assert_int_equal(options, PARAMETER_COUNT);
	free(text);
}

static void help_is_good_roff(void **state)
{
	char *text = help_parameters_roff(), *rest = text, *line;
	int paragraphs = 0;

	assert_non_null(
		strstr(text, ".TP\n\\fB\\-P\\fR, \\fB\\-\\-size\\fR \\fISIZE\\fR[,...]\nPacket size:"));
	while ((line = strsep(&rest, "\n"))) {
		paragraphs += !strcmp(line, ".TP");
		/* No line is taken for a request by accident, no bare hyphen. */
		assert_true(!strcmp(line, ".TP") || (line[0] != '.' && line[0] != '\''));
		for (char *hyphen = strchr(line, '-'); hyphen; hyphen = strchr(hyphen + 1, '-'))
			assert_int_equal(hyphen[-1], '\\');
	}
	assert_int_equal(paragraphs, PARAMETER_COUNT);
	free(text);
}

static void help_for_programs_has_all_fields(void **state)
{
	json_t *array = help_parameters_json(), *size;

	assert_int_equal(json_array_size(array), PARAMETER_COUNT);
	size = json_array_get(array, PARAMETER_SIZE);
	assert_string_equal(json_string_value(json_object_get(size, "option")), "-P");
	assert_string_equal(json_string_value(json_object_get(size, "default")), "64");
	assert_string_equal(json_string_value(json_object_get(size, "unit")), "bytes");
	assert_int_equal(json_integer_value(json_object_get(size, "min")), 60);
	assert_true(json_is_null(json_object_get(size, "choices")));
	assert_true(json_is_true(json_object_get(size, "matrix")));
	assert_true(json_is_false(json_object_get(size, "power_of_two")));
	assert_true(json_is_true(json_object_get(json_array_get(array, PARAMETER_RING), "power_of_two")));
	assert_int_equal(json_array_size(json_object_get(json_array_get(array, PARAMETER_HOSTS), "choices")),
			 2);
	assert_true(json_is_null(json_object_get(json_array_get(array, PARAMETER_DRAIN), "option")));
	assert_true(json_is_null(json_object_get(json_array_get(array, PARAMETER_IO), "max")));
	json_decref(array);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_complete),
		cmocka_unit_test(reads_what_is_allowed),
		cmocka_unit_test(refuses_what_is_not),
		cmocka_unit_test(cuts_long_texts_between_characters),
		cmocka_unit_test(says_what_is_allowed),
		cmocka_unit_test(is_brief_about_rates),
		cmocka_unit_test(survives_the_record),
		cmocka_unit_test(refuses_a_strange_record),
		cmocka_unit_test(help_shows_each_option_within_its_columns),
		cmocka_unit_test(help_is_good_roff),
		cmocka_unit_test(help_for_programs_has_all_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
