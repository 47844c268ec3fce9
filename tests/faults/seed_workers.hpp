#pragma once

// Consecutive seeds, run by several processes: a worker that crashes or hangs takes no other one
// with it, and leaves its seed behind.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

namespace kusto::faults
{

/// Which seeds are run, and how; see `add_options`.
struct seed_settings
{
    std::uint64_t schedules = 300;
    std::uint64_t seed = 1; ///< of the first one
    double seconds = 0;     ///< no new one after that; 0: no limit
    std::size_t jobs = 1;
    bool trace = false;
    bool print = false;
};

/// What a worker has done, in memory that it shares with its parent: numbers only.
struct seed_tally
{
    std::uint64_t seed; ///< the one at work
    std::uint64_t done, broken, records, longest_ms, longest_seed;

    /// The seed at work has come to its end.
    void count(bool kept_promises, std::uint64_t its_records, std::chrono::milliseconds took);
    void add(seed_tally const& other);
};

/// Zeroes, seen by child processes and their parent. \throws std::runtime_error
class shared_memory
{
public:
    explicit shared_memory(std::size_t size);
    shared_memory(shared_memory const&) = delete;
    shared_memory& operator=(shared_memory const&) = delete;
    ~shared_memory();

    [[nodiscard]] void* data() const noexcept { return data_; }

private:
    std::size_t size_;
    void* data_;
};

/// What a worker is, for `run_seeds`.
struct seed_worker
{
    std::function<seed_tally&(std::size_t worker)> tally;
    std::function<void(std::uint64_t seed, std::size_t worker)> run;
    std::function<std::string(std::uint64_t seed)> describe; ///< of one that killed its worker
    std::chrono::seconds longest;                            ///< for one seed; then it hangs
};

/// \returns false when a worker died; it is named on stdout
[[nodiscard]] bool run_seeds(seed_settings const& with, seed_worker const& what);

/// "N schedules from seed S, N records, N with broken promises, T s, longest T ms (seed S)".
[[nodiscard]] std::string summary(seed_settings const& with, seed_tally const& sum,
                                  std::chrono::duration<double> took);

/// The workers of one program. \tparam Tally  derived from `seed_tally`, with an `add` of its own
template <class Tally>
class seed_workers
{
    static_assert(std::is_trivially_copyable_v<Tally> && std::is_base_of_v<seed_tally, Tally>);

public:
    explicit seed_workers(seed_settings const& with)
        : with_(with),
          memory_(with.jobs * sizeof(Tally)),
          tallies_(static_cast<Tally*>(memory_.data()))
    {
    }

    /// Runs all seeds. \param run  called in a child process
    /// \returns false when a worker died
    [[nodiscard]] bool run(std::function<void(std::uint64_t seed, Tally& tally)> const& run,
                           std::function<std::string(std::uint64_t seed)> describe,
                           std::chrono::seconds longest)
    {
        auto const start = std::chrono::steady_clock::now();
        seed_worker what{[this](std::size_t worker) -> seed_tally& { return tallies_[worker]; },
                         [&](std::uint64_t seed, std::size_t worker)
                         { run(seed, tallies_[worker]); },
                         std::move(describe), longest};
        bool const good = run_seeds(with_, what);
        took_ = std::chrono::steady_clock::now() - start;
        return good;
    }

    [[nodiscard]] Tally sum() const
    {
        Tally all{};
        for (std::size_t i = 0; i < with_.jobs; ++i)
            all.add(tallies_[i]);
        return all;
    }
    [[nodiscard]] std::chrono::duration<double> took() const noexcept { return took_; }

private:
    seed_settings const& with_;
    shared_memory memory_;
    Tally* tallies_;
    std::chrono::duration<double> took_{};
};

} // namespace kusto::faults
