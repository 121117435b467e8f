"""The system calls that reading a file needs, with their numbers; whatever is missing here is
refused: sockets, mounting, tracing, other processes' memory, keys, loading of code into the kernel.

Numbers are those of `asm/unistd_64.h` (x86_64) and `asm-generic/unistd.h` (aarch64).
"""

_TABLE = """
read 0 63, write 1 64, close 3 57, fstat 5 80, lseek 8 62, mmap 9 222, mprotect 10 226,
munmap 11 215, brk 12 214, rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139,
pread64 17 67, pwrite64 18 68, readv 19 65, writev 20 66, sched_yield 24 124, mremap 25 216,
msync 26 227, madvise 28 233, dup 32 23, nanosleep 35 101, getitimer 36 102, setitimer 38 103,
getpid 39 172, sendfile 40 71, execve 59 221, exit 60 93, wait4 61 260, uname 63 160, flock 73 32,
ftruncate 77 46, getcwd 79 17, chdir 80 49, umask 95 166, gettimeofday 96 169,
getrlimit 97 163, getrusage 98 165, sysinfo 99 179, times 100 153, getuid 102 174, getgid 104 176,
geteuid 107 175, getegid 108 177, getppid 110 173, getgroups 115 158, getresuid 118 148,
getresgid 120 150, getpgid 121 155, getsid 124 156, rt_sigtimedwait 128 137, rt_sigsuspend 130 133,
sigaltstack 131 132, statfs 137 43, fstatfs 138 44, sched_getparam 143 121,
sched_getscheduler 145 120, setrlimit 160 164, gettid 186 178, futex 202 98,
sched_getaffinity 204 123, getdents64 217 61, set_tid_address 218 96, restart_syscall 219 128,
fadvise64 221 223, clock_gettime 228 113, clock_getres 229 114, clock_nanosleep 230 115,
exit_group 231 94, epoll_ctl 233 21, waitid 247 95, openat 257 56, mkdirat 258 34,
newfstatat 262 79, unlinkat 263 35, renameat 264 38, readlinkat 267 78,
faccessat 269 48, pselect6 270 72, ppoll 271 73, set_robust_list 273 99,
epoll_pwait 281 22, fallocate 285 47, eventfd2 290 19, epoll_create1 291 20, dup3 292 24,
pipe2 293 59, renameat2 316 276, getrandom 318 278, membarrier 324 283, statx 332 291, rseq 334 293,
close_range 436 436, faccessat2 439 439,
open 2 -, stat 4 -, lstat 6 -, poll 7 -, access 21 -, pipe 22 -, select 23 -, dup2 33 -,
pause 34 -, alarm 37 -, fork 57 -, vfork 58 -, rename 82 -, mkdir 83 -, rmdir 84 -, unlink 87 -,
readlink 89 -, getpgrp 111 -, arch_prctl 158 -, time 201 -, epoll_create 213 -, epoll_wait 232 -
"""
MACHINES = {"x86_64": 1, "aarch64": 2}
"""Machines that the filter is written for, and the column of their numbers."""

# Decided by their arguments, see `call_filter`.
CLONE = {"x86_64": 56, "aarch64": 220}
PRCTL = {"x86_64": 157, "aarch64": 167}
IOCTL = {"x86_64": 16, "aarch64": 29}
FCNTL = {"x86_64": 72, "aarch64": 25}
PRLIMIT = {"x86_64": 302, "aarch64": 261}
SIGNALS = {"x86_64": (62, 234), "aarch64": (129, 131)}
"""kill and tgkill."""


def numbers(machine: str) -> list[int]:
    """Return the numbers of the calls that are allowed whatever their arguments."""
    rows = (entry.split() for entry in _TABLE.replace("\n", " ").split(","))
    found = (row[MACHINES[machine]] for row in rows)
    return [int(number) for number in found if number != "-"]
