#pragma once

#include <atomic>
#include <thread>

namespace kusto::sink
{

/// What to do between two attempts to enter a gate: its holder is through in a few dozen
/// nanoseconds, much less than a system call takes, unless it was preempted.
class gate_backoff
{
public:
    void wait() noexcept
    {
        if (++attempts_ % spins_before_yield == 0)
            std::this_thread::yield();
        else
            relax();
    }

private:
    static void relax() noexcept
    {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ __volatile__("yield");
#endif
    }

    static constexpr unsigned spins_before_yield = 8;
    unsigned attempts_ = 0;
};

/// A spin lock for a few dozen nanoseconds: what it protects neither blocks, nor allocates on the
/// usual path, nor calls unknown code. Satisfies Lockable.
///
/// If its holder is preempted, who wants this very gate yields its processor until the holder runs
/// again; writes that may go to any writer try the others first.
class gate
{
public:
    [[nodiscard]] bool try_lock() noexcept
    {
        return !held_.test_and_set(std::memory_order_acquire);
    }

    void lock() noexcept
    {
        for (gate_backoff backoff; !try_lock();)
            backoff.wait();
    }

    void unlock() noexcept { held_.clear(std::memory_order_release); }

private:
    std::atomic_flag held_ = ATOMIC_FLAG_INIT;
};

} // namespace kusto::sink
