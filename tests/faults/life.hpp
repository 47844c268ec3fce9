#pragma once

// Runs one schedule: a cluster, a sink, producers, faults, the end, and the verdict.

#include "io_runner.hpp"
#include "oracle.hpp"
#include "schedule.hpp"
#include "undelivered_store.hpp"

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <kusto/client.hpp>
#include <kusto/emulator/cluster.hpp>
#include <kusto/log.hpp>
#include <kusto/sink.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace kusto::faults
{

/// What became of a schedule.
struct verdict
{
    std::vector<std::string> violations; ///< empty: the sink kept its promises
    std::string outcome;                 ///< see `outcome_word`
    std::uint64_t records = 0;           ///< accepted
    std::chrono::milliseconds took{};
};

/// Runs a schedule to its end. \param log  gets the library's events from `trace` on, if given
[[nodiscard]] verdict run(schedule const& what, log_function log = {});

/// One life of a sink. Members are shared by the producers' threads, the sampler and the caller.
class life
{
public:
    life(schedule const& what, log_function log);
    life(life const&) = delete;
    life& operator=(life const&) = delete;
    ~life();

    /// Everything, once.
    [[nodiscard]] observation live();

private:
    using clock = std::chrono::steady_clock;
    using milliseconds = std::chrono::milliseconds;

    [[nodiscard]] connection_options connection(log_function log) const;
    [[nodiscard]] write_options options();

    // producers.cpp
    [[nodiscard]] boost::asio::awaitable<void> produce(std::size_t producer);
    [[nodiscard]] boost::asio::awaitable<bool> write(std::size_t producer, std::int64_t id);
    [[nodiscard]] boost::asio::awaitable<void> hand_to_sink(std::size_t producer, std::int64_t id);
    [[nodiscard]] boost::asio::awaitable<void> act(user_action what, std::int64_t id);
    [[nodiscard]] boost::asio::awaitable<void> flush(user_action what);
    [[nodiscard]] boost::asio::awaitable<delivery_report> start_flush(user_action what);
    [[nodiscard]] boost::asio::awaitable<void> write_once(std::int64_t id);

    void start_producers();
    void sample();
    void accept(std::int64_t id);
    void violation(std::string what);
    [[nodiscard]] bool producers_end(milliseconds within);

    // The end, of one kind or another.
    void end();
    void close();
    void destroy();
    [[nodiscard]] bool close_once(milliseconds deadline);
    void stop_sampler();
    void wait_for_empty_budget();
    void check_reports_agree();
    void dissolve();
    void look_at_table();

    schedule const what_;
    undelivered_store store_;
    temporary_directory directory_;
    emulator::cluster cluster_;
    std::optional<io_runner> io_;
    std::optional<client> service_;
    std::optional<batching_sink> sink_;
    std::vector<sink_writer> writers_; ///< they may be used when the sink is gone

    std::mutex mutex_;
    std::condition_variable changed_;
    observation seen_;
    std::vector<delivery_report> reports_;
    std::size_t producing_ = 0;
    bool sampling_ = true;
    std::thread sampler_;
};

} // namespace kusto::faults
