"""layout_supplement: structures of CPython that no installed header declares. Data of gen-layout."""

# Each with its place in CPython's source.
SUPPLEMENT = """
#if PY_VERSION_HEX < 0x030B0000
/* Objects/dict-common.h of 3.8 to 3.10; the body of PyDictKeysObject. */
struct scl_dictkeys {
	Py_ssize_t dk_refcnt, dk_size;
	void *dk_lookup;
	Py_ssize_t dk_usable, dk_nentries;
	char dk_indices[];
};
#endif
#if PY_VERSION_HEX < 0x030A0000
/* Objects/moduleobject.c of 3.8 and 3.9; pycore_moduleobject.h declares it since. */
struct scl_module {
	PyObject_HEAD
	PyObject *md_dict;
	struct PyModuleDef *md_def;
	void *md_state;
	PyObject *md_weaklist, *md_name;
};
#endif

/* Modules/_collectionsmodule.c and _functoolsmodule.c, the beginnings. */
struct scl_dequeblock {
	struct scl_dequeblock *leftlink;
	PyObject *data[64];
	struct scl_dequeblock *rightlink;
};
struct scl_deque {
	PyObject_VAR_HEAD
	struct scl_dequeblock *leftblock, *rightblock;
	Py_ssize_t leftindex, rightindex;
};
struct scl_partial {
	PyObject_HEAD
	PyObject *fn, *args, *kw;
};
/* Modules/_queuemodule.c, the beginning: a list and how much of it is gone, or a ring (3.13, gh-113884). */
struct scl_simplequeue {
	PyObject_HEAD
#if PY_VERSION_HEX >= 0x030D0000
	bool has_threads_waiting;
	Py_ssize_t put_index, get_index;
	PyObject **items;
	Py_ssize_t capacity, count;
#else
	void *lock;
	int locked;
	PyObject *list;
	Py_ssize_t first;
#endif
};
/* Modules/socketmodule.h, the beginning. */
struct scl_socket {
	PyObject_HEAD
	int sock_fd;
};
/* PyCoroWrapper, PyAsyncGenASend, PyAsyncGenAThrow, futureiterobject, TaskStepMethWrapper, TaskWakeupMethWrapper. */
struct scl_wrapper {
	PyObject_HEAD
	PyObject *object;
};

/* Modules/_asynciomodule.c. */
#if PY_VERSION_HEX >= 0x030E0000
#define SCL_FUTURE_HEAD(prefix) \
	PyObject_HEAD \
	PyObject *prefix##_loop, *prefix##_callback0, *prefix##_context0, *prefix##_callbacks, *prefix##_exception, \
		*prefix##_exception_tb, *prefix##_result, *prefix##_source_tb, *prefix##_cancel_msg, \
		*prefix##_cancelled_exc, *prefix##_awaited_by; \
	int prefix##_state; \
	char prefix##_is_task, prefix##_awaited_by_is_set; \
	unsigned prefix##_log_tb : 1, prefix##_blocking : 1;
#elif PY_VERSION_HEX >= 0x030D0000
#define SCL_FUTURE_HEAD(prefix) \
	PyObject_HEAD \
	PyObject *prefix##_loop, *prefix##_callback0, *prefix##_context0, *prefix##_callbacks, *prefix##_exception, \
		*prefix##_exception_tb, *prefix##_result, *prefix##_source_tb, *prefix##_cancel_msg, \
		*prefix##_cancelled_exc; \
	int prefix##_state; \
	unsigned prefix##_log_tb : 1, prefix##_blocking : 1;
#elif PY_VERSION_HEX >= 0x030B0000
#define SCL_FUTURE_HEAD(prefix) \
	PyObject_HEAD \
	PyObject *prefix##_loop, *prefix##_callback0, *prefix##_context0, *prefix##_callbacks, *prefix##_exception, \
		*prefix##_exception_tb, *prefix##_result, *prefix##_source_tb, *prefix##_cancel_msg; \
	int prefix##_state, prefix##_log_tb, prefix##_blocking; \
	PyObject *dict, *prefix##_weakreflist, *prefix##_cancelled_exc;
#elif PY_VERSION_HEX >= 0x030A0000
#define SCL_FUTURE_HEAD(prefix) \
	PyObject_HEAD \
	PyObject *prefix##_loop, *prefix##_callback0, *prefix##_context0, *prefix##_callbacks, *prefix##_exception, \
		*prefix##_exception_tb, *prefix##_result, *prefix##_source_tb, *prefix##_cancel_msg; \
	int prefix##_state, prefix##_log_tb, prefix##_blocking; \
	PyObject *dict, *prefix##_weakreflist; \
	_PyErr_StackItem prefix##_cancelled_exc_state;
#elif PY_VERSION_HEX >= 0x03090000
#define SCL_FUTURE_HEAD(prefix) \
	PyObject_HEAD \
	PyObject *prefix##_loop, *prefix##_callback0, *prefix##_context0, *prefix##_callbacks, *prefix##_exception, \
		*prefix##_result, *prefix##_source_tb, *prefix##_cancel_msg; \
	int prefix##_state, prefix##_log_tb, prefix##_blocking; \
	PyObject *dict, *prefix##_weakreflist; \
	_PyErr_StackItem prefix##_cancelled_exc_state;
#else
#define SCL_FUTURE_HEAD(prefix) \
	PyObject_HEAD \
	PyObject *prefix##_loop, *prefix##_callback0, *prefix##_context0, *prefix##_callbacks, *prefix##_exception, \
		*prefix##_result, *prefix##_source_tb; \
	int prefix##_state, prefix##_log_tb, prefix##_blocking; \
	PyObject *dict, *prefix##_weakreflist;
#endif
struct scl_future { SCL_FUTURE_HEAD(fut) };
struct scl_task {
	SCL_FUTURE_HEAD(task)
#if PY_VERSION_HEX >= 0x030D0000
	unsigned task_must_cancel : 1, task_log_destroy_pending : 1;
	int task_num_cancels_requested;
	PyObject *task_fut_waiter, *task_coro, *task_name, *task_context;
#if PY_VERSION_HEX >= 0x030E0000
	void *task_node[2];
#ifdef Py_GIL_DISABLED
	unsigned long task_tid;
#endif
#endif
#elif PY_VERSION_HEX >= 0x030B0000
	PyObject *task_fut_waiter, *task_coro, *task_name, *task_context;
	int task_must_cancel, task_log_destroy_pending, task_num_cancels_requested;
#else
	PyObject *task_fut_waiter, *task_coro, *task_name, *task_context;
	int task_must_cancel, task_log_destroy_pending;
#endif
};
#if PY_VERSION_HEX < 0x030C0000
struct scl_loopholder {
	PyObject_HEAD
	PyObject *rl_loop;
	int rl_pid;
};
enum { scl_tasks_all = 1 };
#endif
#if PY_VERSION_HEX >= 0x030E0000
enum { scl_tasks_lists = 1 };
/* asyncio_state, the beginning. */
struct scl_asyncio_state {
	void *types[5], *current_tasks_or_iscoroutine_typecache;
	PyObject *non_asyncio_tasks, *non_asyncio_eager_tasks;
};
/* Py_AsyncioModuleDebugOffsets, the section .AsyncioDebug. */
struct scl_asyncio_debug {
	struct {
		uint64_t size, task_name, task_awaited_by, task_is_task, task_awaited_by_is_set, task_coro, task_node;
	} asyncio_task_object;
	struct {
		uint64_t size, asyncio_tasks_head;
	} asyncio_interpreter_state;
	struct {
		uint64_t size, asyncio_running_loop, asyncio_running_task, asyncio_tasks_head;
	} asyncio_thread_state;
};
#endif
"""
