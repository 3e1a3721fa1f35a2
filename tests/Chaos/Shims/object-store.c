// What an object store behind FUSE can't do: OBJECT_STORE names it, "rename" or "write".
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int lacks(const char *what)
{
    const char *text = getenv("OBJECT_STORE");
    return text && strcmp(text, what) == 0;
}

int rename(const char *from, const char *to)
{
    REAL(rename);
    if (!lacks("rename"))
        return real(from, to);
    errno = ENOSYS;
    return -1;
}

// Only at the end: what was written stays as it is.
static int is_behind(int fd, off_t offset)
{
    struct stat file;
    return fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && offset != file.st_size;
}

#define PWRITE(name)                                                     \
    ssize_t name(int fd, const void *bytes, size_t count, off_t offset)  \
    {                                                                    \
        ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, #name); \
        if (!lacks("write") || !is_behind(fd, offset))                   \
            return real(fd, bytes, count, offset);                       \
        errno = EINVAL;                                                  \
        return -1;                                                       \
    }

PWRITE(pwrite)
PWRITE(pwrite64)
