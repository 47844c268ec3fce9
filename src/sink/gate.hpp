#pragma once

#include <atomic>
#include <thread>

namespace kusto::sink
{

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
        for (int spins = 0; !try_lock(); ++spins)
            if (spins >= spins_before_yield)
                std::this_thread::yield();
    }

    void unlock() noexcept { held_.clear(std::memory_order_release); }

private:
    static constexpr int spins_before_yield = 64;
    std::atomic_flag held_ = ATOMIC_FLAG_INIT;
};

} // namespace kusto::sink
