// A network filesystem that answers late. Every process takes the volume for NFS. With LATE_ANSWERS=rename, every third rename reports a failure after it was
// done, as a retransmitted request may; with LATE_ANSWERS=absence, no blob is seen before this process itself has made a name beside it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define NFS 0x6969
#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int renames;
static int has_asked;

static int does(const char *what)
{
    const char *text = getenv("LATE_ANSWERS");
    return text && strcmp(text, what) == 0;
}

static int is_unseen(const char *path)
{
    return does("absence") && !__atomic_load_n(&has_asked, __ATOMIC_SEQ_CST) && strstr(path, "/blobs/");
}

int statfs(const char *path, struct statfs *into)
{
    REAL(statfs);
    int result = real(path, into);
    into->f_type = NFS;
    return result;
}

int rename(const char *from, const char *to)
{
    REAL(rename);
    int result = real(from, to);
    if (strstr(to, "/blobs/"))
        __atomic_store_n(&has_asked, 1, __ATOMIC_SEQ_CST);
    if (result != 0 || !does("rename") || __atomic_add_fetch(&renames, 1, __ATOMIC_SEQ_CST) % 3 != 0)
        return result;
    errno = ENOENT;
    return -1;
}

#define STAT(name, type)                       \
    int name(const char *path, type *into)     \
    {                                          \
        REAL(name);                            \
        if (!is_unseen(path))                  \
            return real(path, into);           \
        errno = ENOENT;                        \
        return -1;                             \
    }

STAT(stat, struct stat)
STAT(lstat, struct stat)
STAT(stat64, struct stat64)
STAT(lstat64, struct stat64)

// What stat was called before glibc 2.33, and still is by programs linked against one as old.
#define XSTAT(name)                                                                      \
    int name(int version, const char *path, struct stat64 *into)                         \
    {                                                                                    \
        int (*real)(int, const char *, struct stat64 *) = dlsym(RTLD_NEXT, #name);       \
        if (!is_unseen(path))                                                            \
            return real(version, path, into);                                            \
        errno = ENOENT;                                                                  \
        return -1;                                                                       \
    }

XSTAT(__xstat64)
XSTAT(__lxstat64)

int statx(int folder, const char *restrict path, int flags, unsigned mask, struct statx *restrict into)
{
    REAL(statx);
    if (!is_unseen(path))
        return real(folder, path, flags, mask, into);
    errno = ENOENT;
    return -1;
}

#define OPEN(name)                                                         \
    int name(const char *path, int flags, ...)                             \
    {                                                                      \
        REAL(name);                                                        \
        va_list rest;                                                      \
        va_start(rest, flags);                                             \
        mode_t mode = va_arg(rest, mode_t);                                \
        va_end(rest);                                                      \
        if ((flags & O_CREAT) && strstr(path, "/blobs/"))                  \
            __atomic_store_n(&has_asked, 1, __ATOMIC_SEQ_CST);             \
        return real(path, flags, mode);                                    \
    }

OPEN(open)
OPEN(open64)
