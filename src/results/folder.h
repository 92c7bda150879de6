/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder of files that derive from a record, such as its report: made out of sight and put in its place
 * whole, so that nobody ever sees a half of it, and a kill leaves the old one. What a user has changed in the
 * old one is kept.
 */
#ifndef LB_RESULTS_FOLDER_H
#define LB_RESULTS_FOLDER_H

#include <limits.h>

#include "util/error.h"

struct folder {
	int parent, at, lock;   /* descriptors; -1 = not open */
	char name[NAME_MAX + 1], hidden[NAME_MAX + 1];
	char where[PATH_MAX];   /* as the user called it, for messages */
	char path[64];          /* by which its files are written, while the folder is open */
	char kept[NAME_MAX + 1]; /* after folder_commit: what the old folder is called now; "" = none */
};

/*
 * Begin the folder at `path`; parents are made. Its last file must be `seal`: by that name, and by nothing in
 * it being newer, an old folder is known as one that nobody has changed, and is replaced. -EEXIST: something
 * else is there; -EBUSY: another program is making it; -EACCES, -EROFS, ...
 */
int folder_begin(struct folder *folder, const char *path, const char *seal, struct error *err);
/*
 * The same of the folder `name` in a directory that is open and that the user called `where`: in that one, whatever its
 * path leads to meanwhile.
 */
int folder_begin_in(struct folder *folder, int directory, const char *where, const char *name, const char *seal,
		    struct error *err);
/* Put it in its place. Made by root, it belongs to the owner of the directory that it is in. */
int folder_commit(struct folder *folder, const char *seal, struct error *err);
/* Remove it, if it was not committed, and close. Always the last call. */
void folder_end(struct folder *folder);

#endif
