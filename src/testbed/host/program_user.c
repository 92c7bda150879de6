/* SPDX-License-Identifier: Apache-2.0 */
#include "testbed/host/program_user.h"

#include <errno.h>
#include <unistd.h>

#include "testbed/host/namespace.h"

int program_user_take(struct program_user *user, const char *directory, const char *memory,
		      const char *const *devices, struct error *err)
{
	int rc;

	*user = (struct program_user)PROGRAM_USER_NONE;
	if (!namespace_is_root())
		return 0;
	rc = identity_take(&user->identity, err);
	user->own[0] = directory;
	user->own[1] = memory && memory[0] ? memory : NULL;
	for (const char **own = user->own; *own && !rc; own++)
		if (lchown(*own, user->identity.id, user->identity.id))
			rc = error_errno(err, errno, NULL, "cannot give %s to a user", *own);
	user->view = (struct view){ .own = user->own, .devices = devices };
	if (rc)
		program_user_release(user);
	return rc;
}

static bool has_user(const struct program_user *user)
{
	return user->identity.reservation >= 0;
}

void program_user_enter(struct program_user *user, struct program_place place, uid_t owner)
{
	*user = (struct program_user)PROGRAM_USER_NONE;
	user->place = place;
	user->owner = owner;
}

void program_user_apply(const struct program_user *user, struct program *program)
{
	if (user->place.start)
		program->place = &user->place;
	if (!has_user(user))
		return;
	program->user = user->identity.id;
	program->view = &user->view;
}

uid_t program_user_id(const struct program_user *user)
{
	if (user->place.start)
		return user->owner;
	return has_user(user) ? user->identity.id : geteuid();
}

void program_user_release(struct program_user *user)
{
	identity_release(&user->identity);
	*user = (struct program_user)PROGRAM_USER_NONE;
}
