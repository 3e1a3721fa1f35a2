// A quota that is used up once QUOTA_BYTES were written; nothing is reserved beforehand, as over NFS.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_llong written;

static int is_used_up(int fd, size_t count)
{
    const char *text = getenv("QUOTA_BYTES");
    struct stat file;
    if (!text || fstat(fd, &file) != 0 || !S_ISREG(file.st_mode))
        return 0;
    return atomic_fetch_add(&written, (long long)count) + (long long)count > atoll(text);
}

#define PWRITE(name)                                                    \
    ssize_t name(int fd, const void *bytes, size_t count, off_t offset) \
    {                                                                   \
        ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, #name); \
        if (!is_used_up(fd, count))                                     \
            return real(fd, bytes, count, offset);                      \
        errno = EDQUOT;                                                 \
        return -1;                                                      \
    }

PWRITE(pwrite)
PWRITE(pwrite64)

#define FALLOCATE(name)                                       \
    int name(int fd, int mode, off_t offset, off_t length)    \
    {                                                         \
        (void)fd, (void)mode, (void)offset, (void)length;     \
        errno = EOPNOTSUPP;                                   \
        return -1;                                            \
    }

FALLOCATE(fallocate)
FALLOCATE(fallocate64)
