/* Loaded before libc (LD_PRELOAD): a disk that forgets what was not synced, and that fails or ends the process at a
 * chosen call. Everything below concerns files under one folder only, and nothing happens before crash_begin().
 *
 * The durable image, in a folder of its own:
 *   files/INODE  the content of a file as it was when it was last synced
 *   names/INODE  the entries of a folder as they were when it was last synced, each "INODE TYPE NAME\n"
 *   keep/INODE   another name of each file that was synced, so that no other file gets its inode
 *
 * Calls that change the disk are counted: write, fsync, rename, unlink, mkdir, truncation, and opening a new file.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char root[PATH_MAX], image[PATH_MAX];
static atomic_long count, at;         /* calls so far; the call at which something happens, 0 for never */
static atomic_int what;               /* 0: the process ends; else the errno of that call */
static atomic_int lasting;            /* whether all later calls fail, too */
static pthread_mutex_t syncing = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* `folder` is watched from now on; `durable` is empty for no image; call number `n` (0: none) fails or ends the process. */
void crash_begin(const char *folder, const char *durable, long n, int error, int goes_on) {
    snprintf(root, sizeof root, "%s/", folder);
    snprintf(image, sizeof image, "%s", durable);
    at = 0;
    count = 0;
    what = error;
    lasting = goes_on;
    at = n;
}

/* Programs that are started by the watched one are told by their environment. */
__attribute__((constructor)) static void begin_as_told(void) {
    const char *folder = getenv("CRASH_ROOT"), *n = getenv("CRASH_AT"), *error = getenv("CRASH_ERROR");
    const char *durable = getenv("CRASH_IMAGE"), *goes_on = getenv("CRASH_LASTING");
    if (folder && n && error && durable && goes_on)
        crash_begin(folder, durable, atol(n), atoi(error), atoi(goes_on));
}

/* How many calls there were since crash_begin(). */
long crash_count(void) { return count; }

static int is_watched(const char *path) { return root[0] && strncmp(path, root, strlen(root)) == 0; }

static int path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

static int fd_is_watched(int fd) {
    char path[PATH_MAX];
    return root[0] && path_of(fd, path) && (is_watched(path) || strncmp(path, root, strlen(root) - 1) == 0);
}

static int name_is_watched(int folder, const char *name) {
    char path[PATH_MAX], whole[2 * PATH_MAX];
    if (!root[0]) return 0;
    if (name[0] == '/') return is_watched(name);
    if (folder == AT_FDCWD ? !getcwd(path, sizeof path) : !path_of(folder, path)) return 0;
    snprintf(whole, sizeof whole, "%s/%s", path, name);
    return is_watched(whole);
}

/* Count a call; returns whether it has to fail, with errno set. */
static int fails(void) {
    long n = ++count;
    if (!at || n < at || (n > at && !lasting)) return 0;
    if (!what) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
    errno = what;
    return 1;
}

/* --- the durable image --- */

static void put(const char *kind, ino_t inode, int (*fill)(int, int), int from) {
    char temporary[2 * PATH_MAX], name[2 * PATH_MAX];
    snprintf(temporary, sizeof temporary, "%s/tmp-%ld", image, (long)syscall(SYS_gettid));
    snprintf(name, sizeof name, "%s/%s/%lu", image, kind, (unsigned long)inode);
    int to = (int)syscall(SYS_openat, AT_FDCWD, temporary, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (to < 0 || !fill(from, to)) abort();
    syscall(SYS_close, to);
    if (syscall(SYS_rename, temporary, name)) abort();
}

static int copy_content(int from, int to) {
    char link[64], buffer[1 << 16];
    snprintf(link, sizeof link, "/proc/self/fd/%d", from); /* opened anew: `from` may be for writing only */
    int again = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDONLY, 0);
    long got;
    if (again < 0) return 0;
    while ((got = syscall(SYS_read, again, buffer, sizeof buffer)) > 0)
        if (syscall(SYS_write, to, buffer, got) != got) return 0;
    syscall(SYS_close, again);
    return got == 0;
}

static int list_names(int from, int to) {
    char path[PATH_MAX], line[PATH_MAX];
    struct dirent *entry;
    DIR *folder = path_of(from, path) ? opendir(path) : NULL;
    if (!folder) return 0;
    while ((entry = readdir(folder))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        int length = snprintf(line, sizeof line, "%lu %c %s\n", (unsigned long)entry->d_ino,
                              entry->d_type == DT_DIR ? 'd' : 'f', entry->d_name);
        if (syscall(SYS_write, to, line, length) != length) return 0;
    }
    closedir(folder);
    return 1;
}

static void keep_inode(int fd, ino_t inode) {
    char link[64], name[2 * PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    snprintf(name, sizeof name, "%s/keep/%lu", image, (unsigned long)inode);
    linkat(AT_FDCWD, link, AT_FDCWD, name, AT_SYMLINK_FOLLOW); /* it may be there, or the file be nameless by now */
}

static int synced(int fd) {
    struct stat status;
    if (fstat(fd, &status)) return -1;
    pthread_mutex_lock(&syncing);
    if (S_ISDIR(status.st_mode)) {
        put("names", status.st_ino, list_names, fd);
    } else {
        keep_inode(fd, status.st_ino);
        put("files", status.st_ino, copy_content, fd);
    }
    pthread_mutex_unlock(&syncing);
    return 0;
}

static int sync_call(int fd, int (*real)(int)) {
    if (!fd_is_watched(fd)) return real(fd);
    if (fails()) return -1;
    return image[0] ? synced(fd) : real(fd); /* with an image the true disk need not be waited for */
}

int fsync(int fd) { return sync_call(fd, REAL(fsync)); }
int fdatasync(int fd) { return sync_call(fd, REAL(fdatasync)); }

/* --- calls that are counted and may fail --- */

#define COUNTED_BY_FD(type, name, declared, given)            \
    type name declared {                                      \
        if (fd_is_watched(fd) && fails()) return -1;          \
        return REAL(name) given;                              \
    }
COUNTED_BY_FD(ssize_t, write, (int fd, const void *data, size_t n), (fd, data, n))
COUNTED_BY_FD(ssize_t, pwrite, (int fd, const void *data, size_t n, off_t place), (fd, data, n, place))
COUNTED_BY_FD(ssize_t, pwrite64, (int fd, const void *data, size_t n, off64_t place), (fd, data, n, place))
COUNTED_BY_FD(ssize_t, writev, (int fd, const struct iovec *parts, int n), (fd, parts, n))
COUNTED_BY_FD(int, ftruncate, (int fd, off_t size), (fd, size))
COUNTED_BY_FD(int, ftruncate64, (int fd, off64_t size), (fd, size))

#define COUNTED_BY_NAME(name, declared, given, folder, path)        \
    int name declared {                                             \
        if (name_is_watched(folder, path) && fails()) return -1;    \
        return REAL(name) given;                                    \
    }
COUNTED_BY_NAME(rename, (const char *from, const char *to), (from, to), AT_FDCWD, to)
COUNTED_BY_NAME(renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), b, to)
COUNTED_BY_NAME(unlink, (const char *path), (path), AT_FDCWD, path)
COUNTED_BY_NAME(unlinkat, (int folder, const char *path, int flags), (folder, path, flags), folder, path)
COUNTED_BY_NAME(mkdir, (const char *path, mode_t mode), (path, mode), AT_FDCWD, path)

/* The mode is there when the flags ask for a new file. */
#define OPENED(name, declared, given, folder)                                               \
    int name declared {                                                                     \
        va_list more;                                                                       \
        va_start(more, flags);                                                              \
        mode_t mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(more, mode_t) : 0; \
        va_end(more);                                                                       \
        if (flags & O_CREAT && name_is_watched(folder, path) && faccessat(folder, path, F_OK, 0) && fails()) return -1; \
        return REAL(name) given;                                                            \
    }
OPENED(open, (const char *path, int flags, ...), (path, flags, mode), AT_FDCWD)
OPENED(open64, (const char *path, int flags, ...), (path, flags, mode), AT_FDCWD)
OPENED(openat, (int folder, const char *path, int flags, ...), (folder, path, flags, mode), folder)
OPENED(openat64, (int folder, const char *path, int flags, ...), (folder, path, flags, mode), folder)
