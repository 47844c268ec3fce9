#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <vector>

namespace kusto::faults
{

/// Decisions from a seed, the same ones with every standard library (its distributions differ).
class dice
{
public:
    explicit dice(std::uint64_t seed) : engine_(seed) {}

    /// 0 to `n - 1`.
    std::uint64_t below(std::uint64_t n) { return engine_() % n; }
    std::uint64_t between(std::uint64_t least, std::uint64_t most)
    {
        return least + below(most - least + 1);
    }
    bool chance(std::uint64_t percent) { return below(100) < percent; }
    std::chrono::milliseconds ms(std::uint64_t least, std::uint64_t most)
    {
        return std::chrono::milliseconds(between(least, most));
    }
    template <class T>
    T const& one_of(std::vector<T> const& values)
    {
        return values[below(values.size())];
    }

private:
    std::mt19937_64 engine_;
};

} // namespace kusto::faults
