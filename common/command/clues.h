/*
 * clues.h - what the raw frames of one stack say by the files and functions they are in.
 */
#ifndef SCL_COMMAND_CLUES_H
#define SCL_COMMAND_CLUES_H

#include "python/frames.h"

struct scl_clues {
	size_t frames;	  /* of the stack */
	size_t user;	  /* index of the innermost frame of the user's own; `frames`: there is none */
	size_t module;	  /* importing: of the innermost module body that is being executed; `frames`: not yet one */
	bool selector;	  /* asyncio's loop is in its selector */
	bool starting;	  /* site, or what it imports, runs before the program does */
	bool importing;	  /* an import is in progress, and no function of the user's within it */
	bool exiting;	  /* the main thread has left the program and waits for its other threads */
	bool finalizer;	  /* a __del__ is being executed */
	const char *loop; /* name of an event loop that is not asyncio's, by its files; NULL: none */
};

/* `user[i]`: frame i is the user's own. */
struct scl_clues scl_clues_find(const struct scl_stack *stack, const bool *user);

#endif
