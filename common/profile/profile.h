/*
 * profile.h - what many samples become: interned tables of bounded size, and nothing per sample.
 *
 * Strings, frames (function + line), stacks (a prefix tree of frames: a stack is one integer), lines,
 * functions, threads and timeline runs. What a bound drops is counted. Writers read these tables
 * only; they never see a target or a Python object.
 */
#ifndef SCL_PROFILE_PROFILE_H
#define SCL_PROFILE_PROFILE_H

#include "base/error.h"
#include "base/intern.h"
#include "base/map.h"
#include "base/stats.h"
#include "profile/activity.h"

enum {
	SCL_PROFILE_STRINGS_MAX = 262144,
	SCL_PROFILE_FRAMES_MAX = 262144,
	SCL_PROFILE_NODES_MAX = 262144, /* nodes of the stack tree */
	SCL_PROFILE_STACKS_MAX = 10000, /* distinct stacks, as in Scalene */
	SCL_PROFILE_PARTS_MAX = 65536,	/* stacks of a thread doing something */
	SCL_PROFILE_RUNS_MAX = 5000,	/* timeline runs; keeps Scalene's browser view responsive */
	SCL_PROFILE_LINES_MAX = 131072,
	SCL_PROFILE_FUNCTIONS_MAX = 65536,
	SCL_PROFILE_THREADS_MAX = 4096,
	SCL_PROFILE_TASK_NAMES = 65536,	  /* distinct names of tasks */
	SCL_PROFILE_NAMES_PER_LINE = 100, /* as in Scalene; of a function, too */
	SCL_PROFILE_TASK_LABELS = 2000,	  /* "[await] function (task)" frames: one for each task that ever was */
	SCL_PROFILE_TASK_RUNS = 50,	  /* of suspended tasks of one thread at one instant of the timeline */
	SCL_PROFILE_PLACES_MAX = 65536,	  /* tasks whose place in the tables is remembered */
	SCL_PROFILE_TIMES_PER_LINE = 500, /* cpu_samples_list, a reservoir */
	SCL_PROFILE_FILES_MAX = 4096,	  /* source files that are kept */
	SCL_PROFILE_SOURCE_MAX = 8 * 1024 * 1024,    /* bytes of one source file */
	SCL_PROFILE_SOURCES_MAX = 128 * 1024 * 1024, /* bytes of all of them */
	SCL_NO_STACK = -1,
};

/* A frame as a profile knows it. Function: qualified name. Line 0: not known. */
struct scl_profile_frame {
	uint32_t file, function; /* string ids */
	int32_t line, firstlineno;
	bool user;     /* the user-frame filter says yes */
	bool native;   /* `function` is a C symbol or the name of an activity, `file` a module or "" */
	uint32_t task; /* id in task_names: the innermost frame of this task's await chain; 0: of no task by name */
};

/* A node of the stack tree: a frame below its parent. Node 0 is the root and has no frame. */
struct scl_profile_node {
	uint32_t parent, frame;
};

/*
 * Weights of a line or of a function, in nanoseconds of wall clock of the threads that were there.
 *
 * The weight of a sample is the time since its thread was last sampled, so the weights of a thread add up to the time
 * it was watched. A thread that is blocked, idle, stopped or waiting for the GIL gives its whole weight to system. A
 * thread that runs gives it to Python or to native code by its current instruction, less what it spent in the
 * kernel: its stime (proc_pid_stat(5)) advances in ticks of 10 ms, much coarser than a sample, so what it advanced
 * is put on an account of the thread and paid out by the following samples in which the thread runs, each at most
 * its weight. Native code pays first, as it makes the system calls; bytecode by itself enters the kernel for page
 * faults only, so it pays what exceeds 50 ms. Over the run, then, system time is exact in sum to within 50 ms a
 * thread, and lies on the lines that ran while it grew. A thread that could run but has no CPU counts as running,
 * which shows in the utilization: user time is paid out in the same way. (Scalene takes random
 * interval lengths for weights and multiplies by a utilization measured over one interval instead; the sums mean
 * the same, without its noise.)
 */
struct scl_profile_cost {
	uint64_t samples;
	double python_ns, native_ns;  /* on CPU by what was executed; in the kernel excluded */
	double system_ns;	      /* not on user CPU: in the kernel, blocked, idle, waiting for the GIL */
	struct scl_stats utilization; /* share of one CPU in user mode while the samples were there, 0..1 */
};

/*
 * What suspended tasks wait at a line or in a function. A sample of a thread whose loop is idle has a weight, its wall
 * time, and n suspended tasks, all of the loop; each of them gives one n-th of the weight to the line that it is
 * credited to. So a lone waiter weighs more than one of many, and shares answer who was waited for.
 */
struct scl_profile_await {
	double ns;
	struct scl_stats concurrency; /* tasks waiting just here, in the samples in which any did */
	uint32_t *names;	      /* ids in task_names, in the order in which they were met */
	uint32_t nnames;
	bool coroutine; /* it is, or lies in, a coroutine; known also of one that never waited */
	uint32_t now;	/* tasks here in the sample `round`, see await.c */
	uint64_t round;
};

/* Which frame of its await chain a suspended task is credited to. */
enum scl_await_credit {
	SCL_CREDIT_INNER, /* the innermost one of the user */
	SCL_CREDIT_OUTER, /* the outermost of all, as Scalene does; nobody's unless it is the user's */
	SCL_CREDIT_LEAF,  /* the innermost of all, likewise */
};

struct scl_profile_line {
	uint32_t file;
	int32_t line;
	struct scl_profile_cost cost;
	struct scl_profile_await await;
	double *times; /* at most SCL_PROFILE_TIMES_PER_LINE: seconds of CLOCK_MONOTONIC, main thread only */
	uint32_t ntimes;
	uint64_t times_seen;
};

struct scl_profile_function {
	uint32_t file, name;
	int32_t firstlineno;
	struct scl_profile_cost cost;
	struct scl_profile_await await;
};

/* Of a thread, or of a suspended task: its frames are those of its await chain, the last one "[await] function (task)". */
struct scl_profile_stack {
	uint32_t node; /* innermost frame of the stack */
	uint64_t hits;
	uint64_t awaits; /* tasks that were suspended there, each in each sample */
	uint64_t round;	 /* of the instant at hand, see await.c: */
	size_t run;	 /* its run in there */
	double python_ns, native_ns, system_ns;
};

/*
 * A thread's part in a stack while it did one thing there; for suspended tasks of its loop, their await chain, the
 * activity is SCL_ACTIVITY_LOOP_IDLE and `awaits` counts. A stack's parts add up to it.
 */
struct scl_profile_part {
	uint32_t thread, stack; /* indices */
	enum scl_activity activity;
	uint64_t hits, awaits;
	double cpu_ns;	/* Python and native */
	double wait_ns; /* not on user CPU: blocked, idle, in the kernel, waiting for the GIL; of tasks, await time */
};

/*
 * The timeline: at each instant at which some thread's stack changed, a run for *every* thread that was there, all
 * with the same t_sec, because a reader takes a run to last until the next distinct t_sec. When the table is
 * full, the instants become sparser over the whole time, never missing at its end.
 */
struct scl_profile_run {
	double t_sec;		/* since the first run */
	uint32_t stack;		/* index into stacks */
	uint64_t count, thread; /* thread: ident */
};

struct scl_profile_thread {
	uint64_t ident, lwp;
	uint32_t name;
	bool main;
	uint64_t samples;
	uint64_t activity[SCL_NACTIVITIES]; /* samples */
	double activity_ns[SCL_NACTIVITIES];
	uint64_t without_user_frame[SCL_NACTIVITIES];
	double user_account_ns, system_account_ns; /* CPU time used and not yet paid out to samples */
};

/* Where a suspended task goes in the tables; UINT32_MAX: nowhere. */
struct scl_profile_place {
	uint32_t line, function, stack;
};

/*
 * Whether and how idle loops were seen. Await time needs three things, each of which can fail: the raw frames of a
 * thread say that its loop is idle, tasks are found, and their frames can be read.
 */
struct scl_profile_waiting {
	enum scl_await_credit credit;
	bool asyncio;		/* the process has imported it */
	uint64_t idle;		/* samples of threads whose loop was idle; these are of them: */
	uint64_t with_tasks;	/* at least one suspended task was found */
	uint64_t moved;		/* the loop went on while the tasks were read: some of them do not count */
	uint64_t failed;	/* asyncio could not be read */
	uint64_t tasks;		/* suspended tasks, each in each sample */
	uint64_t unreadable;	/* tasks that could not be read, or not to their end */
	uint64_t frameless;	/* suspended tasks without a frame that we can read (foreign coroutines) */
	uint64_t cut;		/* tasks that were too many */
	double idle_ns;		/* weight of `idle`; the rest adds up to it: */
	double credited_ns;	/* to lines */
	double library_ns;	/* no frame of the user's in the chain, or not the one that is credited */
	double dropped_ns;	/* the table of lines was full */
	double no_task_ns;	/* there was none */
	double not_read_ns;	/* failed, and of moved the tasks of which it is not known where they were */
	struct scl_stats n;	/* tasks in a sample that had any */
	double share_ns;	/* weight of each task of the sample at hand */
	uint64_t runs_left_out; /* tasks that an instant of the timeline had no run for, at most */
	uint64_t left_out;	/* the same of the sample at hand */
	char why[160];		/* the first thing that went wrong; "" */
};

/* Source text of a file, for the writers: lines with their newlines. Not there: nlines is 0. */
struct scl_profile_source {
	uint32_t file;
	uint32_t nlines;
	const char **lines;
	char *text;
};

/* How the sampling itself went. */
struct scl_profile_summary {
	uint64_t asked, taken;	/* samples of the process */
	uint64_t torn, retried; /* thread stacks; of a torn one the outer part counts (sample.h) */
	uint64_t lost;		/* samples that could not be read at all */
	uint64_t late;		/* deadlines missed */
	uint64_t broken;	/* stacks that ended early, without any frame too, but were kept */
	uint64_t started_realtime_ns, started_monotonic_ns, elapsed_ns;
	uint64_t stopped_ns;	     /* time the target was held for us; 0 in live mode */
	struct scl_histogram pauses; /* ns per stop, stop mode only */
	uint64_t reads, read_bytes;  /* of the back end, while sampling */
	uint64_t interval_ns;	     /* asked for; 0: as fast as possible */
	const char *mode;	     /* "live", "stop", "snapshot" */
	bool stood;		     /* a snapshot of a target that stood still */
	char ended[SCL_ERROR_TEXT];  /* why it ended early; "" when it did not */
	char loss[SCL_ERROR_TEXT];   /* why the first of the lost samples was lost */
};

struct scl_profile {
	struct scl_intern *strings, *task_names;
	struct scl_profile_frame *frames;
	size_t nframes, frames_cap;
	struct scl_profile_node *nodes;
	size_t nnodes, nodes_cap;
	struct scl_profile_line *lines;
	size_t nlines, lines_cap;
	struct scl_profile_function *functions;
	size_t nfunctions, functions_cap;
	struct scl_profile_stack *stacks;
	size_t nstacks, stacks_cap;
	struct scl_profile_part *parts;
	size_t nparts, parts_cap;
	struct scl_profile_run *runs;
	size_t nruns, runs_cap;
	struct scl_profile_thread *threads;
	size_t nthreads, threads_cap;
	struct scl_profile_source *sources;
	size_t nsources, sources_cap;
	struct scl_map frame_ids, node_ids, line_ids, function_ids, stack_ids, part_ids, thread_ids, code_ids;
	/* Samples that a full table could not take (they still count in total_ns and its companions); dropped_frames
	 * and dropped_nodes count the frames that were new then, dropped_runs what is missing in the timeline. */
	uint64_t dropped_frames, dropped_nodes, dropped_stacks, dropped_parts, dropped_runs, dropped_lines,
		dropped_functions, dropped_threads, dropped_sources;
	/* Names that a line or function had no room for (one that comes again after long counts again), and stacks of
	 * tasks that are called by their function only. */
	uint64_t dropped_task_names, dropped_task_labels;
	double total_ns;	      /* weight of all samples with a user frame */
	double without_user_frame_ns; /* weight of the others */
	uint64_t samples_with_user_frame, samples_without_user_frame;
	uint64_t main_ident;
	unsigned ncpu; /* CPUs the target may run on */
	int pid;
	char python[32];			     /* "3.12.1" */
	uint32_t program, directory, entrypoint_dir; /* string ids */
	uint32_t *args;
	size_t nargs; /* argv after the interpreter and its options */
	struct scl_profile_waiting waiting;
	struct scl_profile_summary summary;
	uint64_t random; /* state of the reservoirs' generator */
	/* For scl_profile_add only: */
	bool failed;			 /* memory ran out */
	uint32_t *scratch;		 /* frames of the stack at hand */
	size_t scratch_cap;		 /* in frames */
	struct scl_profile_run *instant; /* runs of the sample at hand */
	size_t instant_cap;
	struct scl_profile_place *places; /* of tasks by their serial number */
	size_t nplaces, places_cap;
	struct scl_map place_ids;
	uint32_t *met_lines, *met_functions; /* where tasks wait in the sample of a thread at hand */
	size_t nmet_lines, nmet_functions, met_lines_cap, met_functions_cap;
	uint64_t round; /* counts samples of idle threads */
	unsigned task_labels;
	size_t last_instant;	     /* first run of the last instant */
	uint64_t timeline_ns;	     /* CLOCK_MONOTONIC of the first run */
	uint64_t timeline_gap_ns;    /* between the moments that the timeline shows; grows when the table fills */
	uint64_t timeline_moment_ns; /* the next of them, since the first run */
};

/* NULL when memory ran out. */
struct scl_profile *scl_profile_create(void);
void scl_profile_destroy(struct scl_profile *profile);
/* The source of a file; NULL when it could not be read. */
const struct scl_profile_source *scl_profile_source(const struct scl_profile *profile, uint32_t file);
const char *scl_profile_str(const struct scl_profile *profile, uint32_t id);
/* A one-line (and where something was lost a second and third line) account of how the sampling went. */
struct scl_buffer;
void scl_profile_summarize(const struct scl_profile *profile, struct scl_buffer *out);

#endif
