#ifndef EQMGR_CODEC_CONTROL_H
#define EQMGR_CODEC_CONTROL_H

/*
 * codec/control: what the control socket speaks (operations.md 2), for the daemon and its clients.
 *
 * Both ways go attribute lists (codec/attr), attributes in any order. A request is one list:
 *
 *   verb=...   and the verb's arguments; level=summary|view|control asks for less than one may
 *
 * of at most CONTROL_REQUEST_MAX_BYTES. The answer is a series of lists, one a row, the kind of
 * each in its first attribute, CONTROL_ROW:
 *
 *   header   format, verb, host, queue, time, version, release, pid     always first
 *   data     what the verb's table in control(…) says                   any number
 *   end      rows, matched, truncated (0 or 1), cursor                  last, if all went well
 *   error    code (below), text                                         last, otherwise
 *
 * Without an end row or an error row an answer is incomplete. After it, the client may send the
 * next request. Attributes are only ever added; receivers ignore those they do not know. Numbers
 * are decimal, times seconds of the epoch, durations milliseconds where the name says so; lists are
 * words separated by commas; an attribute without a value is left out.
 */

#define CONTROL_SOCKET            "public/eqmgr"
#define CONTROL_FORMAT            1
#define CONTROL_REQUEST_MAX_BYTES 4096

#define CONTROL_VERB  "verb"
#define CONTROL_LEVEL "level"
#define CONTROL_ROW   "row"

#define CONTROL_ROW_HEADER "header"
#define CONTROL_ROW_DATA   "data"
#define CONTROL_ROW_END    "end"
#define CONTROL_ROW_ERROR  "error"

/* Codes of error rows. */
#define CONTROL_ERROR_USAGE     "usage"     /* no such verb, a bad argument */
#define CONTROL_ERROR_NOT_FOUND "not-found" /* what was asked for is not there */
#define CONTROL_ERROR_DENIED    "denied"    /* above the client's level */
#define CONTROL_ERROR_BUSY      "busy"      /* too many clients; try again */
#define CONTROL_ERROR_FAILED    "failed"    /* it could not be done; nothing has changed */
#define CONTROL_ERROR_MALFORMED "malformed" /* not a request */

#endif
