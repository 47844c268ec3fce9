#pragma once

// One seed, one life of a sink under faults.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <kusto/compression.hpp>
#include <kusto/emulator/faults.hpp>
#include <kusto/options.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::faults
{

/// What happens beside writing.
enum class action_kind : std::uint8_t
{
    flush_queued,
    flush_ingested, ///< without statuses: must be refused with `invalid_option`
    acknowledged,   ///< of the first writer
    cancelled_flush,
    cancelled_write
};

/// Something that producer 0 does before it writes its record number `at`.
struct user_action
{
    action_kind kind;
    std::size_t at;
    std::chrono::microseconds cancel_after;
    std::chrono::milliseconds deadline;
};

/// How a sink's life ends.
enum class ending : std::uint8_t
{
    close,            ///< with `close_after`
    close_twice,      ///< one after the other, and a third one beside the first
    destroy,          ///< without close
    stop_and_destroy, ///< the io_context stops, then the sink is destroyed
    stop_and_close    ///< the io_context stops and runs again, then close
};

/// Everything that one run decides by chance, so that it can be printed and repeated.
struct schedule
{
    std::uint64_t seed = 0;
    bool tls = false;
    std::size_t io_threads = 1;
    std::size_t cluster_threads = 1;
    std::size_t accounts = 2;

    emulator::fault_script script;
    /// All faults are such that a patient sink delivers everything.
    bool recovers = true;
    /// Rules against a service that never comes back.
    bool outage = false;

    std::size_t producers = 1;
    std::size_t records = 0; ///< of each producer
    std::size_t text_size = 0;
    std::chrono::microseconds pause{}; ///< of a producer, now and then
    std::vector<user_action> actions;

    std::size_t parallelism = 1;
    std::size_t uploads_in_flight = 4;
    std::uint64_t batch_size = 100;
    std::uint64_t block_size = 64 << 10;
    std::size_t compression_threads = 1;
    compression how = compression::zlib(1);
    std::uint64_t byte_budget = 64 << 20;
    std::chrono::milliseconds batch_interval{};
    delivery_guarantee guarantee = delivery_guarantee::at_least_once;
    failure_policy::kind policy = failure_policy::kind::hand_over;
    bool take_throws = false; ///< the user's function throws once
    bool poll = false;
    std::chrono::milliseconds status_timeout{};
    bool flush_immediately = false;
    bool verify_table = true;
    bool try_write = false; ///< producers use `try_write` where it says yes

    int attempts = 3;
    std::chrono::milliseconds retry_base{}, retry_cap{};
    std::chrono::milliseconds request_timeout{};
    std::chrono::milliseconds delivery_timeout{}; ///< 0: none

    ending end = ending::close;
    std::chrono::milliseconds write_for{};   ///< then the end comes, whether all is written or not
    std::chrono::milliseconds close_after{}; ///< deadline of `close`

    [[nodiscard]] bool has(emulator::fault_action action) const noexcept;
};

/// The schedule of a seed: always the same one, but under a sanitizer with longer request timeouts,
/// and with other compressors where the library has others.
[[nodiscard]] schedule make_schedule(std::uint64_t seed);

/// For people, and for a report of a bug.
[[nodiscard]] std::string to_json(schedule const& what);

[[nodiscard]] std::string_view to_string(ending value) noexcept;
/// The rule's action as it is spelled in scripts.
[[nodiscard]] std::string action_name(emulator::fault const& rule);

} // namespace kusto::faults
