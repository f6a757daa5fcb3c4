/*
 * Preloaded into the command: writes down every change it makes below POWER_HOME, in order, and every sync, and ends
 * the process with SIGKILL after change number POWER_CUT. What power loss would have left is worked out from the
 * record afterwards (disk-model.ts). Syncs are not passed on: only the record says what they kept.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 65536

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t inode_of[FDS];
static const char *home;
static size_t home_length;
static int record = -1;
static long cut, changes;

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("POWER_RECORD");
  const char *at = getenv("POWER_CUT");
  home = getenv("POWER_HOME");
  if (!path || !home) { home = NULL; return; }
  home_length = strlen(home);
  cut = at ? atol(at) : 0;
  record = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (record < 0) { perror("POWER_RECORD"); _exit(97); }
}

static int is_ours(const char *path) {
  return home && path && strncmp(path, home, home_length) == 0 && (path[home_length] == '/' || path[home_length] == 0);
}

/* Overlay file systems number folders and files apart. */
static uint64_t number_of(const struct stat *found) {
  return (uint64_t)found->st_ino | (S_ISDIR(found->st_mode) ? 1ULL << 63 : 0);
}

/* Node.js closes files without close(): a descriptor may be a socket by now. */
static uint64_t tracked(int fd) {
  struct stat found;
  if (!home || fd < 0 || fd >= FDS || inode_of[fd] == 0) return 0;
  if (fstat(fd, &found) != 0 || number_of(&found) != inode_of[fd]) inode_of[fd] = 0;
  return inode_of[fd];
}

/* The mutex is held. */
static void note(char kind, uint64_t inode, uint64_t offset, const char *path, const char *to, const void *data, uint32_t bytes) {
  struct __attribute__((packed)) { char kind; uint64_t inode, offset; uint32_t path, to, bytes; } head = {
      kind, inode, offset, path ? (uint32_t)strlen(path) : 0, to ? (uint32_t)strlen(to) : 0, bytes};
  struct iovec parts[4] = {{&head, sizeof head}, {(void *)path, head.path}, {(void *)to, head.to}, {(void *)data, bytes}};
  size_t whole = sizeof head + head.path + head.to + bytes;
  if (syscall(SYS_writev, record, parts, 4) != (long)whole) { perror("power record"); _exit(98); }
  if (++changes == cut) { syscall(SYS_kill, (long)getpid(), SIGKILL); for (;;) pause(); }
}

static int opened(const char *path, int flags, int fd, int was_there) {
  struct stat found;
  if (fd < 0 || fd >= FDS || fstat(fd, &found) != 0) return fd;
  inode_of[fd] = number_of(&found);
  if (!was_there) note('C', number_of(&found), 0, path, NULL, NULL, 0);
  else if ((flags & O_TRUNC) && S_ISREG(found.st_mode)) note('T', number_of(&found), 0, NULL, NULL, NULL, 0);
  return fd;
}

#define OPEN(name, signature, path, call)                                   \
  int name signature {                                                      \
    mode_t mode = 0;                                                        \
    if (flags & (O_CREAT | O_TMPFILE)) {                                    \
      va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); \
    }                                                                       \
    if (!is_ours(path)) return call;                                        \
    pthread_mutex_lock(&mutex);                                             \
    int was_there = faccessat(AT_FDCWD, path, F_OK, 0) == 0;                \
    int fd = call;                                                          \
    int error = errno;                                                      \
    opened(path, flags, fd, was_there);                                     \
    pthread_mutex_unlock(&mutex);                                           \
    errno = error;                                                          \
    return fd;                                                              \
  }
OPEN(open, (const char *path, int flags, ...), path, REAL(open)(path, flags, mode))
OPEN(open64, (const char *path, int flags, ...), path, REAL(open64)(path, flags, mode))
OPEN(openat, (int at, const char *path, int flags, ...), path, REAL(openat)(at, path, flags, mode))
OPEN(openat64, (int at, const char *path, int flags, ...), path, REAL(openat64)(at, path, flags, mode))

int close(int fd) {
  if (!tracked(fd)) return REAL(close)(fd);
  pthread_mutex_lock(&mutex);
  inode_of[fd] = 0;
  int result = REAL(close)(fd);
  int error = errno;
  pthread_mutex_unlock(&mutex);
  errno = error;
  return result;
}

/* Runs the real call with the mutex held, and notes what it did. */
#define CHANGE(condition, type, call, noting)  \
  if (!(condition)) return call;               \
  pthread_mutex_lock(&mutex);                  \
  type result = call;                          \
  int error = errno;                           \
  if (result >= 0) { noting; }                 \
  pthread_mutex_unlock(&mutex);                \
  errno = error;                               \
  return result;

ssize_t write(int fd, const void *data, size_t bytes) {
  CHANGE(tracked(fd), ssize_t, REAL(write)(fd, data, bytes),
         note('W', inode_of[fd], (uint64_t)lseek(fd, 0, SEEK_CUR) - (uint64_t)result, NULL, NULL, data, (uint32_t)result))
}
ssize_t pwrite(int fd, const void *data, size_t bytes, off_t at) {
  CHANGE(tracked(fd), ssize_t, REAL(pwrite)(fd, data, bytes, at), note('W', inode_of[fd], (uint64_t)at, NULL, NULL, data, (uint32_t)result))
}
ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t at) {
  CHANGE(tracked(fd), ssize_t, REAL(pwrite64)(fd, data, bytes, at), note('W', inode_of[fd], (uint64_t)at, NULL, NULL, data, (uint32_t)result))
}
static void note_parts(int fd, const struct iovec *parts, int count, uint64_t at, uint64_t left) {
  for (int i = 0; i < count && left > 0; i++) {
    uint32_t bytes = (uint32_t)(parts[i].iov_len < left ? parts[i].iov_len : left);
    note('W', inode_of[fd], at, NULL, NULL, parts[i].iov_base, bytes);
    at += bytes;
    left -= bytes;
  }
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
  CHANGE(tracked(fd), ssize_t, REAL(writev)(fd, parts, count),
         note_parts(fd, parts, count, (uint64_t)lseek(fd, 0, SEEK_CUR) - (uint64_t)result, (uint64_t)result))
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
  CHANGE(tracked(fd), ssize_t, REAL(pwritev)(fd, parts, count, at), note_parts(fd, parts, count, (uint64_t)at, (uint64_t)result))
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
  CHANGE(tracked(fd), ssize_t, REAL(pwritev64)(fd, parts, count, at), note_parts(fd, parts, count, (uint64_t)at, (uint64_t)result))
}
int ftruncate(int fd, off_t length) {
  CHANGE(tracked(fd), int, REAL(ftruncate)(fd, length), note('T', inode_of[fd], (uint64_t)length, NULL, NULL, NULL, 0))
}
int ftruncate64(int fd, off64_t length) {
  CHANGE(tracked(fd), int, REAL(ftruncate64)(fd, length), note('T', inode_of[fd], (uint64_t)length, NULL, NULL, NULL, 0))
}

static int synced(int fd) {
  pthread_mutex_lock(&mutex);
  note('S', inode_of[fd], 0, NULL, NULL, NULL, 0);
  pthread_mutex_unlock(&mutex);
  return 0;
}
int fsync(int fd) { return tracked(fd) ? synced(fd) : REAL(fsync)(fd); }
int fdatasync(int fd) { return tracked(fd) ? synced(fd) : REAL(fdatasync)(fd); }

int rename(const char *from, const char *to) { CHANGE(is_ours(from), int, REAL(rename)(from, to), note('R', 0, 0, from, to, NULL, 0)) }
int link(const char *from, const char *to) { CHANGE(is_ours(from), int, REAL(link)(from, to), note('L', 0, 0, from, to, NULL, 0)) }
int unlink(const char *path) { CHANGE(is_ours(path), int, REAL(unlink)(path), note('U', 0, 0, path, NULL, NULL, 0)) }
int rmdir(const char *path) { CHANGE(is_ours(path), int, REAL(rmdir)(path), note('U', 0, 0, path, NULL, NULL, 0)) }
static uint64_t inode_at(const char *path) { struct stat found; return stat(path, &found) == 0 ? number_of(&found) : 0; }
int mkdir(const char *path, mode_t mode) {
  CHANGE(is_ours(path), int, REAL(mkdir)(path, mode), note('M', inode_at(path), 0, path, NULL, NULL, 0))
}
