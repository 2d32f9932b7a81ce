"""layout_fields: how CPython spells the fields of common/layout/fields.def, version by version. Data of gen-layout."""

# Headers are included where they exist; order matters to some versions.
HEADERS = """Python.h frameobject.h structmember.h longintrepr.h opcode.h internal/pycore_gil.h
internal/pycore_pystate.h internal/pycore_interp.h internal/pycore_runtime.h internal/pycore_ceval.h
internal/pycore_frame.h internal/pycore_dict.h internal/pycore_object.h internal/pycore_code.h
internal/pycore_moduleobject.h internal/pycore_tstate.h internal/pycore_debug_offsets.h
internal/pycore_genobject.h internal/pycore_descrobject.h internal/pycore_opcode_metadata.h
internal/pycore_llist.h""".split()

# C types for each structure of fields.def, newest spelling first.
TYPES = {
    "runtime": ["_PyRuntimeState"],
    "interp": ["PyInterpreterState"],
    "gil": ["struct _gil_runtime_state"],
    "thread": ["PyThreadState"],
    "cframe": ["_PyCFrame", "CFrame"],
    "chunk": ["_PyStackChunk"],
    "iframe": ["struct _PyInterpreterFrame"],
    "frame": ["PyFrameObject"],
    "object": ["PyObject"],
    "code": ["PyCodeObject"],
    "unicode": ["PyUnicodeObject"],
    "bytes": ["PyBytesObject"],
    "tuple": ["PyTupleObject"],
    "list": ["PyListObject"],
    "float": ["PyFloatObject"],
    "long": ["PyLongObject"],
    "dict": ["PyDictObject"],
    "dictkeys": ["struct _dictkeysobject", "struct scl_dictkeys"],
    "dictvalues": ["struct _dictvalues"],
    "type": ["PyTypeObject"],
    "heaptype": ["PyHeapTypeObject"],
    "module": ["PyModuleObject", "struct scl_module"],
    "set": ["PySetObject"],
    "deque": ["struct scl_deque"],
    "dequeblock": ["struct scl_dequeblock"],
    "weakref": ["PyWeakReference"],
    "cell": ["PyCellObject"],
    "method": ["PyMethodObject"],
    "cfunction": ["PyCFunctionObject"],
    "methoddef": ["PyMethodDef"],
    "function": ["PyFunctionObject"],
    "partial": ["struct scl_partial"],
    "memberdescr": ["PyMemberDescrObject"],
    "memberdef": ["PyMemberDef"],
    "gen": ["PyGenObject"],
    "wrapper": ["struct scl_wrapper"],
    "future": ["struct scl_future"],
    "task": ["struct scl_task"],
    "loopholder": ["struct scl_loopholder"],
    "socket": ["struct scl_socket"],
    "simplequeue": ["struct scl_simplequeue"],
    "llist": ["struct llist_node"],
    "asyncio": ["struct scl_asyncio_state"],
}

# C members for each field, newest spelling first; "T::m" names another type, "T::" means its size. A field that is
# not here is spelled prefix + name.
PREFIX = {
    "frame": "f_", "code": "co_", "dict": "ma_", "dictkeys": "dk_", "type": "tp_", "heaptype": "ht_", "module": "md_",
    "weakref": "wr_", "cell": "ob_", "method": "im_", "cfunction": "m_", "methoddef": "ml_", "function": "func_",
    "memberdescr": "d_", "gen": "gi_", "future": "fut_", "task": "task_", "loopholder": "rl_", "socket": "sock_",
}
MEMBERS = {
    "runtime.interpreters_head": ["interpreters.head"],
    "runtime.finalizing": ["_finalizing", "finalizing"],
    "runtime.gil": ["ceval.gil"],
    "runtime.tstate_current": ["gilstate.tstate_current"],
    "runtime.gc_collecting": ["gc.collecting"],
    "interp.threads_head": ["threads.head", "tstate_head"],
    "interp.modules": ["imports.modules", "modules"],
    "interp.gil": ["ceval.gil"],
    "interp.gc_collecting": ["gc.collecting"],
    "thread.status": ["_status"],
    "thread.initialized": ["_initialized"],
    "iframe.executable": ["f_executable", "f_code"],
    "iframe.instruction": ["instr_ptr", "prev_instr"],
    "object.refcnt": ["ob_refcnt"],
    "object.type": ["ob_type"],
    "code.linetable": ["co_linetable", "co_lnotab"],
    "code.bytecode": ["co_code"],
    "code.size": ["ob_base.ob_size"],
    "code.adaptive": ["co_code_adaptive"],
    "code.firsttraceable": ["_co_firsttraceable"],
    "unicode.length": ["PyASCIIObject::length"],
    "unicode.state": ["PyASCIIObject::state"],
    "unicode.ascii_data": ["PyASCIIObject::"],
    "unicode.compact_data": ["PyCompactUnicodeObject::"],
    "bytes.size": ["ob_base.ob_size"],
    "bytes.data": ["ob_sval"],
    "tuple.size": ["ob_base.ob_size"],
    "tuple.items": ["ob_item"],
    "list.size": ["ob_base.ob_size"],
    "list.items": ["ob_item"],
    "float.value": ["ob_fval"],
    "long.tag": ["long_value.lv_tag", "ob_base.ob_size"],
    "long.digits": ["long_value.ob_digit", "ob_digit"],
    "thread.running_loop": ["_PyThreadStateImpl::asyncio_running_loop"],
    "thread.running_task": ["_PyThreadStateImpl::asyncio_running_task"],
    "thread.tasks_head": ["_PyThreadStateImpl::asyncio_tasks_head"],
    "interp.tasks_head": ["asyncio_tasks_head"],
    "asyncio.other_tasks": ["non_asyncio_tasks"],
    "asyncio.other_eager_tasks": ["non_asyncio_eager_tasks"],
    "frame.state": ["f_state", "f_executing"],
    "deque.size": ["ob_base.ob_size"],
    "cfunction.ml": ["m_ml"],
    "gen.frame_state": ["gi_frame_state"],
    "partial.func": ["fn"],
    "future.source_traceback": ["fut_source_tb"],
}

# A field exists for our purpose only together with another one: names that CPython used for two things.
NEEDS = {
    "thread.cframe": "cframe.current_frame",  # 3.10 has a _PyCFrame without a frame in it
    "gen.frame": "thread.frame",
    "frame.*": "thread.frame",  # since 3.11 PyFrameObject is a husk made on demand
    "code.size": "code.adaptive",  # a code object has a variable size since 3.11
    "llist.*": "interp.tasks_head",  # a list without a head
}

# Where _Py_DebugOffsets publishes a field: group and member, alone, as a sum or as a difference.
PUBLISHED = {
    "runtime.interpreters_head": "runtime_state.interpreters_head",
    "runtime.finalizing": "runtime_state.finalizing",
    "interp.next": "interpreter_state.next",
    "interp.id": "interpreter_state.id",
    "interp.threads_head": "interpreter_state.threads_head",
    "interp.modules": "interpreter_state.imports_modules",
    "interp.sysdict": "interpreter_state.sysdict",
    "interp.gil": "interpreter_state.ceval_gil",
    "interp.gc_collecting": "interpreter_state.gc + gc.collecting",
    "gil.last_holder": "interpreter_state.gil_runtime_state_holder - interpreter_state.gil_runtime_state",
    "gil.locked": "interpreter_state.gil_runtime_state_locked - interpreter_state.gil_runtime_state",
    "thread.next": "thread_state.next",
    "thread.interp": "thread_state.interp",
    "thread.current_frame": "thread_state.current_frame",
    "thread.base_frame": "thread_state.base_frame",
    "thread.thread_id": "thread_state.thread_id",
    "thread.native_thread_id": "thread_state.native_thread_id",
    "thread.datastack_chunk": "thread_state.datastack_chunk",
    "thread.status": "thread_state.status",
    "thread.holds_gil": "thread_state.holds_gil",
    "thread.sizeof": "thread_state.size",
    "iframe.executable": "interpreter_frame.executable",
    "iframe.previous": "interpreter_frame.previous",
    "iframe.instruction": "interpreter_frame.instr_ptr",
    "iframe.owner": "interpreter_frame.owner",
    "iframe.tlbc_index": "interpreter_frame.tlbc_index",
    "iframe.stackpointer": "interpreter_frame.stackpointer",
    "iframe.localsplus": "interpreter_frame.localsplus",
    "object.type": "pyobject.ob_type",
    "object.sizeof": "pyobject.size",
    "code.firstlineno": "code_object.firstlineno",
    "code.filename": "code_object.filename",
    "code.name": "code_object.name",
    "code.qualname": "code_object.qualname",
    "code.linetable": "code_object.linetable",
    "code.adaptive": "code_object.co_code_adaptive",
    "code.tlbc": "code_object.co_tlbc",
    "unicode.length": "unicode_object.length",
    "unicode.state": "unicode_object.state",
    "unicode.ascii_data": "unicode_object.asciiobject_size",
    "unicode.compact_data": "unicode_object.compactunicodeobject_size",
    "bytes.size": "bytes_object.ob_size",
    "bytes.data": "bytes_object.ob_sval",
    "tuple.size": "tuple_object.ob_size",
    "tuple.items": "tuple_object.ob_item",
    "set.used": "set_object.used",
    "set.mask": "set_object.mask",
    "set.table": "set_object.table",
    "gen.name": "gen_object.gi_name",
    "gen.frame_state": "gen_object.gi_frame_state",
    "gen.iframe": "gen_object.gi_iframe",
    "list.size": "list_object.ob_size",
    "list.items": "list_object.ob_item",
    "float.value": "float_object.ob_fval",
    "long.tag": "long_object.lv_tag",
    "long.digits": "long_object.ob_digit",
    "dict.keys": "dict_object.ma_keys",
    "dict.values": "dict_object.ma_values",
    "type.name": "type_object.tp_name",
    "type.flags": "type_object.tp_flags",
    "type.basicsize": "type_object.tp_basicsize",
    "type.dictoffset": "type_object.tp_dictoffset",
    "heaptype.cached_keys": "heap_type_object.ht_cached_keys",
}

# Where .AsyncioDebug publishes a field (3.14).
PUBLISHED_ASYNCIO = {
    "interp.tasks_head": "asyncio_interpreter_state.asyncio_tasks_head",
    "thread.running_loop": "asyncio_thread_state.asyncio_running_loop",
    "thread.running_task": "asyncio_thread_state.asyncio_running_task",
    "thread.tasks_head": "asyncio_thread_state.asyncio_tasks_head",
    "future.awaited_by": "asyncio_task_object.task_awaited_by",
    "future.is_task": "asyncio_task_object.task_is_task",
    "future.awaited_by_is_set": "asyncio_task_object.task_awaited_by_is_set",
    "task.coro": "asyncio_task_object.task_coro",
    "task.name": "asyncio_task_object.task_name",
    "task.node": "asyncio_task_object.task_node",
    "task.sizeof": "asyncio_task_object.size",
}


def bits(c_type, member, assignment):
    """A C expression: the bits of `member` that the assignment to a bit-field sets. (No macro: an error must be
    reported at the line of its use.)"""
    return ("__extension__ ({ %s t_; unsigned u_ = 0; memset(&t_, 0, sizeof t_); t_.%s; "
            "memcpy(&u_, &t_.%s, sizeof u_ < sizeof t_.%s ? sizeof u_ : sizeof t_.%s); u_; })"
            % (c_type, assignment, member, member, member))


# Facts that are no offsets: a C expression for each, absent where it does not compile. Bits are found by setting a
# bit-field and looking where it went.
FACTS = {
    "hexversion": "PY_VERSION_HEX",
    "runtime_size": "sizeof(_PyRuntimeState)",
    "published_size": "sizeof(struct _Py_DebugOffsets)",
    "published_size_old": "sizeof(_Py_DebugOffsets)",
    "flag_managed_dict": "Py_TPFLAGS_MANAGED_DICT",
    "flag_managed_weakref": "Py_TPFLAGS_MANAGED_WEAKREF",
    "flag_inline_values": "Py_TPFLAGS_INLINE_VALUES",
    "managed_dict_offset": "MANAGED_DICT_OFFSET",
    "values_header": "offsetof(struct _dictvalues, values)",
    "values_valid": "offsetof(struct _dictvalues, valid)",
    "frame_executable_is_pointer":
        "__builtin_types_compatible_p(__typeof__(((struct _PyInterpreterFrame *)0)->f_executable), PyObject *)",
    "gen_created": "FRAME_CREATED",
    "gen_suspended": "FRAME_SUSPENDED",
    "gen_awaiting": "FRAME_SUSPENDED_YIELD_FROM",
    "gen_executing": "FRAME_EXECUTING",
    "send_pops": "(&_PyOpcode_num_popped)(SEND, 0)",  # not implicitly declared where there is none (before 3.13)
    "tasks_all": "scl_tasks_all",
    "tasks_lists": "scl_tasks_lists",
    "status_initialized": bits("PyThreadState", "_status", "_status.initialized = 1"),
    "status_cleared": bits("PyThreadState", "_status", "_status.cleared = 1"),
    "status_finalized": bits("PyThreadState", "_status", "_status.finalized = 1"),
    "str_kind": bits("PyASCIIObject", "state", "state.kind = 7"),
    "str_compact": bits("PyASCIIObject", "state", "state.compact = 1"),
    "str_ascii": bits("PyASCIIObject", "state", "state.ascii = 1"),
}

PRELUDE = """
#define Py_BUILD_CORE 1
#define NEED_OPCODE_METADATA 1
#define PY_SSIZE_T_CLEAN 1
{includes}
#include <stdio.h>
#include <stddef.h>
#include <string.h>
{supplement}
#define SHOW(key, value) printf("%s %lld\\n", key, (long long)(value))
int main(void)
{{
"""
