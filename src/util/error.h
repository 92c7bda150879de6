/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What went wrong, and what the user can do about it.
 *
 * Every function that can fail returns 0 or -errno and fills the struct error
 * that it was given: the cause in one sentence, the remedy in another. Nothing
 * below main prints. The error is owned by the caller; it holds no pointers.
 */
#ifndef LB_UTIL_ERROR_H
#define LB_UTIL_ERROR_H

struct error {
	int code;          /* positive errno value; 0 = no error */
	char cause[640];   /* what failed, with names, paths, values; no final full stop */
	char remedy[320];  /* what to do; empty where there is no advice */
};

/*
 * Fill err and return -code. `remedy` may be NULL or "". `cause` is a printf format.
 * err may be NULL (the caller does not care). Long texts are cut, never overrun. Control characters, and those
 * that reorder or hide text, become '?'.
 */
int error_set(struct error *err, int code, const char *remedy, const char *cause, ...)
	__attribute__((format(printf, 4, 5)));

/* As error_set, with ": <strerror(code)>" appended to the cause. */
int error_errno(struct error *err, int code, const char *remedy, const char *cause, ...)
	__attribute__((format(printf, 4, 5)));

/* Put "<context>: " in front of the cause that err already has. Returns -err->code. */
int error_prefix(struct error *err, const char *context, ...)
	__attribute__((format(printf, 2, 3)));

void error_clear(struct error *err);

#endif
