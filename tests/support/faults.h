#ifndef EQMGR_TESTS_SUPPORT_FAULTS_H
#define EQMGR_TESTS_SUPPORT_FAULTS_H

/*
 * tests/support/faults: a file system that fails when it is told to. Calls of the C library are
 * defined anew there, which the program and all it links then use. Each does what it should unless
 * there is a fault for it; the program under test knows nothing of this.
 *
 *   faults_add("rename", "active/A1", EIO, 1);
 *
 * lets the next rename() that concerns a path with this part in it fail with EIO; FAULT_LASTS: all
 * of them until faults_clear(). Calls about descriptors concern the path of the open file. A file
 * system may fail one call and not the next, so calls fail one by one, not as a broken disk would.
 *
 * Only programs called check_<layer>_faults are linked with it: any other would get these calls,
 * too.
 */

#define FAULT_LASTS (-1)
#define FAULTS_MAX  8 /* at a time */

/*
 * `call`: access to the file system by rename, unlink, truncate, mkdir, open, close, flock, fchmod,
 * utimensat, pread, pwrite, read, write, opendir, readdir, stat, lstat, fstat; to sockets by
 * accept4 and connect; and epoll_ctl, whose path is "add", "change" or "remove".
 */
void faults_add(const char *call, const char *part, int error, int count);
void faults_clear(void);

/* The call of a fault that nothing met, or NULL: a test that provokes nothing proves nothing. */
const char *faults_unmet(void);

#endif
