/* SPDX-License-Identifier: Apache-2.0 */
/* Small files below a directory, as the kernel has them: made and looked at. Failures fail the test. */
#ifndef LB_TESTS_FILE_TREE_H
#define LB_TESTS_FILE_TREE_H

/* Of this text alone, with the directories that lead to it. `name`: below the directory, "a/b". */
void file_put(const char *directory, const char *name, const char *text);
void file_must_hold(const char *directory, const char *name, const char *text);

#endif
