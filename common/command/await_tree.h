/* await_tree.h - who waits for whom as a tree: each task once, equal leaves folded. */
#ifndef SCL_COMMAND_AWAIT_TREE_H
#define SCL_COMMAND_AWAIT_TREE_H

#include "command/async_view.h"

/* Append it; `limit`: lines, 0: no limit. False when memory ran out, or on Ctrl-C. */
SCL_CHECKED bool scl_await_tree_print(const struct scl_async_view *view, uint64_t limit, struct scl_error *err);

#endif
