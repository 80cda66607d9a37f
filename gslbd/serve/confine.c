#include "gslbd/serve/confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ARCHITECTURE 0
#elif defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#define ARCHITECTURE 0
#endif

/* A call that is allowed: go on behind the next line, which allows; or skip it. */
#define ALLOW(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static struct sock_filter calls[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        /* UDP */
        ALLOW(recvmmsg),
        ALLOW(sendmmsg),
        /* TCP and TLS: libevent and OpenSSL */
        ALLOW(epoll_pwait),
#ifdef SYS_epoll_wait
        ALLOW(epoll_wait),
#endif
#ifdef SYS_epoll_pwait2
        ALLOW(epoll_pwait2),
#endif
        ALLOW(epoll_ctl),
        ALLOW(accept4),
        ALLOW(read),
        ALLOW(readv),
        ALLOW(write),
        ALLOW(writev),
        ALLOW(recvfrom),
        ALLOW(recvmsg),
        ALLOW(sendto),
        ALLOW(sendmsg),
        ALLOW(close),
        ALLOW(shutdown),
        ALLOW(ioctl), /* FIONREAD */
        ALLOW(fcntl),
        ALLOW(getsockopt),
        ALLOW(setsockopt),
        ALLOW(getsockname),
        ALLOW(getpeername),
        ALLOW(listen),
        ALLOW(getrandom),
        /* threads, time and memory */
        ALLOW(futex),
        ALLOW(membarrier),
        ALLOW(clock_gettime),
        ALLOW(gettimeofday),
        ALLOW(clock_nanosleep),
        ALLOW(nanosleep),
        ALLOW(sched_yield),
        ALLOW(mmap),
        ALLOW(munmap),
        ALLOW(mremap),
        ALLOW(mprotect),
        ALLOW(madvise),
        ALLOW(brk),
        ALLOW(rt_sigreturn),
        ALLOW(rt_sigprocmask),
        ALLOW(restart_syscall),
        ALLOW(set_robust_list),
        ALLOW(getpid), /* to abort with */
        ALLOW(gettid),
        ALLOW(tgkill),
        ALLOW(exit),
        ALLOW(exit_group),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
};

bool confine_available(void)
{
        return ARCHITECTURE != 0 && prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

bool confine_worker(void)
{
        const struct sock_fprog program = {sizeof(calls) / sizeof(*calls), calls};

        return confine_available() && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
               !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}
