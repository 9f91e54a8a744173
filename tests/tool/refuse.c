/* To be loaded in front of the C library (LD_PRELOAD), for what the system refuses: REFUSE_THREAD=N the N-th thread,
 * REFUSE_PROC=1 all that lies in /proc, REFUSE_CLOSE=1 the last byte of standard output, as a file server does that writes late. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
	static int count;
	int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	const char *refused = getenv("REFUSE_THREAD");

	*(void **)&next = dlsym(RTLD_NEXT, "pthread_create");
	if (!refused || ++count != atoi(refused))
		return next(thread, attributes, run, argument);
	nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL); /* those before it are at work by then */
	return EAGAIN;
}

static int is_refused(const char *path)
{
	return getenv("REFUSE_PROC") && strncmp(path, "/proc/", 6) == 0;
}

int access(const char *path, int mode)
{
	int (*next)(const char *, int);

	*(void **)&next = dlsym(RTLD_NEXT, "access");
	errno = ENOENT;
	return is_refused(path) ? -1 : next(path, mode);
}

int linkat(int from, const char *path, int to, const char *name, int flags)
{
	int (*next)(int, const char *, int, const char *, int);

	*(void **)&next = dlsym(RTLD_NEXT, "linkat");
	errno = ENOENT;
	return is_refused(path) ? -1 : next(from, path, to, name, flags);
}

int close(int fd)
{
	int (*next)(int);
	const int refused = fd == STDOUT_FILENO && getenv("REFUSE_CLOSE");

	*(void **)&next = dlsym(RTLD_NEXT, "close");
	const int state = next(fd);
	errno = refused ? ENOSPC : errno;
	return refused ? -1 : state;
}

/* Is a folder flushed after a file got its name in it?  REFUSE_FSYNC=1: it cannot be. */
int fsync(int fd)
{
	struct stat about;
	int (*next)(int);

	*(void **)&next = dlsym(RTLD_NEXT, "fsync");
	if (!getenv("REFUSE_FSYNC") || fstat(fd, &about) || !S_ISDIR(about.st_mode))
		return next(fd);
	errno = EIO;
	return -1;
}
