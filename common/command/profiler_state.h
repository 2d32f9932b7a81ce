/*
 * profiler_state.h - Scalene's own state in a process that runs under it: options, async tracking, collections and caps.
 *
 * Nothing of it is an interface of Scalene: profiler_state.def names what its versions keep, and what one has not is
 * said to be absent. A process that runs on while it is read is asked again where something has moved.
 */
#ifndef SCL_COMMAND_PROFILER_STATE_H
#define SCL_COMMAND_PROFILER_STATE_H

#include "command/command.h"
#include "python/sized.h"

/* Where a name is looked for. */
enum scl_prof_owner {
	SCL_PROF_NOBODY,
	SCL_PROF_VERSION,  /* module scalene.scalene_config; scalene.scalene_version before 1.5.17 */
	SCL_PROF_PROFILER, /* class scalene.scalene_profiler.Scalene */
	SCL_PROF_ARGS,	   /* Scalene.__args */
	SCL_PROF_STATS,	   /* Scalene.__stats */
	SCL_PROF_CPU,	   /* what STATS has under cpu_stats; STATS itself in old versions; so are the next three */
	SCL_PROF_MEMORY,
	SCL_PROF_GPU,
	SCL_PROF_ASYNC,
	SCL_PROF_TRACKER, /* class scalene.scalene_async.ScaleneAsync */
	SCL_PROF_UTILITY, /* module scalene.scalene_utility */
	SCL_PROF_NOWNERS
};

enum scl_prof_found {
	SCL_PROF_ABSENT, /* this version has none */
	SCL_PROF_READ,
	SCL_PROF_MOVED, /* it changed in every try: the last one's values */
	SCL_PROF_UNREADABLE,
};

/* The growths of profiler_state.def, and that of a collection which is not in it. */
enum scl_prof_growth {
	SCL_PROF_CAPPED,
	SCL_PROF_EACH,
	SCL_PROF_SOURCE,
	SCL_PROF_PASSING,
	SCL_PROF_RUN,
	SCL_PROF_UNKNOWN
};

struct scl_prof_collection {
	enum scl_prof_owner owner;
	const char *name; /* as Scalene has it; of the target where growth is UNKNOWN: not escaped */
	const char *what; /* NULL where not known */
	enum scl_prof_growth growth;
	enum scl_prof_found found;
	const char *why; /* UNREADABLE: not escaped */
	uint64_t size;	 /* members */
	bool nested;	 /* its members are collections of their own: files, then lines */
	uint64_t inside; /* members of those */
	bool leaves;	 /* and those hold collections or reservoirs, the largest of which has `largest` members */
	uint64_t largest;
	const char *largest_at; /* "app.py:12", not escaped; NULL */
	bool capped;
	uint64_t cap;	      /* of the whole, or of each leaf */
	const char *cap_from; /* the name that it was read from; NULL: it stands in Scalene's source */
	bool partial;	      /* more members than are looked at */
};

enum scl_prof_group { SCL_PROF_GROUP_VERSION, SCL_PROF_GROUP_OPTION, SCL_PROF_GROUP_STATE };

struct scl_prof_fact {
	enum scl_prof_group group;
	enum scl_prof_owner owner;
	const char *name;
	enum scl_prof_found found;
	struct scl_scalar value;
	const char *text; /* of a str, not escaped */
};

/* Whether Scalene would now look for suspended tasks: ScaleneAsync.is_in_event_loop on the main thread's stack. */
struct scl_prof_gate {
	bool known, open;
	unsigned depth;		 /* frames from the innermost one */
	const char *file, *name; /* of the frame that opens it; not escaped */
};

struct scl_prof_state {
	struct scl_session *session;
	struct scl_types *types;
	scl_addr modules, owners[SCL_PROF_NOWNERS]; /* 0: absent */
	struct scl_prof_fact *facts;
	struct scl_prof_collection *collections;
	size_t nfacts, ncollections;
	struct scl_prof_gate gate;
	bool tasks_known;
	uint64_t tasks, suspended; /* not done; of them, suspended at an await */
	const char **warnings;	   /* safe text */
	size_t nwarnings;
};

/* SCL_ENOTFOUND, with what was looked for, where the process does not run under Scalene. All but the types is in the
 * session's arena. */
SCL_CHECKED bool scl_prof_state_take(struct scl_session *session, struct scl_prof_state *state, struct scl_error *err);
/* A zeroed one is valid. */
void scl_prof_state_close(struct scl_prof_state *state);

/* The fact of a name; one that is absent for a name that profiler_state.def has not. */
const struct scl_prof_fact *scl_prof_fact_get(const struct scl_prof_state *state, const char *name);
/* The number of it, a bool's too; `otherwise` where it has none. */
double scl_prof_fact_number(const struct scl_prof_state *state, const char *name, double otherwise);
/* "cpu_stats.cpu_samples", "Scalene.__args": as a reader of Scalene's source would call it. Not escaped. */
void scl_prof_put_name(enum scl_prof_owner owner, const char *name, struct scl_buffer *out);
/* True where it has reached its cap; a leaf of it, where the cap is each leaf's. */
bool scl_prof_is_full(const struct scl_prof_collection *collection);
/* What is measured against the cap. */
uint64_t scl_prof_fill(const struct scl_prof_collection *collection);
const char *scl_prof_growth_name(enum scl_prof_growth growth);

/* -- steps of scl_prof_state_take ----------------------------------------------------------------------------------- */

/* Find the owners. */
SCL_CHECKED bool scl_prof_find(struct scl_prof_state *state, struct scl_error *err);
/* What an owner has under a name, a literal. */
enum scl_prof_found scl_prof_get(struct scl_prof_state *state, enum scl_prof_owner owner, const char *name,
				 scl_addr *value, struct scl_error *err);
SCL_CHECKED bool scl_prof_read_facts(struct scl_prof_state *state, struct scl_error *err);
SCL_CHECKED bool scl_prof_read_collections(struct scl_prof_state *state, struct scl_error *err);
/* Measure one: everything but its cap where that is no leaf's. */
void scl_prof_measure(struct scl_prof_state *state, scl_addr object, struct scl_prof_collection *collection);
SCL_CHECKED bool scl_prof_read_async(struct scl_prof_state *state, struct scl_error *err);
SCL_CHECKED bool scl_prof_warn(struct scl_prof_state *state, struct scl_error *err);

struct cJSON;
/* The document of --json. */
struct cJSON *scl_prof_json(const struct scl_prof_state *state);

#endif
