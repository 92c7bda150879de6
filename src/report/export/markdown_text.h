/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text of a record in Markdown (CommonMark, and GitHub's and GitLab's extensions of it), in a sentence or a
 * cell of a table: no text becomes markup, a mention (@name), a reference (#1, !1, GH-1, a commit), a link or
 * an emoji, and none ends its cell or line.
 */
#ifndef LB_REPORT_EXPORT_MARKDOWN_TEXT_H
#define LB_REPORT_EXPORT_MARKDOWN_TEXT_H

#include <stdio.h>

/*
 * Text that is plain in every sense stays as it is: "raw-mmsg on veth, 64-byte frames". Any other becomes
 * <code>...</code>, its ASCII punctuation as character references: Markdown takes these for no markup, and
 * GitHub and GitLab look for mentions and references everywhere but in code. (A backslash before the '@'
 * would not help: mentions are looked for in what the Markdown has become.) Line ends become spaces;
 * characters that are no UTF-8, controls and those that reorder or hide others become U+FFFD. Not for the
 * beginning of a line: "1." there makes a list.
 */
void markdown_text(FILE *out, const char *text);

#endif
