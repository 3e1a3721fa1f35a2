// Every fsync and every creation of a name takes SLOW_MICROSECONDS longer, as on a network filesystem.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static void delay(void)
{
    const char *text = getenv("SLOW_MICROSECONDS");
    if (text)
        usleep((useconds_t)atoi(text));
}

int fsync(int fd) { REAL(fsync); delay(); return real(fd); }
int fdatasync(int fd) { REAL(fdatasync); delay(); return real(fd); }
int syncfs(int fd) { REAL(syncfs); delay(); return real(fd); }
int mkdir(const char *path, mode_t mode) { REAL(mkdir); delay(); return real(path, mode); }
int symlink(const char *target, const char *path) { REAL(symlink); delay(); return real(target, path); }
int link(const char *from, const char *to) { REAL(link); delay(); return real(from, to); }

#define OPEN(name)                                   \
    int name(const char *path, int flags, ...)       \
    {                                                \
        REAL(name);                                  \
        va_list rest;                                \
        va_start(rest, flags);                       \
        mode_t mode = va_arg(rest, mode_t);          \
        va_end(rest);                                \
        if (flags & O_CREAT)                         \
            delay();                                 \
        return real(path, flags, mode);              \
    }

OPEN(open)
OPEN(open64)

#define OPENAT(name)                                       \
    int name(int folder, const char *path, int flags, ...) \
    {                                                      \
        REAL(name);                                        \
        va_list rest;                                      \
        va_start(rest, flags);                             \
        mode_t mode = va_arg(rest, mode_t);                \
        va_end(rest);                                      \
        if (flags & O_CREAT)                               \
            delay();                                       \
        return real(folder, path, flags, mode);            \
    }

OPENAT(openat)
OPENAT(openat64)
