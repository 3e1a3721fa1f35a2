// The time of day jumps by up to two days, forwards and backwards, several times a second; what counts seconds since boot does not.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <sys/time.h>
#include <time.h>

typedef int (*clock_call)(clockid_t, struct timespec *);

static clock_call real_clock(void)
{
    return (clock_call)dlsym(RTLD_NEXT, "clock_gettime");
}

static int64_t jump(void)
{
    struct timespec now;
    real_clock()(CLOCK_MONOTONIC, &now);
    uint64_t slice = (uint64_t)now.tv_sec * 5 + (uint64_t)now.tv_nsec / 200000000;
    uint64_t mixed = (slice + 1) * 0x9e3779b97f4a7c15u;
    return (int64_t)((mixed >> 20) % (4 * 86400)) - 2 * 86400;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    int result = real_clock()(clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        time->tv_sec += jump();
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    int result = clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return result;
}

time_t time(time_t *to)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (to)
        *to = now.tv_sec;
    return now.tv_sec;
}
