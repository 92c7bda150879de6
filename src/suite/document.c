/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool document_is_input(const char *path)
{
	return !strcmp(path, "-");
}

int document_read(const char *path, char **text, size_t *length, struct error *err)
{
	char *buffer = malloc(DOCUMENT_SIZE_MAX + 1);
	size_t used = 0;
	ssize_t got = 0;
	bool standard = document_is_input(path);
	int fd, ret;

	if (!buffer)
		return error_errno(err, ENOMEM, NULL, "cannot read suite %s", path);
	fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		ret = error_errno(err, errno, errno == ENOENT ? "name a YAML file, as in suites/" : NULL,
				  "cannot open suite %s", path);
		goto free_buffer;
	}
	/* One byte more than allowed, to see that there is more; until the end, for it may be a pipe. */
	while (used <= DOCUMENT_SIZE_MAX) {
		got = read(fd, buffer + used, DOCUMENT_SIZE_MAX + 1 - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		used += (size_t)got;
	}
	if (got < 0) {
		ret = error_errno(err, errno, errno == EISDIR ? "name a YAML file in it" : NULL,
				  "cannot read suite %s", path);
	} else if (used > DOCUMENT_SIZE_MAX) {
		ret = error_set(err, EFBIG, "use lists: each combination of their values is a test",
				"suite %s is longer than %u KiB", path, DOCUMENT_SIZE_MAX >> 10);
	} else {
		buffer[used] = 0;
		*text = buffer;
		*length = used;
		buffer = NULL;
		ret = 0;
	}
	close(fd);
free_buffer:
	free(buffer);
	return ret;
}

/* libyaml counts lines and columns from 0. */
static struct place mark_place(const yaml_mark_t *mark)
{
	return (struct place){ .source = PLACE_FILE, .line = mark->line + 1, .column = mark->column + 1 };
}

/* Place of a byte: where the reader fails there are no marks yet. Columns are characters, as in marks. */
static struct place offset_place(const char *text, size_t length, size_t offset)
{
	struct place place = { .source = PLACE_FILE, .line = 1, .column = 1 };

	for (size_t i = 0; i < offset && i < length; i++) {
		if (text[i] == '\n') {
			place.line++;
			place.column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			place.column++;
		}
	}
	return place;
}

/* Is there a tab in the indentation of this line (from 1)? YAML forbids it, and it is seldom seen. */
static bool line_has_tab(const char *text, size_t line)
{
	for (; text && line > 1; line--) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return text && text[strspn(text, " ")] == '\t';
}

static void report_syntax(const yaml_parser_t *parser, const char *text, size_t length,
			  struct problems *problems)
{
	const char *problem = parser->problem ? parser->problem : "it cannot be read";
	struct place place = mark_place(&parser->problem_mark);
	const char *remedy = NULL;

	switch (parser->error) {
	case YAML_MEMORY_ERROR:
		problems->out_of_memory = true;
		return;
	case YAML_READER_ERROR:
		place = offset_place(text, length, parser->problem_offset);
		problems_addf(problems, &place, "write the suite in UTF-8", "not valid YAML: %s", problem);
		return;
	default:
		if (line_has_tab(text, place.line))
			remedy = "indent with spaces: YAML allows no tabs there";
		problems_addf(problems, &place, remedy,
			      parser->context ? "not valid YAML: %s (%s)" : "not valid YAML: %s", problem,
			      parser->context);
		return;
	}
}

/*
 * Lists and mappings in each other, as far as that is looked at before the tree is made: libyaml takes time that
 * grows with the square of their number. Text that is no YAML is left to whoever makes the tree.
 */
static bool check_nesting(yaml_parser_t *parser, struct problems *problems)
{
	yaml_event_type_t type = YAML_NO_EVENT;
	unsigned depth = 0;
	yaml_event_t event;

	while (type != YAML_STREAM_END_EVENT && yaml_parser_parse(parser, &event)) {
		struct place place = mark_place(&event.start_mark);

		type = event.type;
		yaml_event_delete(&event);
		if (type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT)
			depth--;
		if (type != YAML_SEQUENCE_START_EVENT && type != YAML_MAPPING_START_EVENT)
			continue;
		if (++depth > DOCUMENT_DEPTH_MAX) {
			problems_addf(problems, &place, "a suite needs four: its keys, tests, parameters, values",
				      "lists and mappings are nested more than %d deep", DOCUMENT_DEPTH_MAX);
			return false;
		}
	}
	return true;
}

static bool parser_open(yaml_parser_t *parser, const char *text, size_t length)
{
	if (!yaml_parser_initialize(parser))
		return false;
	yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(parser, (const unsigned char *)text, length);
	return true;
}

/* Report what stands behind the first document: another one, or what is no YAML. */
static void check_end(yaml_parser_t *parser, const char *text, size_t length, struct problems *problems)
{
	yaml_document_t second;
	const yaml_node_t *root;

	if (!yaml_parser_load(parser, &second)) {
		report_syntax(parser, text, length, problems);
		return;
	}
	root = yaml_document_get_root_node(&second);
	if (root) {
		struct place place = mark_place(&second.start_mark);

		problems_addf(problems, &place, "put each suite in a file of its own",
			      "a second document begins here; a suite is one");
	}
	yaml_document_delete(&second);
}

static bool document_load(const char *text, size_t length, yaml_document_t *document, struct problems *problems)
{
	yaml_parser_t parser;
	bool usable = false;

	if (!parser_open(&parser, text, length)) {
		problems->out_of_memory = true;
		return false;
	}
	if (!yaml_parser_load(&parser, document)) {
		report_syntax(&parser, text, length, problems);
	} else if (!yaml_document_get_root_node(document)) {
		struct place start = { .source = PLACE_FILE, .line = 1, .column = 1 };

		problems_addf(problems, &start, "give it at least: tests: [{}]", "the suite is empty");
		yaml_document_delete(document);
	} else {
		check_end(&parser, text, length, problems);
		usable = true;
	}
	yaml_parser_delete(&parser);
	return usable;
}

bool document_parse(const char *text, size_t length, yaml_document_t *document, struct problems *problems)
{
	static const char mark[] = "\xef\xbb\xbf"; /* which some editors put in front of UTF-8 */
	yaml_parser_t parser;
	bool usable;

	if (!strncmp(text, mark, strlen(mark))) {
		text += strlen(mark);
		length -= strlen(mark);
	}
	if (!parser_open(&parser, text, length)) {
		problems->out_of_memory = true;
		return false;
	}
	usable = check_nesting(&parser, problems);
	yaml_parser_delete(&parser);
	return usable && document_load(text, length, document, problems);
}

struct place node_place(const yaml_node_t *node)
{
	return mark_place(&node->start_mark);
}

const char *node_kind(const yaml_node_t *node)
{
	switch (node->type) {
	case YAML_SEQUENCE_NODE: return "a list";
	case YAML_MAPPING_NODE:  return "a mapping";
	default:                 return "a single value";
	}
}

const char *node_text(const yaml_node_t *node)
{
	const char *text = (const char *)node->data.scalar.value;

	if (node->type != YAML_SCALAR_NODE || strlen(text) != node->data.scalar.length)
		return NULL;
	return text;
}
