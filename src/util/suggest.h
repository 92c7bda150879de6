/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the candidate nearest to a misspelt word. */
#ifndef LB_UTIL_SUGGEST_H
#define LB_UTIL_SUGGEST_H

/*
 * Best of the NULL-terminated candidates by optimal-string-alignment distance, case ignored; NULL if none
 * is near enough (more than a third of the word's length, at least 1, wrong; of a single letter only its
 * case may be). Of equally near ones the first.
 */
const char *suggest(const char *word, const char *const *candidates);

#endif
