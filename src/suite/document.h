/* SPDX-License-Identifier: Apache-2.0 */
/* A YAML text as a tree whose nodes know their place. */
#ifndef LB_SUITE_DOCUMENT_H
#define LB_SUITE_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "suite/problems.h"
#include "util/error.h"

/*
 * The longest suite. A matrix says much in few lines; libyaml compares each anchor with all before it, so
 * that a much longer file of nothing but anchors would keep it busy for minutes.
 */
#define DOCUMENT_SIZE_MAX (256u << 10)

/* Lists and mappings in each other: more than any suite has. */
#define DOCUMENT_DEPTH_MAX 16

/* Does the path stand for standard input? */
bool document_is_input(const char *path);

/* The whole file, or standard input ("-"), 0 behind it; *text is the caller's to free. -errno: cannot be read; -EFBIG: too long. */
int document_read(const char *path, char **text, size_t *length, struct error *err);

/*
 * Parse the one document of the text. False if there is none to be looked at: what is wrong is then in
 * problems. True: document->nodes is a tree, except that aliases may make it a graph, even a cyclic one:
 * whoever walks it does so to a fixed depth. yaml_document_delete in that case.
 */
bool document_parse(const char *text, size_t length, yaml_document_t *document, struct problems *problems);

struct place node_place(const yaml_node_t *node);
/* "a list", "a mapping", "a value" */
const char *node_kind(const yaml_node_t *node);
/* Text of a scalar; NULL for other nodes, and where it contains a zero byte. */
const char *node_text(const yaml_node_t *node);

#endif
