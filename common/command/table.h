/* table.h - the entries of the command table, each at home in the file of its command. */
#ifndef SCL_COMMAND_TABLE_H
#define SCL_COMMAND_TABLE_H

#include "command/command.h"

extern const struct scl_command scl_cmd_info, scl_cmd_threads, scl_cmd_bt, scl_cmd_tasks, scl_cmd_task,
	scl_cmd_await_report, scl_cmd_diagnose, scl_cmd_sample, scl_cmd_report, scl_cmd_dump, scl_cmd_profiler_state,
	scl_cmd_settings, scl_cmd_help, scl_cmd_version, scl_cmd_post_mortem;

#endif
