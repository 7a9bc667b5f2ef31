#ifndef EQMGR_IPC_TRACE_H
#define EQMGR_IPC_TRACE_H

/*
 * ipc/trace: what the conversations with other programs do, for option -v. This layer logs nothing
 * itself: it hands each change of state to whoever asked for it. Without one, a change costs a
 * test.
 */

/*
 * The conversation with the server at `path` was `from` and is `to` (words such as "asking"). `why`
 * says what went wrong, or is NULL. All are borrowed until the call returns.
 */
typedef void IpcTraceFn(const char *path, const char *from, const char *to, const char *why);

/* From now on, for all conversations of the process; NULL: no more. */
void ipc_trace_to(IpcTraceFn *trace);

#endif
