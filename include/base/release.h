#ifndef EQMGR_BASE_RELEASE_H
#define EQMGR_BASE_RELEASE_H

/*
 * base/release: a release of Postfix as one number, so that releases can be compared. Patch levels
 * count, because some details of reading changed with one (ipc.md 3.2).
 */

#define RELEASE(major, minor, patch) (((major)*100 + (minor)) * 100 + (patch))
#define RELEASE_PART_MAX             99

#define RELEASE_MAJOR(release) ((release) / 10000)
#define RELEASE_MINOR(release) ((release) / 100 % 100)
#define RELEASE_PATCH(release) ((release) % 100)

/* Whether both are patch levels of the same minor release. */
#define RELEASE_SAME_MINOR(a, b) ((a) / 100 == (b) / 100)

#endif
